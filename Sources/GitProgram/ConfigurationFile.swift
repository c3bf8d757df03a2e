import Domain

/// A repository's own `config` file, read without starting git; files with anything unusual in them are left to git.
///
/// - Source: git-config(1), "Syntax".
struct ConfigurationFile {
  private(set) var pairs: [(key: String, value: String?)] = []

  /// Reads what the file says; nil where git has to be asked: includes, escapes, old forms, and whatever is malformed.
  init?(_ bytes: [UInt8]) {
    guard !bytes.contains(where: { $0 == UInt8(ascii: "\\") || $0 == 0 }),
      let text = String(validating: bytes, as: UTF8.self)
    else { return nil }
    var section: String?
    for line in text.split(whereSeparator: \.isNewline) {
      let line = Self.trimmed(line)
      guard let first = line.first, first != "#", first != ";" else { continue }
      if first == "[" {
        guard let name = Self.section(line), !name.hasPrefix("include") else { return nil }
        section = name
      } else {
        guard let section, let pair = Self.pair(line) else { return nil }
        pairs.append(("\(section).\(pair.key)", pair.value))
      }
    }
  }

  /// `[name]` or `[name "subsection"]`.
  private static func section(_ line: Substring) -> String? {
    guard line.last == "]" else { return nil }
    let inside = line.dropFirst().dropLast()
    let name = inside.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    guard !name.isEmpty else { return nil }
    let rest = trimmed(inside.dropFirst(name.count))
    guard !rest.isEmpty else { return name.lowercased() }
    guard rest.count >= 2, rest.first == "\"", rest.last == "\"" else { return nil }
    let subsection = rest.dropFirst().dropLast()
    return subsection.contains("\"") ? nil : "\(name.lowercased()).\(subsection)"
  }

  /// `name = value`, or `name` alone.
  private static func pair(_ line: Substring) -> (key: String, value: String?)? {
    let name = line.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    guard name.first?.isLetter == true else { return nil }
    let rest = trimmed(line.dropFirst(name.count))
    guard !rest.isEmpty, rest.first != "#", rest.first != ";" else { return (name.lowercased(), nil) }
    guard rest.first == "=", let value = value(trimmed(rest.dropFirst())) else { return nil }
    return (name.lowercased(), value)
  }

  /// A value without its quotes and the comment behind it; nil where a quote is not closed.
  private static func value(_ text: Substring) -> String? {
    var value = ""
    var kept = 0
    var isQuoted = false
    for character in text {
      if character == "\"" {
        isQuoted.toggle()
        kept = value.utf8.count
        continue
      }
      guard isQuoted || (character != "#" && character != ";") else { break }
      // Versions of git differ in what they make of it.
      guard character != "\t" else { return nil }
      value.append(character)
      if isQuoted || !character.isWhitespace { kept = value.utf8.count }
    }
    return isQuoted ? nil : String(decoding: Array(value.utf8.prefix(kept)), as: UTF8.self)
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
