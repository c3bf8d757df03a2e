import Domain

/// How values are written in a policy file.
enum PolicyText {
  /// A text as an error shows it.
  static func show(_ text: String) -> String { "\"\(Printable.line(text, max: 57))\"" }

  /// A scalar as an error shows it.
  static func show(_ text: String, isPlain: Bool) -> String { isPlain ? Printable.line(text, max: 57) : show(text) }

  /// A number without sign, space or leading zeros, at most fifteen digits.
  static func integer(_ text: some StringProtocol) -> Int64? {
    guard (1...15).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      text.utf8.count == 1 || text.utf8.first != 0x30
    else { return nil }
    return Int64(text)
  }

  /// `90s`, `20m` or `1h` in seconds.
  static func seconds(_ text: String) -> Int64? {
    let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600]
    guard let unit = text.last.flatMap({ units[$0] }), let count = integer(text.dropLast()) else { return nil }
    return count * unit
  }

  /// `10KiB`, `32MiB` or `4GiB` in bytes.
  static func bytes(_ text: String) -> Int64? {
    let units: [(String, Int64)] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)]
    guard let unit = units.first(where: { text.hasSuffix($0.0) }), let count = integer(text.dropLast(3)) else {
      return nil
    }
    let (bytes, isTooLarge) = count.multipliedReportingOverflow(by: unit.1)
    return isTooLarge ? nil : bytes
  }

  /// `+5%`, `5%` or `2.5%`: a percentage above 0 and at most 1000.
  static func percent(_ text: String) -> Double? {
    guard text.hasSuffix("%") else { return nil }
    let number = text.hasPrefix("+") ? text.dropFirst().dropLast() : text.dropLast()
    let parts = number.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, integer(parts[0]) != nil,
      parts.count == 1 || (parts[1].utf8.count <= 3 && parts[1].utf8.allSatisfy { (0x30...0x39).contains($0) }),
      parts.last?.isEmpty == false, let percent = Double(number), percent > 0, percent <= 1000
    else { return nil }
    return percent
  }

  /// Whether this names a check: `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`.
  static func isCheckName(_ text: String) -> Bool {
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
    guard let first = text.utf8.first, isAlphanumeric(first), text.utf8.count <= 64 else { return false }
    return text.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D }
  }

  /// Whether this is a path in the repository or a glob over such paths; a slash at the end is taken for a folder.
  static func isGlob(_ text: String) -> Bool {
    let path = text.hasSuffix("/") ? String(text.dropLast()) : text
    return PackageText.isPath(path) && !path.hasPrefix("!") && !path.unicodeScalars.contains(where: \.isBidiControl)
  }
}
