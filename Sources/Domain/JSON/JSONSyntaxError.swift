/// Why bytes are not JSON that is taken here, and where.
package struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Which of the reader's rules was broken.
  package enum Kind: Hashable, Sendable {
    /// Not UTF-8, or an escape that is half a character.
    case encoding
    case syntax
    case duplicateName
    /// Nested deeper than the limit, or more values, or a longer string or number.
    case structure
    /// More bytes than the limit.
    case size
  }

  package let kind: Kind
  /// Counted from 1.
  package let line: Int
  /// Counted from 1, in characters.
  package let column: Int
  /// Where in the value, as a JSON Pointer; empty at the top.
  package let pointer: String
  package let expected: String
  /// What stands there instead, printable and short.
  package let found: String

  /// One sentence without a full stop.
  package var description: String {
    let place = pointer.isEmpty ? "" : " (\(Printable.line(pointer, max: 120)))"
    return "line \(line), column \(column)\(place): expected \(expected), found \(found)"
  }
}

/// JSON Pointers (RFC 6901), which name one value inside another.
package enum JSONPointer {
  /// Appends a member's name or an index to a pointer.
  package static func append(_ token: String, to pointer: String) -> String {
    var text = pointer + "/"
    for scalar in token.unicodeScalars {
      switch scalar {
      case "~": text += "~0"
      case "/": text += "~1"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
