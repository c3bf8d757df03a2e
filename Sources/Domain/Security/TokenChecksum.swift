/// The checksums that token formats carry, by which a token is known from text that only looks like one.
enum TokenChecksum {
  /// Whether the last six characters are the CRC-32 of those before, in base 62.
  ///
  /// - Source: GitHub's "new authentication token formats" (2021); npm's tokens are made the same way.
  static func endsInCRC32(_ body: ArraySlice<UInt8>) -> Bool {
    guard body.count > 6 else { return false }
    var rest = crc32(body.dropLast(6))
    let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    for byte in body.suffix(6).reversed() {
      guard alphabet[Int(rest % 62)] == byte else { return false }
      rest /= 62
    }
    return rest == 0
  }

  /// The checksum of ISO 3309, as in gzip.
  static func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { bits, _ in bits & 1 == 1 ? bits >> 1 ^ 0xedb8_8320 : bits >> 1 }
    }
  }

  /// Whether a key in capitals is well-formed Bech32 for the given human-readable part.
  ///
  /// - Source: BIP 173; age's secret keys have the part `age-secret-key-`.
  static func isBech32(_ values: ArraySlice<UInt8>, for part: String) -> Bool {
    let alphabet = Array("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".utf8)
    let digits = values.map { byte in alphabet.firstIndex(of: byte).map(UInt32.init) }
    guard !digits.contains(nil) else { return false }
    let name = part.utf8.map { UInt32($0.lowercased) }
    let words = name.map { $0 >> 5 } + [0] + name.map { $0 & 31 } + digits.compactMap(\.self)
    return words.reduce(1, polymod) == 1
  }

  private static func polymod(_ sum: UInt32, _ value: UInt32) -> UInt32 {
    let generators: [UInt32] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
    let top = sum >> 25
    return generators.indices.reduce((sum & 0x1ff_ffff) << 5 ^ value) { mixed, index in
      top >> UInt32(index) & 1 == 1 ? mixed ^ generators[index] : mixed
    }
  }
}
