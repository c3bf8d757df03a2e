import Domain
import Glibc

/// What one run of a command came to, before and after its result files are read.
struct Attempt {
  let number: Int
  var verdict: Verdict = .notRun
  var reason: String?
  var seconds: Double
  private var exitStatus: Int32?
  private var results: ResultFiles?
  private var usage = TreeUsage()
  private(set) var outputTail: [String] = []

  init(number: Int, seconds: Double) {
    self.number = number
    self.seconds = seconds
  }

  /// Takes the verdict of the process alone.
  mutating func apply(_ run: SandboxRun, timeout: Duration, memoryMax: Int64) {
    seconds = run.duration / .seconds(1)
    usage = run.usage
    outputTail = run.outputTail
    if case .exited(let status) = run.end { exitStatus = status }
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
  ///
  /// A scanner is another matter: it exits with 1 where it has found something, and its findings decide.
  mutating func apply(_ results: ResultFiles, format: Policy.ResultFormat) {
    guard verdict == .passed || verdict == .failed else { return }
    self.results = results
    if format == .sarif { return judge(results.scan, problem: results.problem) }
    guard verdict == .passed else { return }
    if let problem = results.problem {
      verdict = .notRun
      reason = problem
    } else if let counts = results.tests?.counts {
      judge(counts, format: format)
    }
  }

  private mutating func judge(_ counts: TestCounts, format: Policy.ResultFormat) {
    if counts.failed > 0 {
      verdict = .failed
      reason = "failed: \(counts.failed) of \(counts.total) tests, though its exit status was 0"
    } else if counts.total == 0 {
      verdict = .notRun
      reason = "its \(format.rawValue) results hold no tests"
    } else if counts.passed == 0 {
      verdict = .notRun
      reason = "every test in its \(format.rawValue) results was skipped"
    }
  }

  private mutating func judge(_ scan: ScanReport?, problem: String?) {
    let ended = reason ?? "failed"
    verdict = .notRun
    if let exitStatus, exitStatus > 1 {
      reason = "its exit status \(exitStatus) is not one of a scanner that has done its work (0 or 1)\(saidLast)"
    } else if exitStatus == nil {
      reason = ended
    } else if let problem {
      reason = problem
    } else if let scan, !scan.findings.isEmpty {
      verdict = .failed
      reason = "found \(Self.text(scan.findings))"
    } else if exitStatus == 1, scan?.resultCount == 0 {
      reason = "its exit status is 1, and yet its SARIF files hold no results\(saidLast)"
    } else {
      verdict = .passed
      reason = nil
      outputTail = []
    }
  }

  private static func text(_ findings: [Finding]) -> String {
    "\(findings.count) problem\(findings.count == 1 ? "" : "s"): \(findings.severities)"
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

  /// Writes what this attempt came to; a pass after the first is a flake.
  func write(to result: inout CheckResult) {
    let wasFailed = number > 1
    result.verdict = verdict == .passed && wasFailed ? .flaky : verdict
    result.reason =
      result.verdict == .flaky ? "passed at attempt \(number), after: \(result.reason ?? "a failure")" : reason
    result.tests = results?.tests?.counts
    result.cases = results?.tests?.cases ?? []
    // Which tests failed before a pass is what a flake is counted by.
    if result.verdict != .flaky { result.failures = results?.tests?.failures ?? [] }
    // Those of a scanner that did not come to its end are not all.
    result.findings = verdict == .notRun ? [] : results?.scan?.findings ?? []
    result.coverage = results?.coverage
    result.metrics = results?.metrics ?? []
    result.seconds += seconds
    result.cpuSeconds = Self.sum(result.cpuSeconds, usage.cpuSeconds)
    result.readBytes = Self.sum(result.readBytes, usage.readBytes)
    result.writtenBytes = Self.sum(result.writtenBytes, usage.writtenBytes)
    result.peakMemory = [result.peakMemory, usage.peakMemory].compactMap { $0 }.max()
    result.outputTail = outputTail
  }

  private static func sum<Number: AdditiveArithmetic>(_ left: Number?, _ right: Number?) -> Number? {
    guard let left, let right else { return left ?? right }
    return left + right
  }
}
