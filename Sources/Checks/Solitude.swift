import Glibc
import Synchronization

/// Lets what is measured run by itself: it waits for everything else on this lane, and everything else for it.
package final class Solitude: Sendable {
  private struct State {
    var shared = 0
    var isTaken = false
    /// How many wait to be alone: nobody new goes before them, so that they are not put off for ever.
    var waiting = 0
  }

  private let state = Mutex(State())
  /// Microseconds between looks.
  private static let pause: UInt32 = 10_000

  package init() {}

  /// Works beside others.
  ///
  /// - Returns: nil where it was stopped before its turn.
  package func share<Answer>(_ work: () -> Answer, shouldStop: () -> Bool) -> Answer? {
    let hasTurn = wait(shouldStop) { state in
      guard !state.isTaken, state.waiting == 0 else { return false }
      state.shared += 1
      return true
    }
    guard hasTurn else { return nil }
    defer { state.withLock { $0.shared -= 1 } }
    return work()
  }

  /// Works alone.
  ///
  /// - Returns: nil where it was stopped before its turn.
  package func alone<Answer>(_ work: () -> Answer, shouldStop: () -> Bool) -> Answer? {
    state.withLock { $0.waiting += 1 }
    let hasTurn = wait(shouldStop) { state in
      guard !state.isTaken, state.shared == 0 else { return false }
      state.isTaken = true
      return true
    }
    state.withLock { $0.waiting -= 1 }
    guard hasTurn else { return nil }
    defer { state.withLock { $0.isTaken = false } }
    return work()
  }

  private func wait(_ shouldStop: () -> Bool, until take: (inout State) -> Bool) -> Bool {
    while true {
      if state.withLock({ take(&$0) }) { return true }
      if shouldStop() { return false }
      usleep(Self.pause)
    }
  }
}
