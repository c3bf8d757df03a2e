import Domain

/// Turns bytes that a command wrote into lines that are safe to print.
enum OutputLines {
  /// The last lines; escape sequences, controls and empty lines at the end are taken out.
  static func last(_ count: Int, of bytes: ArraySlice<UInt8>, lineMax: Int) -> [String] {
    // Enough for the lines wanted, however long the output.
    let end = bytes.suffix(count * lineMax * 4)
    var lines = end.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
      clean($0, max: lineMax)
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return Array(lines.suffix(count))
  }

  /// The first lines; escape sequences, controls and empty lines are taken out.
  static func first(_ count: Int, of bytes: ArraySlice<UInt8>, lineMax: Int) -> [String] {
    var lines: [String] = []
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      guard lines.count < count else { break }
      let text = clean(line, max: lineMax)
      if !text.isEmpty { lines.append(text) }
    }
    return lines
  }

  /// One line without escape sequences and controls, at most `max` characters.
  static func clean(_ bytes: ArraySlice<UInt8>, max: Int) -> String {
    // What a terminal would have overwritten is not shown: a progress bar is its last state.
    let shown = bytes.split(separator: UInt8(ascii: "\r")).last ?? []
    var text = ""
    var count = 0
    var scalars = String(decoding: shown.prefix(max * 8), as: UTF8.self).unicodeScalars[...]
    while let scalar = scalars.popFirst() {
      if scalar == "\u{1B}" {
        skipSequence(&scalars)
      } else if scalar == "\t" || !Printable.isUnsafe(scalar) {
        guard count < max else { return text + "…" }
        text.unicodeScalars.append(scalar == "\t" ? " " : scalar)
        count += 1
      }
    }
    while text.unicodeScalars.last == " " { text.unicodeScalars.removeLast() }
    return text
  }

  /// Skips what follows an escape: a control sequence to its final byte, a string to its terminator, else one character.
  private static func skipSequence(_ scalars: inout Substring.UnicodeScalarView) {
    switch scalars.popFirst() {
    case "[": while let scalar = scalars.popFirst(), !("@"..."~").contains(scalar) {}
    case "]", "P", "X", "^", "_":
      while let scalar = scalars.popFirst(), scalar != "\u{7}" {
        if scalar == "\u{1B}" {
          _ = scalars.popFirst()
          return
        }
      }
    default: break
    }
  }
}
