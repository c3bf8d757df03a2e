import Domain
import Glibc

/// A moment by the wall clock.
struct Moment: Sendable {
  let milliseconds: Int64

  static func now() -> Moment {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Moment(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
  }

  /// Seconds since 1970.
  var seconds: Int64 { milliseconds / 1_000 }

  func newSubmissionID() -> SubmissionID {
    var random = SystemRandomNumberGenerator()
    return SubmissionID(atMilliseconds: milliseconds, using: &random)
  }
}
