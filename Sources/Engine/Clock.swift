import GitProgram
import Glibc

/// The engine's only view of time.
struct Clock: Sendable {
  /// Seconds since 1970, for people and records.
  var seconds: Int64 { WallClock.now().seconds }

  /// Milliseconds since 1970, for ids.
  var milliseconds: Int64 { WallClock.now().milliseconds }

  /// Seconds of a clock that never jumps, for measuring.
  var monotonic: Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }
}
