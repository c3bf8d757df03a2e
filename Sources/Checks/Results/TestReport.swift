import Domain

/// What result files say about tests.
struct TestReport: Hashable {
  static let failuresMax = 100
  static let outputLinesMax = 10
  /// Characters of a name and of a line of output.
  static let lineMax = 300

  private(set) var counts = TestCounts()
  private(set) var failures: [TestFailure] = []
  private(set) var cases: [TestCase] = []
  /// How many tests had each name.
  private var namesakes: [String: Int] = [:]

  /// Whether the output of the next failure is kept.
  var takesOutput: Bool { failures.count < Self.failuresMax }

  /// Enters a test; past the bound, what a failed one printed is not kept.
  ///
  /// - Throws: past `CheckResult.casesMax`: a comparison test by test must not miss any.
  mutating func add(
    _ name: [UInt8], _ outcome: TestCase.Outcome, seconds: Double?, output: [UInt8] = []
  ) throws(ResultError) {
    guard cases.count < CheckResult.casesMax else {
      throw ResultError("it tells of more than \(CheckResult.casesMax) tests")
    }
    let name = unique(Self.text(name))
    cases.append(TestCase(name: name, outcome: outcome, seconds: seconds))
    switch outcome {
    case .passed: counts.passed += 1
    case .skipped: counts.skipped += 1
    case .failed:
      counts.failed += 1
      guard takesOutput else { return }
      let lines = OutputLines.first(Self.outputLinesMax, of: output[...], lineMax: Self.lineMax)
      failures.append(TestFailure(name: name, output: lines))
    }
  }

  /// The name, or the next `name #2` that nothing else has.
  private mutating func unique(_ name: String) -> String {
    guard var count = namesakes[name] else {
      namesakes[name] = 1
      return name
    }
    var next: String
    repeat {
      count += 1
      next = "\(name) #\(count)"
    } while namesakes[next] != nil
    namesakes[name] = count
    namesakes[next] = 1
    return next
  }

  private static func text(_ name: [UInt8]) -> String {
    // Most names are plain, and there are many.
    if name.count <= lineMax, name.last != 32, name.allSatisfy({ (32..<127).contains($0) }) {
      return name.isEmpty ? "unnamed" : String(decoding: name, as: UTF8.self)
    }
    let text = OutputLines.clean(name[...], max: lineMax)
    return text.isEmpty ? "unnamed" : text
  }
}
