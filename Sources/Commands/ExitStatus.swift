/// What the exit status of `sluice` means.
enum ExitStatus: Int32, Sendable {
  case done = 0
  /// Refused, or tried and failed.
  case refused = 1
  case usage = 2
  /// Still in flight when the waiting ended.
  case unfinished = 3
  /// The repository or its store cannot be reached.
  case unreachable = 4
}
