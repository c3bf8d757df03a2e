/// The `diff_package` of a work package: the output of `git diff --binary` in base64, decoded when it is asked for.
package struct DiffPackage: Hashable, Sendable {
  package let base64: String
  /// Bytes when decoded.
  package let byteCount: Int

  /// Takes base64 by RFC 4648, section 4: the standard alphabet, padded, no line ends, no stray bits; nil for anything else.
  package init?(base64: String) {
    let alphabet = Self.values
    let measured: Int? = Self.withBytes(of: base64) { bytes in
      guard bytes.count % 4 == 0 else { return nil }
      let padding = bytes.suffix(2).count { $0 == UInt8(ascii: "=") }
      let digits = bytes.count - padding
      for index in 0..<digits where alphabet[Int(bytes[index])] == 255 { return nil }
      guard padding > 0 else { return digits / 4 * 3 }
      guard bytes[bytes.count - 1] == UInt8(ascii: "=") else { return nil }
      let stray: UInt8 = padding == 2 ? 15 : 3
      guard alphabet[Int(bytes[digits - 1])] & stray == 0 else { return nil }
      return bytes.count / 4 * 3 - padding
    }
    guard let measured else { return nil }
    self.base64 = base64
    byteCount = measured
  }

  package init(bytes: [UInt8]) {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let word = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
      for index in 0..<4 {
        let digit = Int(word >> UInt32(18 - 6 * index) & 63)
        text.append(index <= group.count ? Self.alphabet[digit] : UInt8(ascii: "="))
      }
    }
    base64 = String(decoding: text, as: UTF8.self)
    byteCount = bytes.count
  }

  /// The decoded bytes.
  package func decoded() -> [UInt8] {
    let values = Self.values
    var decoded: [UInt8] = []
    decoded.reserveCapacity(byteCount + 2)
    Self.withBytes(of: base64) { bytes in
      for start in stride(from: 0, to: bytes.count, by: 4) {
        var word: UInt32 = 0
        // The value of the padding is 255, of which the six low bits fall in bytes that are cut off below.
        for index in start..<(start + 4) { word = word << 6 | UInt32(values[Int(bytes[index])] & 63) }
        decoded.append(UInt8(truncatingIfNeeded: word >> 16))
        decoded.append(UInt8(truncatingIfNeeded: word >> 8))
        decoded.append(UInt8(truncatingIfNeeded: word))
      }
    }
    decoded.removeLast(decoded.count - byteCount)
    return decoded
  }

  private static func withBytes<Result>(of text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    if let result = text.utf8.withContiguousStorageIfAvailable(body) { return result }
    return Array(text.utf8).withUnsafeBufferPointer(body)
  }

  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  /// The value of each byte as a digit; 255 for bytes that are none.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 255, count: 256)
    for (value, byte) in alphabet.enumerated() { values[Int(byte)] = UInt8(value) }
    return values
  }()
}
