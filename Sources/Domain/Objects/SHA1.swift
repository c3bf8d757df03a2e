/// The hash that names git's objects.
///
/// - Source: FIPS 180-4, section 6.1.
package enum SHA1 {
  package static func digest(_ message: [UInt8]) -> [UInt8] {
    var state = State()
    let whole = message.count / 64 * 64
    var last = Array(message[whole...]) + [0x80]
    last += [UInt8](repeating: 0, count: (120 - last.count % 64) % 64)
    let bits = UInt64(message.count) * 8
    for shift in stride(from: 56, through: 0, by: -8) { last.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift))) }
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { words in
      for start in stride(from: 0, to: whole, by: 64) { state.mix(message, at: start, words) }
      for start in stride(from: 0, to: last.count, by: 64) { state.mix(last, at: start, words) }
    }
    return [state.a, state.b, state.c, state.d, state.e].flatMap { word in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
    }
  }

  private struct State {
    var a: UInt32 = 0x6745_2301
    var b: UInt32 = 0xEFCD_AB89
    var c: UInt32 = 0x98BA_DCFE
    var d: UInt32 = 0x1032_5476
    var e: UInt32 = 0xC3D2_E1F0

    mutating func mix(_ bytes: [UInt8], at start: Int, _ words: UnsafeMutableBufferPointer<UInt32>) {
      bytes.withUnsafeBytes { block in
        for index in 0..<16 {
          words[index] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: start + 4 * index, as: UInt32.self))
        }
      }
      for index in 16..<80 {
        words[index] = rotated(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 1)
      }
      let before = self
      for index in 0..<20 { turn((b & c) | (~b & d), 0x5A82_7999 &+ words[index]) }
      for index in 20..<40 { turn(b ^ c ^ d, 0x6ED9_EBA1 &+ words[index]) }
      for index in 40..<60 { turn((b & c) | (b & d) | (c & d), 0x8F1B_BCDC &+ words[index]) }
      for index in 60..<80 { turn(b ^ c ^ d, 0xCA62_C1D6 &+ words[index]) }
      a &+= before.a
      b &+= before.b
      c &+= before.c
      d &+= before.d
      e &+= before.e
    }

    private mutating func turn(_ mixed: UInt32, _ added: UInt32) {
      let next = rotated(a, 5) &+ mixed &+ e &+ added
      (a, b, c, d, e) = (next, a, rotated(b, 30), c, d)
    }

    private func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 { word &<< count | word &>> (32 - count) }
  }
}
