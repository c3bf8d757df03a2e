import Checks
import Domain

/// Performance: a check run on base and candidate in turn.
extension CheckWorkshop {
  /// Runs a check on base and candidate in pairs until its budget is decided, with nothing else beside it.
  ///
  /// Before the first pair each side runs once uncounted, so that caches are as warm for one as for the other. Pairs begin
  /// with the base and with the candidate in turn, so that what drifts meanwhile strikes both alike.
  /// - Bound: two runs for each pair of the plan's last look, and two more; each ends at the check's timeout.
  func compare(_ job: CheckJob, with base: BaseCheck, _ budget: Policy.Budget, tell: (CheckReport) -> Void) {
    let planned = job.planned
    if base.key == planned.key { return tell(.checked(job.number, .unchanged(planned), base: nil, setupFailure: nil)) }
    let basePlace = CheckPlace(
      integration: job.place.integration, tree: base.tree, setup: base.setup, sandbox: job.place.sandbox)
    switch use(job.place, job.stop) {
    case .stopped: return
    case .failed(let failure):
      tell(.checked(job.number, .unprepared(planned, failure), base: nil, setupFailure: failure))
    case .ready(let candidate):
      defer { release(base.tree) }
      var comparison = Comparison(job, base, budget, candidate: candidate, runner: runner)
      switch use(basePlace, job.stop) {
      case .stopped: return
      case .failed(let failure): comparison.nothing = "the setup fails on the base: \(failure.reason)"
      case .ready(let worktree): comparison.baseWorktree = worktree
      }
      guard let result = comparison.run() else { return }
      tell(.checked(job.number, result, base: comparison.firstOfBase, setupFailure: nil))
    }
  }
}

/// The runs of one comparison.
private struct Comparison {
  private let job: CheckJob
  private let base: BaseCheck
  private let budget: Policy.Budget
  private let candidate: Worktree
  private let runner: CheckRunner
  private let plan: CheckPlan
  var baseWorktree: Worktree?
  /// Why there is nothing to compare with.
  var nothing: String?
  private(set) var firstOfBase: CheckResult?
  private var seconds = 0.0
  private var flake: CheckResult?

  init(_ job: CheckJob, _ base: BaseCheck, _ budget: Policy.Budget, candidate: Worktree, runner: CheckRunner) {
    self.job = job
    self.base = base
    self.budget = budget
    self.candidate = candidate
    self.runner = runner
    plan = CheckPlan(integration: job.place.integration, sandbox: job.place.sandbox)
  }

  /// Runs to the end; nil where it was stopped.
  mutating func run() -> CheckResult? {
    guard let first = runCandidate() else { return nil }
    guard first.verdict.holds else { return ended(first, .alone(reason: "it does not hold by itself")) }
    if let missing = budget.metrics.first(where: { budgeted in !first.metrics.contains { $0.name == budgeted.name } }) {
      var result = first
      result.verdict = .notRun
      result.reason =
        "wrote no metric named \(Printable.line(missing.name, max: 100)) to $SLUICE_RESULTS/metrics.json, and the policy has a budget for it"
      return ended(result, .alone(reason: "a metric is missing"))
    }
    if let nothing { return ended(first, .alone(reason: nothing)) }
    guard let ofBase = runBase() else { return nil }
    firstOfBase = ofBase
    guard ofBase.verdict.holds else { return ended(first, .alone(reason: Self.failing(ofBase))) }
    var measurement = PairedMeasurement(budget: budget, base: ofBase)
    var count = 0
    var last = first
    while let wanted = measurement.pairsWanted {
      while count < wanted {
        let isBaseFirst = count % 2 == 0
        let early = isBaseFirst ? runBase() : nil
        if isBaseFirst, early == nil { return nil }
        guard let now = runCandidate() else { return nil }
        guard now.verdict.holds else { return ended(now, .alone(reason: "it does not hold by itself")) }
        guard let before = early ?? runBase() else { return nil }
        guard before.verdict.holds else { return ended(now, .alone(reason: Self.failing(before))) }
        measurement.add(base: .init(before), candidate: .init(now))
        last = now
        count += 1
      }
    }
    return ended(last, measurement.impact)
  }

  private static func failing(_ base: CheckResult) -> String {
    "it does not hold on the base, where it \(base.reason ?? base.verdict.rawValue)"
  }

  /// The result of the whole: that of one run on the candidate, with the time of all runs and what the comparison says.
  private func ended(_ run: CheckResult, _ impact: PerformanceImpact) -> CheckResult {
    var result = run
    result.seconds = seconds
    result.performance = impact
    if let flake, result.verdict == .passed {
      result.verdict = .flaky
      result.reason = flake.reason
      result.failures = flake.failures
    }
    guard result.verdict.holds else { return result }
    if let objection = impact.objection {
      result.verdict = .failed
      result.reason = objection
    } else if result.verdict == .passed {
      result.reason = impact.caveat
    }
    return result
  }

  private mutating func runCandidate() -> CheckResult? {
    let result = runner.run(
      job.planned.check, key: job.planned.verdictKey, on: candidate, as: plan, shouldStop: { job.stop.isRaised })
    if let result { seconds += result.seconds }
    if result?.verdict == .flaky { flake = result }
    return result
  }

  private mutating func runBase() -> CheckResult? {
    guard let baseWorktree else { preconditionFailure("without its files the base is not run") }
    var check = job.planned.check
    // Its log stands beside the candidate's.
    check.name += ".base"
    guard
      var result = runner.run(
        check, key: base.key, on: baseWorktree, as: plan, shouldStop: { job.stop.isRaised })
    else { return nil }
    seconds += result.seconds
    result.name = job.planned.check.name
    return result
  }
}

extension CheckResult {
  /// What a comparison of the same inputs comes to without a run.
  static func unchanged(_ planned: PlannedCheck) -> CheckResult {
    var result = CheckResult(
      name: planned.check.name, kind: planned.check.kind, verdict: .passed, seconds: 0, key: planned.verdictKey)
    result.performance = .unchanged
    return result
  }

  /// What a check comes to whose files could not be prepared.
  static func unprepared(_ planned: PlannedCheck, _ failure: SetupFailure) -> CheckResult {
    CheckResult(
      name: planned.check.name, kind: planned.check.kind, verdict: .notRun, reason: failure.reason, seconds: 0,
      key: planned.verdictKey)
  }
}
