import Domain
import Synchronization

/// The results of checks on the base, each measured once however many candidates are compared with it at a time.
final class BaseMeasurements: Sendable {
  private let slots = Mutex<[CheckKey: Slot]>([:])
  /// Bases that are remembered; the ledger has all of them.
  private static let slotsMax = 64

  private final class Slot: Sendable {
    let result = Mutex<CheckResult?>(nil)
  }

  /// The result under a key; whoever comes while it is being measured waits.
  ///
  /// - Parameter measure: nil where it was stopped, so that the next who asks measures.
  func result(_ key: CheckKey, measure: () -> CheckResult?) -> CheckResult? {
    let slot = slots.withLock { slots in
      if slots.count >= Self.slotsMax { slots = [:] }
      let slot = slots[key] ?? Slot()
      slots[key] = slot
      return slot
    }
    return slot.result.withLock { result in
      // What could not be run may run the next time.
      if result == nil || result?.verdict == .notRun || result?.verdict == .timedOut { result = measure() }
      return result
    }
  }
}
