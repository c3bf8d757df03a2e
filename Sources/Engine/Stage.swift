import Domain
import Git
import GitProgram
import Processes
import Store

extension Engine {
  /// Shows a proven candidate and all in its path as `staging/<id>`, and runs the deployment checks of the policy on it.
  func stage(_ key: CandidateKey) throws {
    guard let built = integrations[key]?.built else { return }
    let path = path(to: key)
    var shown: [RefUpdate] = []
    for member in path {
      try tellBeginning(member, testedWith: path.count - 1)
      guard let candidate = integrations[member]?.built, let id = integrations[member]?.record.id else { continue }
      // What proves the last of the path proves all in it.
      let reviewed = reviewResults(of: candidate, request(of: member))
      integrations[member]?.record.checks = try reviewed + results(of: built)
      integrations[member]?.record.state = .staged
      // One that failed in company is there already when it is tried with fewer.
      if integrations[member]?.isShown == false {
        shown.append(.create(SluiceRef.staging(id), candidate.commit))
        if settings.upstream != nil { shown.append(.create(SluiceRef.delivered(id), candidate.commit)) }
      }
    }
    if case .lost(let words) = try pinCandidates(with: shown) {
      return tell(key.target, .staged(key.candidate, notShown(key, words)))
    }
    failpoint("prom.after_staging")
    guard settings.upstream == nil else { return stageAtUpstream(key) }
    try beginPipeline(key)
  }

  /// Says that a candidate is staged, and runs the deployment checks of its policy.
  func beginPipeline(_ key: CandidateKey) throws {
    guard let running = integrations[key], let built = running.built else { return }
    for member in path(to: key) { try recordStaged(member) }
    let pipeline = built.policy.policy.staging
    deploymentsMade += 1
    var deployment = Deployment(number: deploymentsMade, built.policy.policy.delivery, at: clock.monotonic)
    deployment.checksHold = pipeline.isEmpty
    integrations[key]?.deployment = deployment
    integrations[key]?.staging = []
    integrations[key]?.refusal = nil
    askContexts(key, deployment)
    decide(key)
    guard !pipeline.isEmpty, integrations[key]?.deployment != nil else { return }
    let environment = CheckEnvironment(policy: built.policy.policy, settings: settings)
    stagingJobs.append(
      StagingJob(
        number: deployment.number, key: key,
        checks: pipeline.map {
          PlannedCheck($0, key: checkKeys.key($0, tree: built.tree, environment: environment))
        }, place: place(of: key, built), stop: deployment.stop))
  }

  /// What a pipeline that cannot begin comes to: another attempt, or, when that has happened often enough, a refusal.
  private func notShown(_ key: CandidateKey, _ words: String) -> Train.Outcome {
    guard let first = path(to: key).first else { return .stale }
    guard let refusal = afterBreakdown(of: request(of: first), EngineError.git("update-ref", words)) else {
      return .stale
    }
    integrations[key]?.refusal = refusal
    return .refused
  }

  /// Writes what becomes true when a candidate is staged.
  private func recordStaged(_ key: CandidateKey) throws {
    guard let running = integrations[key], var submission = open[running.request.id] else { return }
    let request = running.request
    submission.state = .staged
    submission.integration = running.record.id
    open[request.id] = submission
    integrations[key]?.record.report = try report(of: running, refusal: nil).json.compact
    record([.submission(submission), .integration(integrations[key]?.record ?? running.record)])
    guard !running.isShown else { return }
    integrations[key]?.isShown = true
    record([
      event(.integrationSuccess(request, integration: running.record.id), of: request.id),
      event(.deploymentStarted(request, integration: running.record.id), of: request.id),
    ])
  }

  /// Takes in what the checks of a deployment came to.
  func staged(_ key: CandidateKey, _ number: Int, _ results: [CheckResult], _ setupFailure: SetupFailure?) {
    guard integrations[key]?.deployment?.number == number else { return }
    integrations[key]?.staging = results
    if let refusal = stagingRefusal(results, setupFailure) { return endDeployment(key, refusal) }
    integrations[key]?.deployment?.checksHold = true
    decide(key)
  }

  /// Ends a deployment that does not hold.
  func endDeployment(_ key: CandidateKey, _ refusal: Refusal) {
    integrations[key]?.deployment?.stop.raise()
    integrations[key]?.deployment = nil
    integrations[key]?.refusal = refusal
    tell(key.target, .staged(key.candidate, .refused))
  }

  private func stagingRefusal(_ results: [CheckResult], _ setupFailure: SetupFailure?) -> Refusal? {
    if let setupFailure {
      return Refusal(
        .deploymentFailed, "setup failed on staging: \(setupFailure.reason)", details: setupFailure.output)
    }
    guard let failed = results.first(where: { !$0.verdict.holds }) else { return nil }
    return Refusal(
      .deploymentFailed, "\(failed.name) \(failed.reason ?? failed.verdict.rawValue)", details: failed.outputTail)
  }

  /// Drops a candidate that will not land as it is; whose it was is told, where it was told of the candidate.
  func abandon(_ key: CandidateKey) throws {
    guard var running = integrations[key], !isLandingAtUpstream(key) else { return }
    running.stop.raise()
    running.deployment?.stop.raise()
    if running.isTold {
      running.record.state = .abandoned
      running.record.endedAt = clock.seconds
      record([.integration(running.record)])
      if open[running.request.id]?.integration == running.record.id, open[running.request.id]?.state.isEnd == false {
        let reason = "what stood ahead of it has changed: integrating again"
        record([event(.requeued(running.request, reason: reason), of: running.request.id)])
      }
    }
    try forget(key)
  }

  /// Removes what is kept of a candidate: its refs, its files, its entry.
  func forget(_ key: CandidateKey) throws {
    guard let running = integrations.removeValue(forKey: key) else { return }
    if running.isTold { try removeRefs(of: running.record.id) }
    guard let tree = running.built?.tree, !integrations.values.contains(where: { $0.built?.tree == tree }) else {
      return
    }
    lane.release(tree)
  }

  /// Removes the staging ref and the pin of an integration, where they exist.
  private func removeRefs(of integration: IntegrationID) throws {
    let pin = SluiceRef.candidate(integration)
    if pins.contains(where: { if case .create(pin, _) = $0 { true } else { false } }) {
      pins.removeAll { if case .create(pin, _) = $0 { true } else { false } }
    }
    for name in [SluiceRef.staging(integration), pin] {
      if let tip = try objects.tip(of: name) { unpins.append(.delete(name, expecting: tip)) }
    }
  }

  /// Keeps the candidates that are told of alive, in one transaction with what else is to appear.
  func pinCandidates(with more: [RefUpdate] = []) throws -> RefTransactionOutcome {
    let updates = pins + more
    pins = []
    guard !updates.isEmpty else { return .committed }
    let outcome = try refs.commit(updates)
    failpoint("merge.after_pin")
    return outcome
  }
}
