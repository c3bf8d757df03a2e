import Checks
import Domain
import Git
import Glibc
import Processes
import Synchronization

/// What it takes to run checks: the sandbox, the worktrees, and where logs go.
final class CheckWorkshop: Sendable {
  let settings: SandboxSettings
  private let place: StatePaths
  private let worktrees: Worktrees
  let runner: CheckRunner
  private let open = Mutex<[Preparation: PreparedWorktree]>([:])
  private let bases = BaseMeasurements()
  private let solitude: Solitude

  /// What makes two sets of files the same.
  private struct Preparation: Hashable {
    let tree: ObjectID
    let setup: [PlannedSetup]
    let sandbox: Policy.Sandbox

    init(_ place: CheckPlace) {
      tree = place.tree
      setup = place.setup
      sandbox = place.sandbox
    }
  }

  init(place: StatePaths, settings: ServerSettings, solitude: Solitude) throws {
    self.place = place
    self.solitude = solitude
    self.settings = SandboxSettings(settings)
    let sandbox = Sandbox(self.settings, folder: place.worktrees)
    worktrees = try Worktrees(folder: place.worktrees, sandbox: sandbox)
    runner = CheckRunner(sandbox, logs: place.logs)
  }

  /// Runs one check and reports what it came to; a stopped job reports nothing.
  func run(_ job: CheckJob, tell: (CheckReport) -> Void) {
    if job.isAgain { release(job.place.tree) }
    if let budget = job.planned.check.budget, let base = job.planned.base {
      _ = solitude.alone {
        compare(job, with: base, budget, tell: tell)
      } shouldStop: {
        job.stop.isRaised
      }
    } else {
      _ = share(job.stop) { runBesideOthers(job, tell: tell) }
    }
  }

  /// Works beside others, though not beside what is measured; nil where it was stopped before its turn.
  private func share(_ stop: StopFlag, _ work: () -> Void) -> Void? {
    solitude.share(work) { stop.isRaised }
  }

  private func runBesideOthers(_ job: CheckJob, tell: (CheckReport) -> Void) {
    let plan = CheckPlan(integration: job.place.integration, sandbox: job.place.sandbox)
    switch use(job.place, job.stop) {
    case .stopped: return
    case .failed(let failure):
      tell(.checked(job.number, .unprepared(job.planned, failure), base: nil, setupFailure: failure))
    case .ready(let worktree):
      guard
        var result = runner.run(
          job.planned.check, key: job.planned.verdictKey, on: worktree, as: plan, shouldStop: { job.stop.isRaised })
      else { return }
      keepLog(of: result, job)
      if job.planned.check.budget != nil {
        result.performance = .alone(reason: "\(job.planned.check.name) has no base yet")
        if result.verdict == .passed { result.reason = result.performance?.caveat }
      }
      var base: CheckResult?
      if job.measuresBase, result.isComparable, let planned = job.planned.base {
        base = bases.result(planned.key) { measure(planned, of: job) }
        if job.stop.isRaised { return }
      }
      tell(.checked(job.number, result, base: base, setupFailure: nil))
    }
  }

  /// Keeps the output of a failure under its key as well: other integrations may rest on it.
  private func keepLog(of result: CheckResult, _ job: CheckJob) {
    guard !result.verdict.holds else { return }
    let check = job.planned.check
    let kept = place.failureLog(of: result.key)
    mkdir(place.failures, 0o700)
    unlink(kept)
    // The last attempt is the one that counts; one that printed nothing has no log.
    for attempt in (1...(max(check.retries, 0) + 1)).reversed() {
      let name = CheckLog.fileName(attempt == 1 ? check.name : "\(check.name).\(attempt)")
      if link("\(place.logs(of: job.place.integration))/\(name)", kept) == 0 { return }
    }
  }

  /// Runs a job's check on the base; nil where the job was stopped.
  private func measure(_ base: BaseCheck, of job: CheckJob) -> CheckResult? {
    let place = CheckPlace(
      integration: job.place.integration, tree: base.tree, setup: base.setup, sandbox: job.place.sandbox)
    var check = job.planned.check
    var unknown = CheckResult(name: check.name, kind: check.kind, verdict: .notRun, seconds: 0, key: base.key)
    defer { release(base.tree) }
    switch use(place, job.stop) {
    case .stopped: return nil
    case .failed(let failure):
      unknown.reason = failure.reason
      return unknown
    case .ready(let worktree):
      // Its log stands beside the candidate's.
      check.name += ".base"
      let plan = CheckPlan(integration: place.integration, sandbox: place.sandbox)
      var result = runner.run(check, key: base.key, on: worktree, as: plan, shouldStop: { job.stop.isRaised })
      result?.name = job.planned.check.name
      return result
    }
  }

  /// Runs a pipeline's checks in their order, until one does not hold, and reports each step.
  func run(_ job: StagingJob, tell: (CheckReport) -> Void) {
    _ = share(job.stop) { runBesideOthers(job, tell: tell) }
  }

  private func runBesideOthers(_ job: StagingJob, tell: (CheckReport) -> Void) {
    let plan = CheckPlan(integration: job.place.integration, sandbox: job.place.sandbox)
    switch use(job.place, job.stop) {
    case .stopped: return
    case .failed(let failure): tell(.staged(job.key, job.number, [], setupFailure: failure))
    case .ready(let worktree):
      var results: [CheckResult] = []
      for planned in job.checks {
        tell(.stagingStarted(job.key, check: planned.check.name))
        guard
          let result = runner.run(
            planned.check, key: planned.key, on: worktree, as: plan, shouldStop: { job.stop.isRaised })
        else { return }
        tell(.stagingFinished(job.key, result))
        results.append(result)
        if !result.verdict.holds { break }
      }
      tell(.staged(job.key, job.number, results, setupFailure: nil))
    }
  }

  /// Runs a command that settles a conflict, and reports what it wrote.
  func run(_ job: ResolutionJob, tell: (CheckReport) -> Void) {
    let hasTurn = share(job.stop) { runBesideOthers(job, tell: tell) } != nil
    if !hasTurn { tell(.resolved(job.request, .stopped)) }
  }

  private func runBesideOthers(_ job: ResolutionJob, tell: (CheckReport) -> Void) {
    let plan = CheckPlan(integration: job.place.integration, sandbox: job.place.sandbox)
    let request = job.request
    switch use(job.place, job.stop) {
    case .stopped: tell(.resolved(request, .stopped))
    case .failed(let failure): tell(.resolved(request, .failed(reason: "could not run: setup \(failure.reason)")))
    case .ready(let worktree):
      let rewriting = runner.rewrite(
        request.path, by: request.command, on: worktree, as: plan, shouldStop: { job.stop.isRaised })
      tell(.resolved(request, rewriting))
    }
  }

  func release(_ tree: ObjectID) {
    let released = open.withLock { open in
      let keys = open.keys.filter { $0.tree == tree }
      return keys.compactMap { open.removeValue(forKey: $0) }
    }
    for prepared in released { prepared.close() }
  }

  func close() {
    let all = open.withLock { open in
      defer { open = [:] }
      return Array(open.values)
    }
    for prepared in all { prepared.close() }
    worktrees.sweep()
  }

  func sweep() { worktrees.sweep() }

  func refreshBase(_ tree: ObjectID, log: (String) -> Void) {
    do {
      var content = RepositoryContent(try Repository(path: place.repository))
      try worktrees.refreshBase(to: tree, from: &content)
    } catch { log("the kept worktree could not be brought up to date: \(error)") }
  }

  /// The files of a place, made and prepared where nobody has done so yet.
  func use(_ place: CheckPlace, _ stop: StopFlag) -> PreparedWorktree.Readiness {
    worktree(for: place).use(place, with: runner, from: worktrees, repository: self.place.repository, stop)
  }

  /// The files of a job's tree: one set for all checks of the tree, which cannot disturb one another.
  private func worktree(for place: CheckPlace) -> PreparedWorktree {
    open.withLock { open in
      if let known = open[Preparation(place)] { return known }
      let new = PreparedWorktree()
      open[Preparation(place)] = new
      return new
    }
  }
}
