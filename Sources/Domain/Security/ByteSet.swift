/// A set of ASCII bytes, asked for every byte of a change.
struct ByteSet: Hashable, Sendable {
  private var low: UInt64 = 0
  private var high: UInt64 = 0

  init(_ characters: String) {
    for byte in characters.utf8 {
      precondition(byte < 128, "not ASCII")
      if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
    }
  }

  func contains(_ byte: UInt8) -> Bool {
    byte < 64 ? low >> UInt64(byte) & 1 == 1 : byte < 128 && high >> UInt64(byte - 64) & 1 == 1
  }

  func union(_ other: ByteSet) -> ByteSet {
    var result = self
    result.low |= other.low
    result.high |= other.high
    return result
  }

  static let digits = ByteSet("0123456789")
  static let lower = ByteSet("abcdefghijklmnopqrstuvwxyz")
  static let upper = ByteSet("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
  static let letters = lower.union(upper)
  static let alphanumerics = letters.union(digits)
  /// What identifiers are made of.
  static let word = alphanumerics.union(ByteSet("_"))
  static let wordOrDash = word.union(ByteSet("-"))
  static let lowerHex = digits.union(ByteSet("abcdef"))
  static let hex = lowerHex.union(ByteSet("ABCDEF"))
  static let base32 = upper.union(ByteSet("234567"))
  static let base64 = alphanumerics.union(ByteSet("+/"))
  static let base64Padded = base64.union(ByteSet("="))
  static let blanks = ByteSet(" \t")
}

extension ArraySlice<UInt8> {
  /// The byte at `position`; 0, which no rule asks for, outside.
  func byte(_ position: Int) -> UInt8 { indices.contains(position) ? self[position] : 0 }

  /// The first position from `start` whose byte is not in `set`, at most `max` bytes on.
  func end(of set: ByteSet, from start: Int, max: Int) -> Int {
    var position = start
    let limit = Swift.min(endIndex, start + max)
    while position < limit, set.contains(self[position]) { position += 1 }
    return position
  }

  /// The first byte of what `set` has before `end`, at most `max` bytes back.
  func start(of set: ByteSet, before end: Int, max: Int) -> Int {
    var position = end
    let limit = Swift.max(startIndex, end - max)
    while position > limit, set.contains(self[position - 1]) { position -= 1 }
    return position
  }

  func hasPrefix(_ literal: [UInt8], at position: Int) -> Bool {
    guard position >= startIndex, endIndex - position >= literal.count else { return false }
    for offset in literal.indices where self[position + offset] != literal[offset] { return false }
    return true
  }

  func firstNonASCII(from start: Int) -> Int? {
    withUnsafeBufferPointer { text in
      var index = start - startIndex
      while index < text.count {
        if text[index] >= 0x80 { return startIndex + index }
        index += 1
      }
      return nil
    }
  }

  /// Whether `literal`, in small letters, stands somewhere in these bytes whatever their case.
  func holds(_ literal: StaticString) -> Bool {
    let size = literal.utf8CodeUnitCount
    guard count >= size else { return false }
    return withUnsafeBufferPointer { text in
      for start in 0...(text.count - size) {
        var offset = 0
        while offset < size, text[start + offset].lowercased == literal.utf8Start[offset] { offset += 1 }
        if offset == size { return true }
      }
      return false
    }
  }
}

extension UInt8 {
  /// The small letter of an ASCII capital; anything else as it is.
  var lowercased: UInt8 { (65...90).contains(self) ? self + 32 : self }
}
