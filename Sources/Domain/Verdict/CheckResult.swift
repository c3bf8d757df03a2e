/// What a check came to.
package enum Verdict: String, Hashable, Sendable, CaseIterable {
  case passed, failed, flaky
  case notRun = "not_run"
  case timedOut = "timed_out"

  /// Whether a candidate with this verdict may land.
  package var holds: Bool { self == .passed || self == .flaky }
}

/// How many tests a check ran.
package struct TestCounts: Hashable, Sendable {
  package var passed: Int
  package var failed: Int
  package var skipped: Int

  package var total: Int { passed + failed + skipped }

  package init(passed: Int = 0, failed: Int = 0, skipped: Int = 0) {
    self.passed = passed
    self.failed = failed
    self.skipped = skipped
  }
}

/// One test that failed, with the first lines it printed.
package struct TestFailure: Hashable, Sendable {
  /// The name as the result file gives it: `class.name` in JUnit.
  package let name: String
  /// At most ten lines, control characters taken out.
  package let output: [String]

  package init(name: String, output: [String]) {
    self.name = name
    self.output = output
  }
}

/// The content under which a verdict is stored: definition, inputs in the candidate's tree, environment.
package struct CheckKey: Hashable, Sendable, CustomStringConvertible {
  package let digest: ObjectID

  package init(digest: ObjectID) { self.digest = digest }
  package var description: String { digest.hex }
}

/// The result of one check on one tree.
package struct CheckResult: Hashable, Sendable {
  package static let casesMax = 200_000
  package static let findingsMax = 10_000
  package static let metricsMax = 1_000

  package var name: String
  /// `test`, `performance` or `security`.
  package let kind: String
  package var verdict: Verdict
  /// Why it is not `passed`: exit status, signal, what could not be read.
  package var reason: String?
  /// Wall-clock seconds.
  package var seconds: Double
  package var key: CheckKey
  /// Nil where the result format counts no tests.
  package var tests: TestCounts?
  /// At most a hundred.
  package var failures: [TestFailure]
  /// Every test of the run (of its last attempt); empty where the result came from the ledger, which has them apart.
  package var cases: [TestCase] = []
  /// Nil where no coverage file was written.
  package var coverage: LineCoverage?
  /// What a scanner found; at most `findingsMax`.
  package var findings: [Finding] = []
  /// What the check has measured itself; at most `metricsMax`.
  package var metrics: [Metric] = []
  /// How it compares with the base, where the policy has a budget for that.
  package var performance: PerformanceImpact?
  /// Highest resident memory of the process tree, bytes; nil where it was not measured.
  package var peakMemory: Int64?
  /// Processor seconds, user and system, of the whole process tree over all attempts; nil where not measured.
  package var cpuSeconds: Double?
  /// Bytes that the process tree read and wrote by system calls, whether from a disk, a cache or a pipe; nil where not
  /// measured.
  package var readBytes: Int64?
  package var writtenBytes: Int64?
  /// Whether the verdict was taken from the ledger.
  package var isCached: Bool
  /// The last lines of output of a check that did not hold; control characters taken out.
  package var outputTail: [String]

  /// Whether the run came to an end of its own, so that what it found is all there is.
  package var hasFinished: Bool { verdict != .notRun && verdict != .timedOut }
  /// Whether the base can make a difference to what it means.
  package var isComparable: Bool { tests != nil || !findings.isEmpty }

  package init(
    name: String, kind: String = "test", verdict: Verdict, reason: String? = nil, seconds: Double, key: CheckKey,
    tests: TestCounts? = nil, failures: [TestFailure] = [], peakMemory: Int64? = nil, isCached: Bool = false,
    outputTail: [String] = []
  ) {
    self.name = name
    self.kind = kind
    self.verdict = verdict
    self.reason = reason
    self.seconds = seconds
    self.key = key
    self.tests = tests
    self.failures = failures
    self.peakMemory = peakMemory
    self.isCached = isCached
    self.outputTail = outputTail
  }
}
