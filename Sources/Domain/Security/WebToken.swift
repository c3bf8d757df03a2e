/// A JSON web token with a signature.
///
/// - Source: RFC 7515, compact serialization: three parts in base64url, of which the first is a JSON object with `alg`.
enum WebToken {
  static func match(_ text: ArraySlice<UInt8>, from start: Int) -> TokenForm.Match {
    guard !text.isInsideWord(start), text.byte(start - 1) != UInt8(ascii: "-"),
      let header = part(text, from: start, max: 1_024), let claims = part(text, from: header.upperBound + 1, max: 8_192)
    else { return .none }
    let signature = claims.upperBound + 1
    let end = text.end(of: .wordOrDash, from: signature, max: 1_024)
    let whole = start..<end
    guard end - signature >= 32, let said = decoded(text[header], max: 200), said.holds("\"alg\""),
      !said.holds("\"none\""), Randomness.entropy(text[signature..<end]) >= 3.5, !isExample(text[claims])
    else { return end > signature ? .disproved(whole) : .none }
    return .token(whole)
  }

  /// A part of at least 10 characters that ends in a dot.
  private static func part(_ text: ArraySlice<UInt8>, from start: Int, max: Int) -> Range<Int>? {
    let end = text.end(of: .wordOrDash, from: start, max: max)
    return end - start >= 10 && text.byte(end) == UInt8(ascii: ".") ? start..<end : nil
  }

  /// The claims that tutorials print.
  private static func isExample(_ claims: ArraySlice<UInt8>) -> Bool {
    guard let said = decoded(claims, max: 1_000) else { return false }
    return said.holds("john doe") || said.holds("\"1234567890\"") || said.holds("example")
  }

  /// The bytes that the first `max` characters of base64url stand for.
  private static func decoded(_ text: ArraySlice<UInt8>, max: Int) -> ArraySlice<UInt8>? {
    var bits: UInt32 = 0
    var count = 0
    var bytes: [UInt8] = []
    for byte in text.prefix(max) {
      guard let value = value(byte) else { return nil }
      bits = bits << 6 | value
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    return bytes[...]
  }

  private static func value(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte) - 65
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte) - 71
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte) + 4
    case UInt8(ascii: "-"): 62
    case UInt8(ascii: "_"): 63
    default: nil
    }
  }
}

/// A Telegram bot's token: the bot's number, a colon, 35 characters of which the first are `AA`.
enum TelegramToken {
  /// Finds the token whose colon stands at `colon`.
  static func find(_ text: ArraySlice<UInt8>, at colon: Int) -> Range<Int>? {
    let start = text.start(of: .digits, before: colon, max: 12)
    let end = text.end(of: .wordOrDash, from: colon + 1, max: 36)
    guard (8...11).contains(colon - start), end - colon == 36, !text.isInsideWord(start) else { return nil }
    let key = text[(colon + 1)..<end]
    return Randomness.entropy(key) >= 3.8 && !Placeholder.isOne(key) ? start..<end : nil
  }
}
