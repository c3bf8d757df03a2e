/// The id of a submission: `sub-<unix seconds>-<suffix>`.
package struct SubmissionID: Hashable, Sendable, CustomStringConvertible {
  package let text: String
  /// Reads an id back; nil for any other text.
  package init?(_ text: String) {
    guard isIdentifier(text, prefix: "sub") else { return nil }
    self.text = text
  }
  /// A new id for this moment since 1970; `random` is the source of the end of the suffix.
  package init(atMilliseconds milliseconds: Int64, using random: inout some RandomNumberGenerator) {
    text = newIdentifier(prefix: "sub", at: milliseconds, using: &random)
  }
  package var description: String { text }
}

/// The id of an integration: `int-<unix seconds>-<suffix>`.
package struct IntegrationID: Hashable, Sendable, CustomStringConvertible {
  package let text: String
  /// Reads an id back; nil for any other text.
  package init?(_ text: String) {
    guard isIdentifier(text, prefix: "int") else { return nil }
    self.text = text
  }
  /// A new id for this moment since 1970; `random` is the source of the end of the suffix.
  package init(atMilliseconds milliseconds: Int64, using random: inout some RandomNumberGenerator) {
    text = newIdentifier(prefix: "int", at: milliseconds, using: &random)
  }
  package var description: String { text }
}

/// The id of a notice: `msg-<unix seconds>-<suffix>`.
package struct NoticeID: Hashable, Sendable, CustomStringConvertible {
  package let text: String
  /// Reads an id back; nil for any other text.
  package init?(_ text: String) {
    guard isIdentifier(text, prefix: "msg") else { return nil }
    self.text = text
  }
  /// A new id for this moment since 1970; `random` is the source of the end of the suffix.
  package init(atMilliseconds milliseconds: Int64, using random: inout some RandomNumberGenerator) {
    text = newIdentifier(prefix: "msg", at: milliseconds, using: &random)
  }
  package var description: String { text }
}

private let suffixAlphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz")

/// The suffix begins with the millisecond, so that ids in the order of their text are in the order of their making.
private func newIdentifier(
  prefix: String, at milliseconds: Int64, using random: inout some RandomNumberGenerator
) -> String {
  let fraction = Int(milliseconds % 1_000)
  let base = suffixAlphabet.count
  let suffix =
    [suffixAlphabet[fraction / base], suffixAlphabet[fraction % base]]
    + (0..<6).map { _ in suffixAlphabet[Int.random(in: 0..<base, using: &random)] }
  return "\(prefix)-\(milliseconds / 1_000)-\(String(suffix))"
}

private func isIdentifier(_ text: String, prefix: String) -> Bool {
  let parts = text.split(separator: "-", omittingEmptySubsequences: false)
  return parts.count == 3 && parts[0] == prefix && !parts[1].isEmpty && parts[1].count <= 20
    && parts[1].utf8.allSatisfy { (48...57).contains($0) }
    && (1...16).contains(parts[2].utf8.count)
    && parts[2].utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) }
}
