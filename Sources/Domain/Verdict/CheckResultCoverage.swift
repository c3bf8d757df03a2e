/// How many lines of code a check's tests have run.
package struct LineCoverage: Hashable, Sendable {
  package var covered: Int
  /// Lines that can be run at all.
  package var valid: Int

  package init(covered: Int, valid: Int) {
    self.covered = covered
    self.valid = valid
  }
}
