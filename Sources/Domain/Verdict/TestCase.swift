/// One test of one run, as its result file tells it.
package struct TestCase: Hashable, Sendable {
  package enum Outcome: String, Hashable, Sendable, CaseIterable { case passed, failed, skipped }

  /// Unique within a run: `class.name` in JUnit, the description in TAP.
  package let name: String
  package let outcome: Outcome
  /// Nil where the file gives no time.
  package let seconds: Double?

  package init(name: String, outcome: Outcome, seconds: Double? = nil) {
    self.name = name
    self.outcome = outcome
    self.seconds = seconds
  }
}
