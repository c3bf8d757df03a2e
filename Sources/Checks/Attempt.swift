import Domain
import Glibc

/// What one run of a command came to, before and after its result files are read.
struct Attempt {
  let number: Int
  var verdict: Verdict = .notRun
  var reason: String?
  var seconds: Double
  var tests: TestCounts?
  var failures: [TestFailure] = []
  var peakMemory: Int64?
  var outputTail: [String] = []

  init(number: Int, seconds: Double) {
    self.number = number
    self.seconds = seconds
  }

  /// Takes the verdict of the process alone.
  mutating func apply(_ run: SandboxRun, timeout: Duration, memoryMax: Int64) {
    seconds = run.duration / .seconds(1)
    peakMemory = run.peakMemory
    outputTail = run.outputTail
    switch run.end {
    case .exited(0):
      verdict = .passed
      outputTail = []
    case .exited(let status) where status == 126 || status == 127:
      verdict = .notRun
      reason = "its command was not found or is not executable (exit status \(status))" + saidLast
    case .exited(let status):
      verdict = .failed
      reason = "failed with exit status \(status)" + Self.signalName(status)
    case .notStarted(let why):
      verdict = .notRun
      reason = why
    case .timedOut:
      verdict = .timedOut
      reason = "took longer than \(Self.text(timeout))"
    case .outOfMemory:
      verdict = .failed
      reason = "used more than \(memoryMax >> 20) MiB of memory"
    case .cancelled:
      verdict = .notRun
      reason = "was cancelled"
    }
  }

  /// Takes what the result files say: they can fail a check that exited with 0, never pass one that did not.
  mutating func apply(_ results: ResultFiles.Outcome, format: Policy.ResultFormat) {
    guard verdict == .passed || verdict == .failed else { return }
    switch results {
    case .tests(let read):
      tests = read.counts
      failures = read.failures
      guard verdict == .passed else { return }
      if read.counts.failed > 0 {
        verdict = .failed
        reason = "failed: \(read.counts.failed) of \(read.counts.total) tests, though its exit status was 0"
      } else if read.counts.total == 0 {
        verdict = .notRun
        reason = "its \(format.rawValue) results hold no tests"
      }
    case .unreadable(let why):
      guard verdict == .passed else { return }
      verdict = .notRun
      reason = why
    }
  }

  private var saidLast: String { outputTail.last.map { ": \($0)" } ?? "" }

  /// A shell tells a death by signal as 128 and the number.
  private static func signalName(_ status: Int32) -> String {
    let names: [Int32: String] = [
      SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGILL: "SIGILL", SIGINT: "SIGINT", SIGKILL: "SIGKILL",
      SIGPIPE: "SIGPIPE", SIGSEGV: "SIGSEGV", SIGTERM: "SIGTERM", SIGXCPU: "SIGXCPU", SIGXFSZ: "SIGXFSZ",
      SIGHUP: "SIGHUP",
    ]
    return names[status - 128].map { " (\($0))" } ?? ""
  }

  private static func text(_ duration: Duration) -> String {
    let seconds = duration.components.seconds
    if seconds == 0 { return "\(duration.components.attoseconds / 1_000_000_000_000_000) ms" }
    if seconds % 3_600 == 0 { return "\(seconds / 3_600) h" }
    return seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds) s"
  }
}

extension CheckResult {
  /// Takes over what an attempt came to; a pass after the first is a flake.
  mutating func apply(_ attempt: Attempt) {
    let failedBefore = attempt.number > 1
    verdict = attempt.verdict == .passed && failedBefore ? .flaky : attempt.verdict
    reason = verdict == .flaky ? "passed at attempt \(attempt.number), after: \(reason ?? "a failure")" : attempt.reason
    tests = attempt.tests
    // Which tests failed before a pass is what a flake is counted by.
    if verdict != .flaky { failures = attempt.failures }
    peakMemory = [peakMemory, attempt.peakMemory].compactMap { $0 }.max()
    outputTail = attempt.outputTail
  }
}
