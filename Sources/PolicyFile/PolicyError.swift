package import Domain

/// Everything that is wrong with a policy file, in the order of the file.
package struct PolicyError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One thing that is wrong and where.
  package struct Problem: Hashable, Sendable {
    /// Counted from 1.
    package let line: Int
    /// Counted from 1, in characters.
    package let column: Int
    /// Without a full stop; printable.
    package let sentence: String
  }

  /// The file, as its reader knows it.
  package let name: String
  /// At least one, at most `problemsMax`.
  package let problems: [Problem]

  package static let problemsMax = 20

  /// `.sluice.yml:3:5: unknown key chekcs`, a line each.
  package var lines: [String] { problems.map { "\(name):\($0.line):\($0.column): \($0.sentence)" } }

  package var description: String { lines.joined(separator: "\n") }

  /// The refusal of what depends on this policy.
  package var refusal: Refusal {
    Refusal(.invalidPackage, "the policy is not read: \(lines.first ?? name)", details: Array(lines.dropFirst()))
  }
}
