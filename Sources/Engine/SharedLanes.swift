import Checks
import Domain
import Synchronization

/// The lanes that the engines of one process share, given out fairly; who has none holds no thread either.
package final class SharedLanes: Sendable {
  /// Begins a piece of work, which calls what it is given when it has ended.
  typealias Start = @Sendable (_ end: @escaping @Sendable () -> Void) -> Void

  private struct State {
    var shares: LaneShares
    var waiting: [String: [Start]] = [:]
  }

  /// What is measured in one repository runs beside nothing of another.
  let solitude = Solitude()
  private let settings: FleetSettings
  private let lanes: Int
  private let state: Mutex<State>

  init(_ settings: FleetSettings, lanes: Int) {
    self.settings = settings
    self.lanes = lanes
    state = Mutex(State(shares: LaneShares(lanes: lanes)))
  }

  /// Begins a piece of work of a repository when it is its turn.
  func start(for repository: String, _ start: @escaping Start) {
    let share = settings.share(of: repository, lanes: lanes)
    state.withLock { state in
      state.shares.wait(repository, share)
      state.waiting[repository, default: []].append(start)
    }
    startNext()
  }

  /// Drops what a repository has waiting.
  ///
  /// - Returns: how many pieces of work will not be begun.
  func withdraw(_ repository: String) -> Int {
    state.withLock { state in
      state.shares.withdraw(repository)
      return state.waiting.removeValue(forKey: repository)?.count ?? 0
    }
  }

  private func startNext() {
    while let (repository, start) = take() {
      start {
        self.state.withLock { $0.shares.end(repository) }
        self.startNext()
      }
    }
  }

  private func take() -> (String, Start)? {
    state.withLock { state in
      guard let repository = state.shares.next(), let start = state.waiting[repository]?.removeFirst() else {
        return nil
      }
      if state.waiting[repository]?.isEmpty == true { state.waiting[repository] = nil }
      return (repository, start)
    }
  }
}
