import Domain

/// A repository's own `config` file, read without starting git; files with anything unusual in them are left to git.
///
/// - Source: git-config(1), "Syntax".
struct ConfigurationFile {
  private(set) var pairs: [(key: String, value: String?)] = []

  private static let space = UInt8(ascii: " ")
  private static let quote = UInt8(ascii: "\"")
  private static let comments = [UInt8(ascii: "#"), UInt8(ascii: ";")]

  /// Reads what the file says; nil where git has to be asked: includes, escapes, old forms, and whatever is malformed.
  init?(_ bytes: [UInt8]) {
    // Byte by byte: characters would take as long as the rest of a hook.
    guard !bytes.contains(where: { $0 == UInt8(ascii: "\\") || $0 == 0 || $0 == 13 }),
      String(validating: bytes, as: UTF8.self) != nil
    else { return nil }
    var section: String?
    for line in bytes.split(separator: 10) {
      let line = Self.trimmed(line)
      guard let first = line.first, !Self.comments.contains(first) else { continue }
      if first == UInt8(ascii: "[") {
        guard let name = Self.section(line), !name.hasPrefix("include") else { return nil }
        section = name
      } else {
        guard let section, let pair = Self.pair(line) else { return nil }
        pairs.append(("\(section).\(pair.key)", pair.value))
      }
    }
  }

  /// `[name]` or `[name "subsection"]`.
  private static func section(_ line: ArraySlice<UInt8>) -> String? {
    guard line.last == UInt8(ascii: "]") else { return nil }
    let inside = line.dropFirst().dropLast()
    let length = nameLength(inside)
    guard length > 0 else { return nil }
    let name = lowered(inside.prefix(length))
    let rest = trimmed(inside.dropFirst(length))
    guard !rest.isEmpty else { return name }
    guard rest.count >= 2, rest.first == quote, rest.last == quote else { return nil }
    let subsection = rest.dropFirst().dropLast()
    return subsection.contains(quote) ? nil : "\(name).\(String(decoding: subsection, as: UTF8.self))"
  }

  /// `name = value`, or `name` alone.
  private static func pair(_ line: ArraySlice<UInt8>) -> (key: String, value: String?)? {
    let length = nameLength(line)
    guard let first = line.first, length > 0, isLetter(first) else { return nil }
    let name = lowered(line.prefix(length))
    let rest = trimmed(line.dropFirst(length))
    guard let sign = rest.first, !comments.contains(sign) else { return (name, nil) }
    guard sign == UInt8(ascii: "="), let value = value(trimmed(rest.dropFirst())) else { return nil }
    return (name, value)
  }

  /// A value without its quotes and the comment behind it; nil where a quote is not closed.
  private static func value(_ text: ArraySlice<UInt8>) -> String? {
    var value: [UInt8] = []
    var kept = 0
    var isQuoted = false
    for byte in text {
      if byte == quote {
        isQuoted.toggle()
        kept = value.count
        continue
      }
      guard isQuoted || !comments.contains(byte) else { break }
      // Versions of git differ in what they make of it.
      guard byte != 9 else { return nil }
      value.append(byte)
      if isQuoted || !isSpace(byte) { kept = value.count }
    }
    return isQuoted ? nil : String(decoding: value[..<kept], as: UTF8.self)
  }

  private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var text = text
    while let first = text.first, isSpace(first) { text.removeFirst() }
    while let last = text.last, isSpace(last) { text.removeLast() }
    return text
  }

  /// How many of the bytes are letters, digits and hyphens, up to the first that is none.
  private static func nameLength(_ text: ArraySlice<UInt8>) -> Int {
    let end = text.firstIndex { !isLetter($0) && !(48...57).contains($0) && $0 != UInt8(ascii: "-") }
    return (end ?? text.endIndex) - text.startIndex
  }

  private static func lowered(_ name: ArraySlice<UInt8>) -> String {
    String(decoding: name.map { (65...90).contains($0) ? $0 | 32 : $0 }, as: UTF8.self)
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }

  /// What C takes for white space.
  private static func isSpace(_ byte: UInt8) -> Bool { byte == space || (9...13).contains(byte) }
}
