/// What a provider's tokens look like: a literal, then so many characters of one alphabet.
struct TokenForm: Sendable {
  /// What tells a token from text of the same form.
  enum Proof: Sendable {
    case entropy(atLeast: Double)
    /// CRC-32 in base 62 at the end.
    case crc32
    /// Bech32 with the form's literal as the human-readable part.
    case bech32
    /// A literal in the middle.
    case holding(String)
    /// A dot after so many characters, and entropy.
    case dot(after: Int)
  }

  let rule: String
  /// With its article, for a sentence.
  let noun: String
  let severity: Finding.Severity
  let literals: [String]
  let alphabet: ByteSet
  let length: ClosedRange<Int>
  let proof: Proof

  init(
    _ rule: String, _ noun: String, severity: Finding.Severity = .critical, _ literals: [String],
    _ alphabet: ByteSet, _ length: ClosedRange<Int>, _ proof: Proof = .entropy(atLeast: 3)
  ) {
    self.rule = rule
    self.noun = noun
    self.severity = severity
    self.literals = literals
    self.alphabet = alphabet
    self.length = length
    self.proof = proof
  }

  /// What stands at a literal of this form.
  enum Match {
    case none
    case disproved(Range<Int>)
    case token(Range<Int>)
  }

  /// Reads a token whose literal stands from `start` to `bodyStart`.
  func match(_ text: ArraySlice<UInt8>, from start: Int, body bodyStart: Int) -> Match {
    guard !text.isInsideWord(start) else { return .none }
    var end = text.end(of: alphabet, from: bodyStart, max: length.upperBound + 1)
    // A full stop ends a sentence rather than a token.
    while end > bodyStart, text[end - 1] == UInt8(ascii: ".") { end -= 1 }
    guard length.contains(end - bodyStart), !ByteSet.word.contains(text.byte(end)) else { return .none }
    let body = text[bodyStart..<end]
    return proves(body) ? .token(start..<end) : .disproved(start..<end)
  }

  private func proves(_ body: ArraySlice<UInt8>) -> Bool {
    switch proof {
    case .crc32: return TokenChecksum.endsInCRC32(body)
    case .bech32: return TokenChecksum.isBech32(body, for: "age-secret-key-")
    case .entropy(let least): return Randomness.entropy(body) >= least && !Placeholder.isOne(body)
    case .dot(let count):
      return body.byte(body.startIndex + count) == UInt8(ascii: ".") && Randomness.entropy(body) >= 4
    case .holding(let literal):
      let wanted = Array(literal.utf8)
      return body.indices.contains { body.hasPrefix(wanted, at: $0) }
    }
  }
}

extension ArraySlice<UInt8> {
  /// Whether the byte before belongs to the same word; the letter of an escape such as `\n` does not.
  func isInsideWord(_ position: Int) -> Bool {
    guard ByteSet.word.contains(byte(position - 1)) else { return false }
    return byte(position - 2) != UInt8(ascii: "\\")
  }
}
