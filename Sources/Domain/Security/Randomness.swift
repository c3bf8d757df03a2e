/// How much some bytes look as if drawn by lot.
enum Randomness {
  /// Shannon entropy in bits a byte.
  static func entropy(_ bytes: ArraySlice<UInt8>) -> Double {
    guard !bytes.isEmpty else { return 0 }
    return withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { counts in
      counts.initialize(repeating: 0)
      for byte in bytes { counts[Int(byte)] += 1 }
      let total = Double(bytes.count)
      return counts.reduce(0) { sum, count in
        count == 0 ? sum : sum - Double(count) / total * Logarithm.base2(Double(count) / total)
      }
    }
  }

  /// The share of neighbours of different kind: small letter, capital, digit, anything else.
  ///
  /// Names and words keep to one kind for many letters; what is drawn by lot changes at every second.
  static func changes(_ bytes: ArraySlice<UInt8>) -> Double {
    guard bytes.count > 1 else { return 0 }
    let changed = zip(bytes, bytes.dropFirst()).count { kind($0) != kind($1) }
    return Double(changed) / Double(bytes.count - 1)
  }

  /// Whether a literal has the entropy of a key in its alphabet.
  ///
  /// - Bound: hexadecimal from 32 digits on, other alphabets from 16 characters on.
  static func isKey(_ bytes: ArraySlice<UInt8>) -> Bool {
    if bytes.allSatisfy(ByteSet.hex.contains) {
      return bytes.count >= 32 && entropy(bytes) >= 3 && changes(bytes) >= 0.2
        && bytes.contains(where: ByteSet.letters.contains)
    }
    guard bytes.count >= 16, bytes.contains(where: ByteSet.digits.contains),
      bytes.contains(where: ByteSet.letters.contains), changes(bytes) >= 0.25
    else { return false }
    // The shorter a text, the fewer different characters it can hold at all.
    return entropy(bytes) >= (bytes.count < 20 ? 3.3 : bytes.count < 32 ? 3.6 : 4)
  }

  private static func kind(_ byte: UInt8) -> Int {
    ByteSet.lower.contains(byte) ? 0 : ByteSet.upper.contains(byte) ? 1 : ByteSet.digits.contains(byte) ? 2 : 3
  }
}
