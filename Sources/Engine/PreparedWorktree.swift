import Checks
import Domain
import Git
import Synchronization

/// The files of one tree, made and prepared by the first check that needs them.
final class PreparedWorktree: Sendable {
  enum Readiness {
    case ready(Worktree)
    case failed(SetupFailure)
    /// Whoever asked was stopped while it was being prepared; the next one tries again.
    case stopped
  }

  private enum State {
    case new, closed
    case ready(Worktree)
    case failed(SetupFailure)
  }

  private let state = Mutex(State.new)

  /// The files, ready for checks; whoever comes while they are being prepared waits.
  func use(
    _ place: CheckPlace, with runner: CheckRunner, from worktrees: Worktrees, repository: String, _ stop: StopFlag
  ) -> Readiness {
    state.withLock { state in
      switch state {
      case .ready(let worktree): return .ready(worktree)
      case .failed(let failure): return .failed(failure)
      case .new, .closed: break
      }
      do {
        var content = RepositoryContent(try Repository(path: repository))
        let worktree = try worktrees.make(place.tree, from: &content)
        let plan = CheckPlan(integration: place.integration, sandbox: place.sandbox)
        guard let setup = runner.prepare(worktree, with: place.setup, as: plan, shouldStop: { stop.isRaised })
        else {
          worktree.remove()
          return .stopped
        }
        guard setup.verdict == .passed else {
          worktree.remove()
          let failure = SetupFailure(setup)
          state = .failed(failure)
          return .failed(failure)
        }
        state = .ready(worktree)
        return .ready(worktree)
      } catch {
        return .failed(SetupFailure(error))
      }
    }
  }

  /// Removes the files, once the last check on them has ended.
  func close() {
    state.withLock { state in
      if case .ready(let worktree) = state { worktree.remove() }
      state = .closed
    }
  }
}

/// Why nothing could be checked: in one sentence and the last lines of output.
struct SetupFailure: Sendable {
  let reason: String
  let output: [String]

  init(_ setup: SetupResult) {
    reason = setup.reason ?? setup.verdict.rawValue
    output = setup.outputTail
  }

  init(_ error: any Error) {
    reason = Printable.line("\(error)", max: 400)
    output = []
  }
}
