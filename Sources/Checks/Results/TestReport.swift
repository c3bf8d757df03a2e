import Domain

/// What result files say about tests.
struct TestReport: Hashable {
  static let failuresMax = 100
  static let outputLinesMax = 10
  static let lineMax = 300

  var counts = TestCounts()
  var failures: [TestFailure] = []

  /// Enters a test that failed; past the bound it is only counted.
  mutating func addFailure(name: String, output: some Collection<UInt8>) {
    counts.failed += 1
    guard failures.count < Self.failuresMax else { return }
    let lines = OutputLines.first(Self.outputLinesMax, of: Array(output)[...], lineMax: Self.lineMax)
    failures.append(TestFailure(name: OutputLines.clean(Array(name.utf8)[...], max: Self.lineMax), output: lines))
  }
}
