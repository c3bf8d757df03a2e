import Glibc
import Processes

/// What to run in a sandbox.
struct SandboxRequest {
  let command: String
  let stage: Stage
  let hasNetwork: Bool
  /// Bytes.
  let memoryMax: Int64
  let durationMax: Duration
  let attempt: Int
  /// Where the output is written; nil keeps none.
  let log: String?
}

/// How a command in a sandbox ended.
struct SandboxRun {
  enum End: Hashable {
    case exited(Int32)
    /// The command was never started; the sentence says why.
    case notStarted(String)
    case timedOut
    case outOfMemory
    case cancelled
  }

  let end: End
  let duration: Duration
  let usage: TreeUsage
  /// The last lines of output, safe to print.
  let outputTail: [String]
  /// Whether every process of it is known to be gone.
  var isOver = false
}
