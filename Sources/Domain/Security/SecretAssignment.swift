/// A literal that looks drawn by lot, given to a name that says secret.
enum SecretAssignment {
  /// What names of secrets hold, in small letters.
  enum Word: String, CaseIterable, Sendable {
    case secret, password, passwd, passphrase, pwd, token, credential, key
  }

  /// Finds the literal given to the name that holds `word` at `start`; nil where the name or the literal says otherwise.
  static func find(_ text: ArraySlice<UInt8>, _ word: Word, at start: Int, _ kind: TextKind) -> SecretScan.Secret? {
    guard kind != .generated else { return nil }
    let wordEnd = start + word.rawValue.utf8.count
    let nameEnd = text.end(of: .wordOrDash, from: wordEnd, max: 41)
    guard nameEnd - wordEnd <= 40, let valueStart = valueStart(text, after: nameEnd) else { return nil }
    let nameStart = text.start(of: .wordOrDash, before: start, max: 60)
    // In an address's query, values stand bare whatever file the address is in.
    let isBare = kind == .configuration || queryMarks.contains(text.byte(nameStart - 1))
    guard isSecret(before: text[nameStart..<start], word, after: text[wordEnd..<nameEnd]),
      let value = value(text, from: valueStart, isBare: isBare), !isKnownHash(text[value]), !isName(text[value]),
      Randomness.isKey(text[value]), !Placeholder.isOne(text[value])
    else { return nil }
    return secret(value, named: text[nameStart..<nameEnd])
  }

  private static func secret(_ value: Range<Int>, named name: ArraySlice<UInt8>) -> SecretScan.Secret {
    if value.count == 40, name.holds("secret"),
      name.holds("aws") || name.holds("secret_access") || name.holds("secretaccess")
    {
      return SecretScan.Secret(
        rule: "aws-secret-access-key", noun: "an AWS secret access key", severity: .critical, range: value)
    }
    return SecretScan.Secret(
      rule: "generic-secret", noun: "a literal like a key under a name that says it is secret", severity: .high,
      range: value)
  }

  // MARK: The name

  private static func isSecret(before: ArraySlice<UInt8>, _ word: Word, after: ArraySlice<UInt8>) -> Bool {
    if word == .key, !keyKinds.contains(where: before.holds) { return false }
    return !otherBefore.contains(where: before.holds) && !otherAfter.contains(where: after.holds)
  }

  /// What a key must be called for it to be a secret: most keys open a dictionary.
  private static let keyKinds: [StaticString] = [
    "api", "access", "auth", "private", "signing", "encryption", "master", "secret", "shared", "account", "storage",
    "service",
  ]
  private static let otherBefore: [StaticString] = [
    "public", "next", "page", "cancel", "continuation", "sort", "cache", "foreign", "primary", "partition",
  ]
  /// What says that the value is about a secret rather than one.
  private static let otherAfter: [StaticString] = [
    "name", "id", "file", "path", "url", "uri", "type", "hash", "sha", "digest", "md5", "checksum", "field", "regex",
    "pattern", "length", "size", "count", "label", "endpoint", "expir", "ttl", "public", "prefix", "header", "param",
    "class", "izer", "policy", "arn", "version", "format", "cache", "index", "scope", "kind", "help", "title", "error",
    "message",
  ]

  // MARK: The literal

  /// Where the value begins behind a name: past its quote, an operator, a type and blanks.
  private static func valueStart(_ text: ArraySlice<UInt8>, after nameEnd: Int) -> Int? {
    var position = text.end(of: closing, from: nameEnd, max: 3)
    position = text.end(of: .blanks, from: position, max: 40)
    let afterOperator = text.end(of: operators, from: position, max: 3)
    guard afterOperator > position else { return nil }
    position = text.end(of: .blanks, from: afterOperator, max: 40)
    // `token: String = "…"`: the type stands between the colon and the sign that assigns.
    if text.byte(afterOperator - 1) == UInt8(ascii: ":") {
      let type = text.end(of: typeName, from: position, max: 30)
      let sign = text.end(of: .blanks, from: type, max: 10)
      if type > position, text.byte(sign) == UInt8(ascii: "="), ByteSet.blanks.contains(text.byte(sign + 1)) {
        position = text.end(of: .blanks, from: sign + 1, max: 40)
      }
    }
    return position
  }

  private static func value(_ text: ArraySlice<UInt8>, from start: Int, isBare: Bool) -> Range<Int>? {
    var open = start
    // Prefixes of literals, as in b"…" and @"…", and an escape where the literal stands in another.
    while open < start + 3, literalPrefixes.contains(text.byte(open)), !quotes.contains(text.byte(open)) { open += 1 }
    let quote = text.byte(open)
    let isQuoted = quotes.contains(quote)
    guard isQuoted || isBare else { return nil }
    let valueStart = isQuoted ? open + 1 : start
    let end = text.end(of: valueCharacters, from: valueStart, max: 513)
    let next = text.byte(end)
    guard (16...512).contains(end - valueStart) else { return nil }
    guard isQuoted ? next == quote || next == UInt8(ascii: "\\") : bareEnds.contains(next) || next == 0 else {
      return nil
    }
    return valueStart..<end
  }

  /// Whether a literal is a hash that says so, or has the form of a UUID.
  private static func isKnownHash(_ value: ArraySlice<UInt8>) -> Bool {
    if hashPrefixes.contains(where: { value.hasPrefix(Array($0.utf8), at: value.startIndex) }) { return true }
    let parts = value.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return parts.map(\.count) == [8, 4, 4, 4, 12] && parts.allSatisfy { $0.allSatisfy(ByteSet.hex.contains) }
  }

  private static let hashPrefixes = ["sha1-", "sha256-", "sha384-", "sha512-", "md5-"]

  /// Whether a literal is put together from words and numbers, as paths, hosts, versions and identifiers are.
  private static func isName(_ value: ArraySlice<UInt8>) -> Bool {
    let parts = value.split { !ByteSet.alphanumerics.contains($0) }
    // A word may end in a number, as in `oauth2`.
    let isWords = parts.allSatisfy { part in
      part.count <= 4
        || part.end(of: .digits, from: part.end(of: .letters, from: part.startIndex, max: 513), max: 513)
          == part.endIndex
    }
    return parts.count > 1 && isWords || value.byte(value.startIndex) == UInt8(ascii: "/")
  }

  private static let closing = ByteSet("\"'`])\\")
  private static let operators = ByteSet("=:>(,?|!")
  private static let typeName = ByteSet.word.union(ByteSet("<>?[]&"))
  private static let quotes = ByteSet("\"'`")
  private static let literalPrefixes = ByteSet("bBrRuUfFL@\\")
  private static let valueCharacters = ByteSet.base64Padded.union(ByteSet("_-.~"))
  private static let bareEnds = ByteSet(" \t\r\n,;#<\"'&`)")
  private static let queryMarks = ByteSet("?&")
}
