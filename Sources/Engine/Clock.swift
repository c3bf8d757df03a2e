import Glibc

/// The engine's only view of time.
struct Clock: Sendable {
  /// Seconds since 1970, for people and records.
  var seconds: Int64 { Int64(time(nil)) }

  /// Seconds since 1970 with milliseconds, for events.
  var milliseconds: Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
  }

  /// Seconds of a clock that never jumps, for measuring.
  var monotonic: Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }
}
