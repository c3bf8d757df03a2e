import Checks
import Domain
import Git
import Processes
import Store

/// What a lane reports to the engine's loop.
enum CheckReport: Sendable {
  case started(Engine.CandidateKey, check: String)
  case finished(Engine.CandidateKey, CheckResult)
  /// All commands have run, or the first failing one ended the run.
  case done(Engine.CandidateKey, CheckPurpose, [CheckResult], setupFailure: SetupFailure?)
}

/// Why checks run: to prove a candidate, or as its deployment pipeline.
enum CheckPurpose: Sendable { case proof, staging }

extension Engine {
  /// Runs the policy's checks on a candidate; verdicts that are known for the same inputs are taken from the ledger.
  func check(_ key: CandidateKey) throws {
    guard var running = integrations[key], let built = running.built else { return }
    let job = job(key, running, built.policy.policy.checks, purpose: .proof)
    var known: [CheckResult] = []
    for planned in job.checks {
      if let result = try knownResult(planned, isRetry: running.request.options.isRetry) { known.append(result) }
    }
    guard known.count == job.checks.count else {
      running.results = known
      integrations[key] = running
      return lane.run(job.without(known: known))
    }
    var changes: [LedgerChange] = []
    for result in known {
      changes.append(event(.checkFinished(running.request, result: result), of: running.request.id))
    }
    try persist(changes)
    try conclude(key, known, setupFailure: nil)
  }

  /// A verdict of the same check on the same inputs; what could not run is never known, what failed only until a retry.
  private func knownResult(_ planned: PlannedCheck, isRetry: Bool) throws -> CheckResult? {
    guard var result = try ledger.checkResult(planned.key) else { return nil }
    switch result.verdict {
    case .passed, .flaky: break
    case .failed where !isRetry: break
    case .failed, .notRun, .timedOut: return nil
    }
    result.isCached = true
    return result
  }

  /// What a lane needs to run checks on a candidate.
  func job(
    _ key: CandidateKey, _ running: RunningIntegration, _ checks: [Policy.Check], purpose: CheckPurpose
  ) -> CheckJob {
    guard let built = running.built else { preconditionFailure("only what is built is checked") }
    let environment = CheckEnvironment(policy: built.policy.policy, settings: settings)
    return CheckJob(
      key: key, purpose: purpose, integration: running.record.id, tree: built.tree, policy: built.policy.policy,
      checks: checks.map { PlannedCheck(check: $0, key: checkKey($0, tree: built.tree, environment: environment)) },
      stop: running.stop)
  }

  /// Takes in what a lane reports.
  func receive(_ report: CheckReport) throws {
    switch report {
    case .started(let key, let check):
      guard let running = integrations[key] else { return }
      try persist([event(.checkStarted(running.request, check: check), of: running.request.id)])
    case .finished(let key, let result):
      guard let running = integrations[key] else { return }
      var changes: [LedgerChange] = [event(.checkFinished(running.request, result: result), of: running.request.id)]
      if result.verdict != .notRun { changes.append(.checkResult(result)) }
      try persist(changes)
    case .done(let key, let purpose, let results, let setupFailure):
      guard let running = integrations[key] else { return }
      switch purpose {
      case .staging: tell(key.target, .staged(key.candidate, stagingOutcome(results, setupFailure)))
      case .proof: try conclude(key, running.results + results, setupFailure: setupFailure)
      }
    }
  }

  /// Decides what the results mean for the candidate and writes them down.
  private func conclude(_ key: CandidateKey, _ results: [CheckResult], setupFailure: SetupFailure?) throws {
    guard var running = integrations[key], let built = running.built else { return }
    let order = built.policy.policy.checks.map(\.name)
    running.results = order.compactMap { name in results.first { $0.name == name } }
    running.record.checks = running.results
    var refusal = CheckOutcome.refusal(running.results, of: built.policy.policy, setupFailure: setupFailure?.reason,
      output: setupFailure?.output ?? [])
    let name = running.request.name
    refusal?.hint =
      "mend it, commit, and push to refs/heads/submit/\(name) again ('sluice log \(running.record.id.text) CHECK' on the server shows all output)"
    running.record.state = refusal == nil ? .staged : .failed
    if refusal != nil { running.record.endedAt = clock.seconds }
    if refusal == nil, running.request.options.isDryRun {
      running.record.state = .verified
      running.record.endedAt = clock.seconds
    }
    running.record.report = report(of: running, refusal: refusal)
    integrations[key] = running
    if refusal != nil || running.request.options.isDryRun { try persist([.integration(running.record)]) }
    tell(key.target, .checked(key.candidate, refusal.map(Train.Outcome.refused) ?? .held))
  }

  private func stagingOutcome(_ results: [CheckResult], _ setupFailure: SetupFailure?) -> Train.Outcome {
    if let setupFailure {
      return .refused(
        Refusal(
          .deploymentFailed, "setup failed on staging: \(setupFailure.reason)", details: setupFailure.output))
    }
    guard let failed = results.first(where: { !$0.verdict.holds }) else { return .held }
    return .refused(
      Refusal(
        .deploymentFailed, "\(failed.name) \(failed.reason ?? failed.verdict.rawValue)", details: failed.outputTail))
  }

  /// The seed document's report, as one line of JSON.
  func report(of running: RunningIntegration, refusal: Refusal?) -> String {
    var report = IntegrationReport(running.record, validatedAt: clock.seconds, failure: refusal?.category)
    report.hasMergeConflicts = refusal?.category == .mergeConflicts
    report.migrationRequired = running.built?.work.package.documentation.migrationRequired
    return report.json.compact
  }
}
