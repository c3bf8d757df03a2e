import Checks
import Domain
import Git
import Processes
import Store

/// What a lane reports to the engine's loop.
enum CheckReport: Sendable {
  /// The verdict of the run with this number.
  case checked(Int, CheckResult, base: CheckResult?, setupFailure: SetupFailure?)
  case stagingStarted(Engine.CandidateKey, check: String)
  case stagingFinished(Engine.CandidateKey, CheckResult)
  /// What the checks of landings came to.
  case watched(WatchedLandings)
  /// What a command that settles a conflict came to.
  case resolved(ResolutionRequest, Rewriting)
  /// The pipeline has run, or its first failing check ended it.
  case staged(Engine.CandidateKey, Int, [CheckResult], setupFailure: SetupFailure?)
  /// What an exchange with the upstream came to.
  case delivered(UpstreamJob, Result<UpstreamAnswer, UpstreamFailure>)
}

extension Engine {
  /// A check's name across all trains.
  struct RunKey: Hashable {
    let target: String
    let check: CheckKey
  }

  /// Runs a check of a candidate; whose submissions it decides is told to them.
  func run(_ check: CheckKey, on key: CandidateKey, for members: [SubmissionID], again: Bool) throws {
    if again { try compareAnew(check, on: key.target) }
    guard let built = integrations[key]?.built, let planned = built.checks.first(where: { $0.judgedKey == check })
    else { preconditionFailure("a check is run of what was built with it") }
    for candidate in path(to: key) {
      guard let member = integrations[candidate]?.request.id, members.contains(member) else { continue }
      try tellBeginning(candidate, testedWith: members.count - 1)
      record([event(.checkStarted(request(of: candidate), check: planned.check.name), of: member)])
    }
    runsMade += 1
    let run = RunningCheck(
      target: key.target, planned: planned, excuses: built.excuses, members: members, number: runsMade,
      isAgain: again)
    runs[RunKey(target: key.target, check: check)] = run
    jobs.append(
      CheckJob(
        number: run.number, planned: planned, place: place(of: key, built), isAgain: again,
        measuresBase: try measuresBase(of: planned), stop: run.stop))
  }

  /// Compares a check with what its target holds now: what landed since must not weigh on those who come after it.
  private func compareAnew(_ check: CheckKey, on target: String) throws {
    guard let tip = try objects.tip(of: SluiceRef.branch(target)) else { return }
    let tree = try objects.commit(tip).tree
    for (key, running) in integrations where key.target == target {
      guard let built = running.built,
        let index = built.checks.firstIndex(where: { $0.judgedKey == check && $0.isComparison })
      else { continue }
      let environment = CheckEnvironment(policy: built.policy.policy, settings: settings)
      let base = BaseTree(tree: tree, setup: checkKeys.setup(environment, tree: tree))
      var planned = built.checks[index]
      checkKeys.compare(&planned, with: base, environment: environment)
      integrations[key]?.built?.checks[index] = planned
    }
  }

  func stop(_ check: CheckKey, on target: String) {
    runs.removeValue(forKey: RunKey(target: target, check: check))?.stop.raise()
  }

  func place(of key: CandidateKey, _ built: BuiltCandidate) -> CheckPlace {
    guard let integration = integrations[key]?.record.id else { preconditionFailure("only what is built has a place") }
    return CheckPlace(
      integration: integration, tree: built.tree, setup: built.setup, sandbox: built.policy.policy.sandbox)
  }

  /// Takes in what a lane reports.
  func receive(_ report: CheckReport) throws {
    switch report {
    case .checked(let number, let result, let base, let setupFailure):
      guard let (key, run) = runs.first(where: { $0.value.number == number }) else { return }
      runs[key] = nil
      if let base { keep(base) }
      try checked(key, run, result, setupFailure)
    case .stagingStarted(let key, let check):
      guard let running = integrations[key] else { return }
      record([event(.checkStarted(running.request, check: check), of: running.request.id)])
    case .stagingFinished(let key, let result):
      guard let running = integrations[key] else { return }
      record(finished(result, running.request))
    case .resolved(let request, let rewriting): try resolved(request, rewriting)
    case .watched(let landings): try watched(landings)
    case .staged(let key, let number, let results, let setupFailure): staged(key, number, results, setupFailure)
    case .delivered(let job, let result): try delivered(job, result)
    }
  }

  private func checked(
    _ key: RunKey, _ run: RunningCheck, _ result: CheckResult, _ setupFailure: SetupFailure?
  ) throws {
    var result = result
    if run.isAgain, result.verdict == .passed, let before = verdicts[run.planned.verdictKey]?.result,
      !before.verdict.holds
    {
      // It failed together with others and holds alone, on the very same inputs.
      result.verdict = .flaky
      result.reason = "passed when it was run again, after: \(before.reason ?? before.verdict.rawValue)"
      result.failures = before.failures
    }
    keep(result)
    if result.verdict != .notRun { prediction.learn(CheckSeconds(check: result.name, seconds: result.seconds)) }
    verdicts[run.planned.verdictKey]?.setupFailure = setupFailure
    let judgement = try judge(run.planned, result, run.excuses)
    for member in run.members {
      guard let request = open[member]?.request else { continue }
      record([event(.checkFinished(request, judgement), of: member)])
      if !judgement.holds, run.members.count > 1 {
        let others = run.members.count - 1
        let reason = "it failed together with \(others) other\(others == 1 ? "" : "s"): finding out whose fault it is"
        record([event(.requeued(request, reason: reason), of: member)])
      }
    }
    tell(key.target, .checked(key.check, judgement.holds ? .passed : .failed))
  }

  func finished(_ result: CheckResult, _ request: SubmissionRequest) -> [LedgerChange] {
    let told = event(.checkFinished(request, Judgement(result)), of: request.id)
    return result.verdict == .notRun ? [told] : [told, .checkResult(result)]
  }

  /// Refuses a submission for what was seen of its candidate.
  func reject(_ key: CandidateKey) throws {
    guard var running = integrations[key] else { return }
    try tellBeginning(key, testedWith: 0)
    if let quarantine = try quarantine(for: running) {
      running.isTold = true
      running.record.checks = try running.built.map(results) ?? []
      try isolate(running, quarantine)
      try forget(key)
      return end(running.request.id, .quarantined, nil)
    }
    var refusal = try offeringRebased(upToDate(running.refusal ?? refusal(of: running)), running)
    if refusal.hint == nil {
      refusal.hint =
        "mend it, commit, and push to refs/heads/submit/\(running.request.name) again"
    }
    running.isTold = true
    running.record.checks =
      try running.built.map { reviewResults(of: $0, running.request) + (try results(of: $0)) } ?? []
    running.record.state = .failed
    running.record.endedAt = clock.seconds
    let report = try report(of: running, refusal: refusal)
    running.record.report = report.json.compact
    record([.integration(running.record)])
    var end = SubmissionEnd(.rejected, target: key.target)
    end.integration = running.record.id
    end.refusal = refusal
    try forget(key)
    finish(running.request, end, feedback: report.feedback)
  }

  private func refusal(of running: RunningIntegration) throws -> Refusal {
    guard let built = running.built else { return Refusal(.infrastructure, "it could not be built") }
    let setupFailure = built.checks.lazy.compactMap { self.verdicts[$0.verdictKey]?.setupFailure }.first
    return try CheckOutcome.refusal(
      judgements(of: built), of: built.policy.policy, setupFailure: setupFailure?.reason,
      output: setupFailure?.output ?? []) ?? Refusal(.infrastructure, "its checks hold, and yet it was refused")
  }

  /// Ends a dry run that passed.
  func verify(_ key: CandidateKey) throws {
    guard var running = integrations[key], let built = running.built else { return }
    try tellBeginning(key, testedWith: 0)
    running.isTold = true
    running.record.checks = try results(of: built)
    running.record.state = .verified
    running.record.endedAt = clock.seconds
    running.record.report = try report(of: running, refusal: nil).json.compact
    record([.integration(running.record)])
    var end = SubmissionEnd(.verified, target: key.target)
    end.integration = running.record.id
    try forget(key)
    finish(running.request, end)
  }
}
