import Domain
import Testing

@Suite struct TestComparisonTests {
  private static func tests(_ outcomes: KeyValuePairs<String, TestCase.Outcome>) -> [TestCase] {
    outcomes.map { TestCase(name: $0.key, outcome: $0.value) }
  }

  @Test func `every test is told for what it is beside the base`() {
    let comparison = TestComparison(
      base: Self.tests([
        "same": .passed, "breaks": .passed, "red": .failed, "mended": .failed, "gone": .passed, "goneRed": .failed,
        "muted": .passed, "mutedRed": .failed, "asleep": .skipped, "goneAsleep": .skipped, "wakes": .skipped,
        "wakesRed": .skipped,
      ]),
      now: Self.tests([
        "same": .passed, "breaks": .failed, "red": .failed, "mended": .passed, "muted": .skipped, "mutedRed": .skipped,
        "asleep": .skipped, "wakes": .passed, "wakesRed": .failed, "new": .passed, "newRed": .failed,
        "newAsleep": .skipped,
      ]))
    #expect(
      comparison.tests == [
        .regression: ["breaks"], .newFailure: ["newRed", "wakesRed"], .alreadyFailing: ["red"],
        .missing: ["gone", "goneRed"], .newlySkipped: ["muted", "mutedRed"], .fixed: ["mended"], .newPassing: ["new"],
      ])
  }

  @Test func `what is declared does not block, and nothing else is excused by it`() {
    let comparison = TestComparison(
      base: Self.tests([
        "tests.test_old.TestOld.test_a": .passed, "tests.test_older.test_b": .passed, "suite.flow[1]": .passed,
        "suite.flow[2]": .passed, "suite.slow": .passed, "other": .passed,
      ]),
      now: Self.tests(["suite.slow": .skipped, "other": .failed]))
    var package = WorkPackage(
      metadata: .init(agentID: "a", taskID: "t", timestamp: "2024-01-01T00:00:00Z", submissionVersion: "1.0.0"),
      changes: .init(deleted: ["tests/test_old.py"]),
      validationResults: .init(testsPassed: true, testCount: 1, testFailures: 0),
      documentation: .init(featureDescription: "d"))
    package.documentation.testsRemoved = ["suite.flow[*]", "other"]
    package.documentation.testsSkipped = ["suite.slow"]
    let blocking = comparison.blocking([.regression, .missing, .newlySkipped], declared: DeclaredTests(package))
    #expect(blocking.map(\.change) == [.regression, .missing])
    #expect(blocking.map(\.tests) == [["other"], ["tests.test_older.test_b"]])
  }

  @Test(arguments: [
    ("a", "a", true), ("a", "ab", false), ("a*", "ab", true), ("*b", "ab", true), ("a*c", "abc", true),
    ("a*b*c", "a-b-c", true), ("a*c", "ab", false), ("ab*ba", "aba", false), ("*", "", true), ("a**b", "ab", true),
    ("a*b*b", "ab", false),
  ])
  func `a pattern's star stands for any text`(pattern: String, name: String, matches: Bool) {
    var package = WorkPackage(
      metadata: .init(agentID: "a", taskID: "t", timestamp: "2024-01-01T00:00:00Z", submissionVersion: "1.0.0"),
      changes: .init(), validationResults: .init(testsPassed: true, testCount: 1, testFailures: 0),
      documentation: .init(featureDescription: "d"))
    package.documentation.testsSkipped = [pattern]
    #expect(DeclaredTests(package).isSkipped(name) == matches)
  }
}
