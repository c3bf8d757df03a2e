/// A password between a scheme and a host: `scheme://user:password@host`.
enum AddressPassword {
  /// Finds the password of the address whose `://` stands at `colon`.
  ///
  /// - Source: RFC 3986, section 3.2.1. What names itself a placeholder, the user's name again, the words that every
  ///   manual uses, and hosts that are nobody's are taken for examples.
  static func find(_ text: ArraySlice<UInt8>, at colon: Int) -> Range<Int>? {
    guard ByteSet.alphanumerics.contains(text.byte(colon - 1)) else { return nil }
    let userStart = colon + 3
    let userEnd = text.end(of: user, from: userStart, max: 100)
    guard text.byte(userEnd) == UInt8(ascii: ":") else { return nil }
    let start = userEnd + 1
    let end = text.end(of: password, from: start, max: 200)
    guard text.byte(end) == UInt8(ascii: "@"), end - start >= 6 else { return nil }
    let hostEnd = text.end(of: host, from: end + 1, max: 253)
    let (name, password) = (text[userStart..<userEnd], text[start..<end])
    let isExample =
      isWord(password) || Placeholder.isOne(password) || password.elementsEqual(name)
      || name.count > 5 && Placeholder.isOne(name) || isNobodys(text[(end + 1)..<hostEnd])
    return isExample ? nil : start..<end
  }

  private static func isWord(_ password: ArraySlice<UInt8>) -> Bool {
    let text = password.map(\.lowercased)
    return words.contains { text.starts(with: $0.utf8) }
  }

  private static let words = [
    "pass", "pwd", "secret", "user", "admin", "root", "test", "guest", "postgres", "mysql", "token", "hunter2", "xxx",
    "mypass", "foo", "api-key", "apikey", "api_key", "some", "credential", "the", "abc", "123",
  ]

  /// Whether a host is the machine itself or one of the names kept for documents and tests.
  ///
  /// - Source: RFC 2606, RFC 6761.
  private static func isNobodys(_ host: ArraySlice<UInt8>) -> Bool {
    let name = String(decoding: host.map(\.lowercased), as: UTF8.self)
    if name.isEmpty || !name.contains(".") { return !name.contains { $0.isLetter } || bareHosts.contains(name) }
    return ["127.0.0.1", "0.0.0.0"].contains(name) || name.hasPrefix("example.") || name.contains(".example.")
      || [".example", ".test", ".invalid", ".localhost"].contains(where: name.hasSuffix) || name.hasPrefix("foo.")
      || name.hasPrefix("your") || name.hasPrefix("my")
  }

  private static let bareHosts: Set<String> = ["localhost", "host", "hostname", "server", "example", "foo", "domain"]
  private static let user = ByteSet.word.union(ByteSet("-.%+~!*"))
  private static let password = ByteSet.word.union(ByteSet("-.%+~!*^&=#?,;|$"))
  private static let host = ByteSet.alphanumerics.union(ByteSet("-."))
}
