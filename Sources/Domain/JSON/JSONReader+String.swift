extension JSONReader {
  /// Reads the string whose opening quote stands at `position`.
  ///
  /// - Throws: an error of kind `tooLong` past `max` bytes.
  mutating func readString(
    max: Int, tooLong: JSONSyntaxError.Kind = .structure
  ) throws(JSONSyntaxError) -> String {
    let quote = position
    position += 1
    let start = position
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        guard position - start <= max else { throw length(max, tooLong, at: quote) }
        let string = try text(of: bytes[start..<position], at: start)
        position += 1
        return string
      case UInt8(ascii: "\\"): return try readEscapedString(from: start, quote: quote, max: max, tooLong: tooLong)
      case 0..<0x20: throw controlCharacter()
      default: position += 1
      }
    }
    throw unterminated(at: quote)
  }

  /// Reads on from the first backslash of a string that began at `start`.
  private mutating func readEscapedString(
    from start: Int, quote: Int, max: Int, tooLong: JSONSyntaxError.Kind
  ) throws(JSONSyntaxError) -> String {
    var decoded = Array(bytes[start..<position])
    while position < bytes.count {
      guard decoded.count <= max else { throw length(max, tooLong, at: quote) }
      switch bytes[position] {
      case UInt8(ascii: "\""):
        let string = try text(of: decoded[...], at: start)
        position += 1
        return string
      case UInt8(ascii: "\\"):
        let escape = position
        position += 1
        decoded.append(
          contentsOf: Unicode.UTF8.encode(try readEscape(at: escape)) ?? Unicode.UTF8.encodedReplacementCharacter)
      case 0..<0x20: throw controlCharacter()
      case let byte:
        decoded.append(byte)
        position += 1
      }
    }
    throw unterminated(at: quote)
  }

  private mutating func readEscape(at escape: Int) throws(JSONSyntaxError) -> Unicode.Scalar {
    guard let byte = next else { throw failure(.syntax, "the rest of an escape") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try readUnicodeEscape(at: escape)
    default: throw failure(.syntax, "an escape that JSON knows after the backslash", at: position - 1)
    }
  }

  private mutating func readUnicodeEscape(at escape: Int) throws(JSONSyntaxError) -> Unicode.Scalar {
    let first = try readFourDigits()
    if let scalar = Unicode.Scalar(first) { return scalar }
    let isLeading = (0xD800...0xDBFF).contains(first)
    if isLeading, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
      let second = try readFourDigits()
      if (0xDC00...0xDFFF).contains(second),
        let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
      {
        return scalar
      }
    }
    let digits = String(first, radix: 16)
    throw failure(
      .encoding, "a pair of surrogate escapes", found: "the lone surrogate \\u\(digits)", at: escape)
  }

  private mutating func readFourDigits() throws(JSONSyntaxError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      switch next {
      case let byte? where (0x30...0x39).contains(byte): value = value << 4 | UInt32(byte - 0x30)
      case let byte? where (0x41...0x46).contains(byte & 0xDF): value = value << 4 | UInt32(byte & 0xDF - 0x37)
      default: throw failure(.syntax, "four hex digits after \\u")
      }
      position += 1
    }
    return value
  }

  /// The text of raw string bytes that began at `start`.
  private func text(of raw: ArraySlice<UInt8>, at start: Int) throws(JSONSyntaxError) -> String {
    if let string = String(validating: raw, as: UTF8.self) { return string }
    throw failure(.encoding, "UTF-8", found: "bytes that are not UTF-8", at: start)
  }

  private func controlCharacter() -> JSONSyntaxError {
    failure(.syntax, "control characters in strings to be escaped")
  }

  private func length(_ max: Int, _ kind: JSONSyntaxError.Kind, at quote: Int) -> JSONSyntaxError {
    failure(kind, "a string of at most \(max) bytes", found: "a longer one", at: quote)
  }

  private func unterminated(at quote: Int) -> JSONSyntaxError {
    failure(.syntax, "a closing quote for the string opened here", found: "the end of the text", at: quote)
  }
}
