package import Domain
import Glibc
import Processes

extension CheckRunner {
  /// Runs the steps that prepare a worktree, in their order, until one does not succeed; each runs, and nothing is kept.
  ///
  /// - Returns: nil where `shouldStop` said so.
  package func prepare(
    _ worktree: Worktree, with setup: [Policy.Setup], as plan: CheckPlan, shouldStop: () -> Bool = { false }
  ) -> SetupResult? {
    let steps = setup.map { setup in
      var step = setup
      step.keep = []
      return PlannedSetup(setup: step, key: CheckKey(digest: .emptyTree))
    }
    return prepare(worktree, with: steps, as: plan, shouldStop: shouldStop)
  }

  /// Runs the steps that prepare a worktree, in their order, until one does not succeed.
  ///
  /// A step that keeps paths leaves these and nothing else, so that every candidate sees the same, whether the step was run
  /// for it or for an earlier one. Where two candidates need the same at the same time, one makes it and the other waits.
  /// - Returns: nil where `shouldStop` said so.
  package func prepare(
    _ worktree: Worktree, with setup: [PlannedSetup], as plan: CheckPlan, shouldStop: () -> Bool = { false }
  ) -> SetupResult? {
    var preparation = Preparation(runner: self, worktree: worktree, plan: plan)
    for (index, step) in setup.enumerated() {
      let outcome: Preparation.Outcome
      do throws(SystemError) {
        outcome = try preparation.take(step, number: index + 1, shouldStop: shouldStop)
      } catch {
        outcome = .failed(.notRun, reason: error.description, output: [])
      }
      switch outcome {
      case .succeeded: continue
      case .stopped: return nil
      case .failed(let verdict, let reason, let output):
        let words = "`\(Printable.line(step.setup.run, max: 80))` \(reason)"
        return preparation.result(verdict, reason: words, output: output)
      }
    }
    return preparation.result(.passed, reason: nil, output: [])
  }
}

/// The preparation of one worktree.
private struct Preparation {
  enum Outcome {
    case succeeded
    case stopped
    case failed(Verdict, reason: String, output: [String])
  }

  /// Microseconds between looks at whether another has made what is needed.
  private static let pause: UInt32 = 20_000

  let runner: CheckRunner
  let worktree: Worktree
  let plan: CheckPlan
  private var seconds = 0.0
  private var reusedCount = 0

  init(runner: CheckRunner, worktree: Worktree, plan: CheckPlan) {
    self.runner = runner
    self.worktree = worktree
    self.plan = plan
  }

  func result(_ verdict: Verdict, reason: String?, output: [String]) -> SetupResult {
    SetupResult(
      verdict: verdict, reason: reason, seconds: seconds, outputTail: output, reusedCount: reusedCount)
  }

  mutating func take(
    _ step: PlannedSetup, number: Int, shouldStop: () -> Bool
  ) throws(SystemError) -> Outcome {
    guard !step.setup.keep.isEmpty else {
      var folder = try worktree.makeRun(for: .setup)
      let outcome = run(step.setup, in: &folder, number: number, shouldStop: shouldStop)
      if case .succeeded = outcome { _ = try folder.collect() }
      return outcome
    }
    let tree = try worktree.openTree()
    for path in step.setup.keep where try tree.covers(TreePath(path)) {
      let reason = "keeps \(Printable.line(path, max: 100)), where the repository has files: nothing may hide these"
      return .failed(.notRun, reason: reason, output: [])
    }
    let place = KeptLayer.Place(key: step.key, below: worktree.keptLayers.last?.stamp ?? 0)
    while true {
      switch try worktree.worktrees.askKept(place) {
      case .there(let layer):
        worktree.add(layer)
        reusedCount += 1
        return .succeeded
      case .make: return try make(step.setup, at: place, number: number, shouldStop: shouldStop)
      case .wait:
        if shouldStop() { return .stopped }
        usleep(Self.pause)
      }
    }
  }

  private mutating func make(
    _ setup: Policy.Setup, at place: KeptLayer.Place, number: Int, shouldStop: () -> Bool
  ) throws(SystemError) -> Outcome {
    var made: KeptLayer?
    defer { if made == nil { worktree.worktrees.giveUpKept(place) } }
    var folder = try worktree.makeRun(for: .keptSetup)
    let outcome = run(setup, in: &folder, number: number, shouldStop: shouldStop)
    guard case .succeeded = outcome else { return outcome }
    made = try worktree.worktrees.keep(setup.keep.map { TreePath($0) }, at: place, from: folder.collect())
    guard let made else {
      let names = setup.keep.map { Printable.line($0, max: 100) }.joined(separator: ", ")
      return .failed(.notRun, reason: "is to keep \(names), but made nothing there", output: [])
    }
    worktree.add(made)
    return .succeeded
  }

  private mutating func run(
    _ setup: Policy.Setup, in folder: inout RunFolder, number: Int, shouldStop: () -> Bool
  ) -> Outcome {
    let run = runner.run(
      setup.run, in: &folder, of: worktree, timeout: setup.timeout, attempt: 1,
      hasNetwork: runner.network(plan) >= .setup, as: plan, log: "setup-\(number)", shouldStop: shouldStop)
    if run.end == .cancelled { return .stopped }
    var attempt = Attempt(number: 1, seconds: 0)
    attempt.apply(run, timeout: setup.timeout, memoryMax: plan.sandbox.memory)
    seconds += attempt.seconds
    guard attempt.verdict == .passed else {
      return .failed(attempt.verdict, reason: attempt.reason ?? "failed", output: attempt.outputTail)
    }
    return .succeeded
  }
}

extension MergedFolder {
  /// Whether something stands at the path, or something that is no folder on the way to it.
  fileprivate func covers(_ path: TreePath) throws(SystemError) -> Bool {
    var folder = self
    for name in path.components.dropLast() {
      guard let inner = try folder.folder(name) else { return folder.kind(of: name) != nil }
      folder = inner
    }
    return path.components.last.map { folder.kind(of: $0) != nil } ?? false
  }
}
