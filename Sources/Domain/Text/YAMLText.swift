/// Texts as they stand in a YAML document.
package enum YAMLText {
  /// The text as the value of a member whose lines are indented by `indent` spaces: a literal block, so that it can be read,
  /// or a quoted scalar where a block would lose something of it.
  ///
  /// - Shape: begins behind `key: `; no newline at the end.
  /// - Source: YAML 1.2.2, 8.1.2 "Literal Style" and 7.3.1 "Double-Quoted Style", of whose escapes JSON's are a part.
  package static func block(_ text: String, indent: Int) -> String {
    guard canStandInBlock(text) else { return JSONValue.string(text).compact }
    let margin = String(repeating: " ", count: indent)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return "|-\n" + lines.map { $0.isEmpty ? "" : margin + $0 }.joined(separator: "\n")
  }

  /// A block's indent is that of its first line, and its end is where it stops: neither may be white space. Characters that
  /// YAML takes for the end of a line, or does not print, are kept by escapes alone.
  private static func canStandInBlock(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
    return !first.properties.isWhitespace && last != "\n"
      && text.unicodeScalars.allSatisfy { scalar in
        switch scalar.value {
        case 0x09, 0x0A, 0x20...0x7E: true
        case 0xA0...0x2027, 0x202A...0xFEFE, 0xFF00...0xFFFD: true
        default: scalar.value >= 0x10000
        }
      }
  }
}
