import Glibc
import Synchronization

/// Lets what is measured run by itself: it waits for everything else on this lane, and everything else for it.
final class Solitude: Sendable {
  private struct State {
    var shared = 0
    var isTaken = false
    /// How many wait to be alone: nobody new goes before them, so that they are not put off for ever.
    var waiting = 0
  }

  private let state = Mutex(State())
  /// Microseconds between looks.
  private static let pause: UInt32 = 10_000

  /// Works beside others.
  ///
  /// - Returns: nil where it was stopped before its turn.
  func share<Answer>(_ stop: StopFlag, _ work: () -> Answer) -> Answer? {
    let hasTurn = wait(stop) { state in
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
  func alone<Answer>(_ stop: StopFlag, _ work: () -> Answer) -> Answer? {
    state.withLock { $0.waiting += 1 }
    let hasTurn = wait(stop) { state in
      guard !state.isTaken, state.shared == 0 else { return false }
      state.isTaken = true
      return true
    }
    state.withLock { $0.waiting -= 1 }
    guard hasTurn else { return nil }
    defer { state.withLock { $0.isTaken = false } }
    return work()
  }

  private func wait(_ stop: StopFlag, until take: (inout State) -> Bool) -> Bool {
    while true {
      if state.withLock({ take(&$0) }) { return true }
      if stop.isRaised { return false }
      usleep(Self.pause)
    }
  }
}
