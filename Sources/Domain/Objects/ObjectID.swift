/// A git object id: twenty bytes, never the all-zero id that git writes for "no such object".
package struct ObjectID: Hashable, Comparable, Sendable, CustomStringConvertible {
  private let high: UInt64
  private let middle: UInt64
  private let low: UInt32

  /// The number of bytes in an id.
  package static let byteCount = 20

  /// Reads twenty raw bytes; nil for any other count, and for the all-zero id.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    self.init(raw: Array(bytes)[...])
  }

  /// Reads twenty raw bytes; nil for any other count, and for the all-zero id.
  package init?(bytes: ArraySlice<UInt8>) { self.init(raw: bytes) }

  // Not generic: what a hook uses of a generic type or function for the first time costs more than all its calls.
  private init?(raw bytes: ArraySlice<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    func number(_ range: Range<Int>) -> UInt64 {
      var value: UInt64 = 0
      for index in range { value = value << 8 | UInt64(bytes[bytes.startIndex + index]) }
      return value
    }
    high = number(0..<8)
    middle = number(8..<16)
    low = UInt32(number(16..<20))
    guard high != 0 || middle != 0 || low != 0 else { return nil }
  }

  /// Reads forty lower-case hex digits; nil for anything else, and for the all-zero id.
  package init?(hex: some StringProtocol) { self.init(hexBytes: Array(hex.utf8)[...]) }

  /// Reads forty lower-case hex digits given as bytes; nil for anything else, and for the all-zero id.
  package init?(hexBytes digits: [UInt8]) { self.init(hexBytes: digits[...]) }

  /// Reads forty lower-case hex digits given as bytes; nil for anything else, and for the all-zero id.
  package init?(hexBytes digits: ArraySlice<UInt8>) {
    guard digits.count == 2 * Self.byteCount else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.byteCount)
    var pending: UInt8?
    for digit in digits {
      let nibble: UInt8
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): nibble = digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): nibble = digit - UInt8(ascii: "a") + 10
      default: return nil
      }
      if let first = pending {
        bytes.append(first << 4 | nibble)
        pending = nil
      } else {
        pending = nibble
      }
    }
    self.init(raw: bytes[...])
  }

  /// The twenty raw bytes.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.byteCount)
    for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: high >> UInt64(shift))) }
    for shift in stride(from: 56, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: middle >> UInt64(shift)))
    }
    for shift in stride(from: 24, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: low >> UInt32(shift))) }
    return bytes
  }

  /// Forty lower-case hex digits.
  package var hex: String {
    String(decoding: bytes.flatMap { [Self.digits[Int($0 >> 4)], Self.digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The first seven digits, for people.
  package var short: String { String(hex.prefix(7)) }

  package var description: String { hex }

  package static func < (left: ObjectID, right: ObjectID) -> Bool {
    (left.high, left.middle, left.low) < (right.high, right.middle, right.low)
  }

  /// The id of the tree without entries, which every repository is taken to have.
  package static let emptyTree = ObjectID(
    known: 0x4b82_5dc6_42cb_6eb9, 0xa060_e54b_f8d6_9288, 0xfbee_4904)

  private init(known high: UInt64, _ middle: UInt64, _ low: UInt32) {
    self.high = high
    self.middle = middle
    self.low = low
  }

  private static let digits = Array("0123456789abcdef".utf8)
}
