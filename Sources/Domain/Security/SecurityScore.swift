/// One grade for what a change adds to the findings, in the report's `security_score`.
///
/// | grade | the change adds |
/// |---|---|
/// | `A+` | nothing |
/// | `A` | findings of low severity, ten at most |
/// | `B` | one or two of medium severity, or more than ten low ones |
/// | `C` | three or more of medium severity |
/// | `D` | one or two of high severity |
/// | `F` | three or more of high severity, or one that is critical |
///
/// The worst finding sets the grade and the number of its like can lower it once, so that no number of small ones weighs
/// as much as a leaked key, and none is made good by what else is clean.
package enum SecurityScore: String, Hashable, Sendable, CaseIterable, Comparable {
  case aPlus = "A+"
  case a = "A"
  case b = "B"
  case c = "C"
  case d = "D"
  case f = "F"

  /// The grade for findings that the base does not have.
  package init(new findings: some Collection<Finding>) {
    let count = { (severity: Finding.Severity) in findings.count { $0.severity == severity } }
    let (low, medium, high) = (count(.low), count(.medium), count(.high))
    switch (critical: count(.critical), high: high, medium: medium, low: low) {
    case (1..., _, _, _), (_, 3..., _, _): self = .f
    case (_, 1..., _, _): self = .d
    case (_, _, 3..., _): self = .c
    case (_, _, 1..., _), (_, _, _, 11...): self = .b
    case (_, _, _, 1...): self = .a
    default: self = .aPlus
    }
  }

  /// The grade for `findings`, of which those with a fingerprint of `base` are not new.
  package init(_ findings: some Sequence<Finding>, against base: some Sequence<Finding>) {
    let known = Set(base.map(\.fingerprint))
    self.init(new: findings.filter { !known.contains($0.fingerprint) })
  }

  /// Better is greater, so that a policy can ask for a grade at least.
  package static func < (left: SecurityScore, right: SecurityScore) -> Bool { left.place > right.place }

  private var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
