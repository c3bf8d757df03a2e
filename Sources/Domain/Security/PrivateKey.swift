/// Private keys as files hold them.
enum PrivateKey {
  /// How far behind its first line a key's own characters may begin.
  private static let reach = 400
  private static let keyMax = 16_384

  /// Finds a PEM, OpenSSH, SSH2 or OpenPGP private key whose first line begins at `start`.
  ///
  /// The first line alone is what programs that read keys hold: a key has 64 characters of base64 at least, which in
  /// source code may stand in strings, with escaped line ends, or behind a comment's marks.
  /// - Source: RFC 7468, RFC 4716, RFC 9580 section 6.2.
  static func block(_ text: ArraySlice<UInt8>, from start: Int) -> Range<Int>? {
    let labelStart = text.end(of: dashOrBlank, from: start, max: 5) + Array("BEGIN ".utf8).count
    let labelEnd = text.end(of: label, from: labelStart, max: 60)
    guard text.hasPrefix(dashes, at: labelEnd) else { return nil }
    let name = text[labelStart..<labelEnd]
    guard name.holds("private key") else { return nil }
    let bodyStart = text.end(of: dashOrBlank, from: labelEnd, max: 5)
    return body(text, from: bodyStart).map { start..<$0 }
  }

  /// Finds a PuTTY key whose first line begins at `start`.
  ///
  /// - Parameter searched: up to where no line that a key's own lines follow was found for an earlier start; moved on, so that
  ///   no part of a text is searched twice.
  static func putty(_ text: ArraySlice<UInt8>, from start: Int, searched: inout Int) -> Range<Int>? {
    let end = min(text.endIndex, start + 2_048)
    let mark = Array("Private-Lines: ".utf8)
    let begin = max(start, min(searched, end))
    guard let lines = (begin..<end).first(where: { text[$0] == mark[0] && text.hasPrefix(mark, at: $0) }) else {
      searched = end
      return nil
    }
    searched = lines
    return body(text, from: lines + mark.count).map { start..<$0 }
  }

  /// The end of the key's characters; nil where there are none.
  private static func body(_ text: ArraySlice<UInt8>, from start: Int) -> Int? {
    var position = start
    var keyEnd = start
    var key: [UInt8] = []
    // Headers come first, a line's end and marks of a comment between any two lines.
    while position < text.endIndex, position - keyEnd < (key.isEmpty ? reach : 100), key.count < keyMax {
      let end = text.end(of: .base64Padded, from: position, max: keyMax)
      // Names in a program are shorter than a key's lines, and its last line is not needed to know it.
      if end - position >= 32 {
        key += text[position..<end]
        keyEnd = end
      }
      if text.hasPrefix(dashes, at: end) { break }
      position = max(end, position + 1)
    }
    return key.count >= 64 && isKey(key[...]) ? keyEnd : nil
  }

  private static func isKey(_ characters: ArraySlice<UInt8>) -> Bool {
    Randomness.entropy(characters) >= 3 && Randomness.changes(characters) >= 0.2
      && characters.contains(where: ByteSet.digits.contains) && !characters.holds("xxxxxxxx")
  }

  private static let dashes = Array("----".utf8)
  private static let dashOrBlank = ByteSet("- ")
  private static let label = ByteSet.upper.union(.digits).union(ByteSet(" "))
}
