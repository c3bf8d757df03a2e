import Domain
import Foundation

/// The tests of a run as one column holds them: 200,000 in a few megabytes.
///
/// - Shape: the byte 1, and for each test: a byte with its outcome (0 passed, 1 failed, 2 skipped; 4 is added where it was
///   timed), how many bytes its name shares with the one before, how many follow, these, and its nanoseconds where it was
///   timed. Numbers are LEB128, as in DWARF: seven bits a byte, the lowest first.
enum CaseColumn {
  private static let version: UInt8 = 1
  private static let timed: UInt8 = 4
  private static let outcomes: [TestCase.Outcome] = [.passed, .failed, .skipped]
  /// Thirty years; more is no time that a test took.
  private static let secondsMax = 1e9

  static func write(_ cases: [TestCase]) -> Data {
    var bytes = [version]
    var last: [UInt8] = []
    for test in cases {
      let name = Array(test.name.utf8)
      let shared = zip(last, name).prefix { $0 == $1 }.count
      let outcome = UInt8(outcomes.firstIndex(of: test.outcome) ?? 0)
      bytes.append(outcome | (test.seconds == nil ? 0 : timed))
      append(UInt64(shared), to: &bytes)
      append(UInt64(name.count - shared), to: &bytes)
      bytes += name[shared...]
      if let seconds = test.seconds { append(UInt64((min(seconds, secondsMax) * 1e9).rounded()), to: &bytes) }
      last = name
    }
    return Data(bytes)
  }

  /// - Throws: `MalformedRow` where the bytes are not what `write` makes.
  static func read(_ data: Data) throws -> [TestCase] {
    var reader = Reader(bytes: Array(data)[...])
    guard try reader.byte() == version else { throw Reader.malformed }
    var cases: [TestCase] = []
    var name: [UInt8] = []
    while !reader.bytes.isEmpty {
      let tag = try reader.byte()
      guard tag & ~timed < outcomes.count else { throw Reader.malformed }
      let shared = try reader.count(max: name.count)
      name.removeLast(name.count - shared)
      name += try reader.take(reader.count(max: reader.bytes.count))
      let seconds = tag & timed == 0 ? nil : Double(try reader.number()) / 1e9
      cases.append(
        TestCase(
          name: String(decoding: name, as: UTF8.self), outcome: outcomes[Int(tag & ~timed)], seconds: seconds))
    }
    return cases
  }

  private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    var rest = number
    while rest > 127 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private struct Reader {
    static let malformed = MalformedRow(column: "cases", value: "what is no list of tests")
    var bytes: ArraySlice<UInt8>

    mutating func byte() throws -> UInt8 {
      guard let byte = bytes.popFirst() else { throw Self.malformed }
      return byte
    }

    mutating func number() throws -> UInt64 {
      var number: UInt64 = 0
      for shift in stride(from: 0, to: 64, by: 7) {
        let byte = try byte()
        number |= UInt64(byte & 127) << UInt64(shift)
        if byte < 128 { return number }
      }
      throw Self.malformed
    }

    mutating func count(max: Int) throws -> Int {
      guard let count = Int(exactly: try number()), count <= max else { throw Self.malformed }
      return count
    }

    mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
      guard count <= bytes.count else { throw Self.malformed }
      defer { bytes = bytes.dropFirst(count) }
      return bytes.prefix(count)
    }
  }
}
