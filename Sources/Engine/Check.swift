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
    running.results = known
    running.unwritten += known.map { event(.checkFinished(running.request, result: $0), of: running.request.id) }
    let rest = job.without(known: known)
    if let first = rest.checks.first?.check.name {
      running.unwritten.append(event(.checkStarted(running.request, check: first), of: running.request.id))
    }
    integrations[key] = running
    guard !rest.checks.isEmpty else { return try conclude(key, known, setupFailure: nil) }
    try write(key)
    lane.run(rest)
  }

  /// Writes what has become true for an integration since the last write.
  func write(_ key: CandidateKey, and more: [LedgerChange] = []) throws {
    let changes = (integrations[key]?.unwritten ?? []) + more
    integrations[key]?.unwritten = []
    if !changes.isEmpty { try persist(changes) }
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
      try write(key, and: [event(.checkStarted(running.request, check: check), of: running.request.id)])
    case .finished(let key, let result):
      guard let running = integrations[key] else { return }
      try write(key, and: finished(result, running.request))
    case .done(let key, let purpose, let results, let setupFailure):
      guard let running = integrations[key] else { return }
      if let last = results.last { integrations[key]?.unwritten += finished(last, running.request) }
      switch purpose {
      case .staging: tell(key.target, .staged(key.candidate, stagingOutcome(results, setupFailure)))
      case .proof: try conclude(key, running.results + results, setupFailure: setupFailure)
      }
    }
  }

  private func finished(_ result: CheckResult, _ request: SubmissionRequest) -> [LedgerChange] {
    let told = event(.checkFinished(request, result: result), of: request.id)
    return result.verdict == .notRun ? [told] : [told, .checkResult(result)]
  }

  /// Decides what the results mean for the candidate and writes them down.
  private func conclude(_ key: CandidateKey, _ results: [CheckResult], setupFailure: SetupFailure?) throws {
    guard var running = integrations[key], let built = running.built else { return }
    let order = built.policy.policy.checks.map(\.name)
    running.results = order.compactMap { name in results.first { $0.name == name } }
    running.record.checks = running.results
    var refusal = CheckOutcome.refusal(
      running.results, of: built.policy.policy, setupFailure: setupFailure?.reason,
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
    if refusal != nil || running.request.options.isDryRun { try write(key, and: [.integration(running.record)]) }
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
