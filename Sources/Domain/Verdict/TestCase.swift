/// One test of a run, and how it ended.
package struct TestCase: Hashable, Sendable {
  package enum Outcome: String, Hashable, Sendable, CaseIterable { case passed, failed, skipped }

  /// Unique within its run: `class.name` in JUnit; of several with one name the second is `name #2`, by their order.
  package let name: String
  /// Nil where the report does not say.
  package let seconds: Double?
  package let outcome: Outcome

  package init(name: String, outcome: Outcome, seconds: Double? = nil) {
    self.name = name
    self.outcome = outcome
    self.seconds = seconds
  }
}
