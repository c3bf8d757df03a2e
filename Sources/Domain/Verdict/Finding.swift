/// Something a scanner found in the files of a change.
package struct Finding: Hashable, Sendable {
  package enum Severity: String, Hashable, Sendable, CaseIterable, Comparable {
    case low, medium, high, critical

    package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// The rule's stable name: `private-key` for one of ours, the `ruleId` of a SARIF result.
  package let rule: String
  package let severity: Severity
  /// Relative to the tree; nil where the scanner names none.
  package let path: String?
  /// From 1.
  package let line: Int?
  /// One sentence, safe to print; what was found is never in it.
  package let message: String
  /// The same for the same finding wherever its line has moved to.
  package let fingerprint: String

  package init(rule: String, severity: Severity, path: String?, line: Int?, message: String, fingerprint: String) {
    self.rule = rule
    self.severity = severity
    self.path = path
    self.line = line
    self.message = message
    self.fingerprint = fingerprint
  }
}
