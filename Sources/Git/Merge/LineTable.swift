import Glibc

/// Numbers the lines of several texts so that equal lines have equal numbers.
struct LineTable {
  /// A text as numbers of lines, and where each line ends.
  struct Text {
    let bytes: [UInt8]
    fileprivate(set) var numbers: [Int] = []
    fileprivate(set) var ends: [Int] = []

    /// The bytes of some lines, line feeds included.
    func content(of lines: Range<Int>) -> ArraySlice<UInt8> {
      bytes[start(of: lines.lowerBound)..<start(of: lines.upperBound)]
    }

    /// How many lines there are, a last one without a line feed included.
    var count: Int { numbers.count }

    private func start(of line: Int) -> Int { line == 0 ? 0 : ends[line - 1] }
  }

  private var numbers: [Line: Int] = [:]

  /// How many different lines there are.
  var count: Int { numbers.count }

  /// Takes a text in; a last line without a line feed differs from the same line with one.
  mutating func text(_ bytes: [UInt8]) -> Text {
    var text = Text(bytes: bytes)
    var start = 0
    while start < bytes.count {
      let end = Self.lineEnd(in: bytes, from: start)
      text.numbers.append(number(of: Line(text: bytes, range: start..<end)))
      text.ends.append(end)
      start = end
    }
    return text
  }

  private mutating func number(of line: Line) -> Int {
    if let known = numbers[line] { return known }
    numbers[line] = numbers.count
    return numbers.count - 1
  }

  private static func lineEnd(in bytes: [UInt8], from start: Int) -> Int {
    bytes.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress, let found = memchr(base + start, 10, buffer.count - start) else {
        return buffer.count
      }
      return UnsafeRawPointer(found) - base + 1
    }
  }
}

/// A line where it stands: compared and hashed in one piece, which for a slice of an array goes byte by byte.
private struct Line: Hashable {
  let text: [UInt8]
  let range: Range<Int>

  static func == (left: Line, right: Line) -> Bool {
    guard left.range.count == right.range.count else { return false }
    return left.withBytes { one in
      right.withBytes { two in
        guard let one = one.baseAddress, let two = two.baseAddress else { return true }
        return memcmp(one, two, left.range.count) == 0
      }
    }
  }

  func hash(into hasher: inout Hasher) { withBytes { hasher.combine(bytes: $0) } }

  private func withBytes<Value>(_ body: (UnsafeRawBufferPointer) -> Value) -> Value {
    text.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }
}
