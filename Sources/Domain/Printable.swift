/// Makes foreign text safe to print: on a terminal, in a log line, in a push's answer.
package enum Printable {
  /// One line of at most `max` characters: controls, line breaks and direction marks become visible escapes.
  package static func line(_ text: some StringProtocol, max: Int) -> String { line(String(text), max: max) }

  /// One line of at most `max` characters: controls, line breaks and direction marks become visible escapes.
  package static func line(_ text: String, max: Int) -> String {
    // Most of what is shown is plain, and looking at bytes is quick.
    if text.utf8.count <= max, text.utf8.allSatisfy({ (32..<127).contains($0) }) { return text }
    var result = ""
    var count = 0
    for scalar in text.unicodeScalars {
      guard count < max else { return result + "…" }
      if isUnsafe(scalar) {
        result += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        result.unicodeScalars.append(scalar)
      }
      count += 1
    }
    return result
  }

  /// Whether a character could move the cursor, end the line, turn the direction of text or hide.
  package static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<32, 127...159, 0x061C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB: true
    default: false
    }
  }
}
