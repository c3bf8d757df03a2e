package import Domain
import Glibc

/// A moment by the wall clock.
package struct WallClock: Sendable {
  /// Since 1970.
  package let milliseconds: Int64

  /// Reads the clock.
  package static func now() -> WallClock {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return WallClock(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
  }

  /// Seconds since 1970.
  package var seconds: Int64 { milliseconds / 1_000 }

  /// A new id for a record made at this moment.
  package func newSubmissionID() -> SubmissionID {
    var random = SystemRandomNumberGenerator()
    return SubmissionID(atMilliseconds: milliseconds, using: &random)
  }
}
