/// Numbers the lines of several texts so that equal lines have equal numbers.
struct LineTable {
  /// A text as numbers of lines, and where each line ends.
  struct Text {
    let bytes: [UInt8]
    fileprivate(set) var numbers: [Int] = []
    private(set) var ends: [Int] = []

    fileprivate mutating func append(_ number: Int, endingAt end: Int) {
      numbers.append(number)
      ends.append(end)
    }

    /// The bytes of some lines, line feeds included.
    func content(of lines: Range<Int>) -> ArraySlice<UInt8> { bytes[start(of: lines.lowerBound)..<start(of: lines.upperBound)] }

    private func start(of line: Int) -> Int { line == 0 ? 0 : ends[line - 1] }
  }

  private var numbers: [ArraySlice<UInt8>: Int] = [:]

  /// How many different lines there are.
  var count: Int { numbers.count }

  /// Takes a text in; a last line without a line feed differs from the same line with one.
  mutating func text(_ bytes: [UInt8]) -> Text {
    var text = Text(bytes: bytes)
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
      let number = numbers[bytes[start..<end], default: numbers.count]
      numbers[bytes[start..<end]] = number
      text.append(number, endingAt: end)
      start = end
    }
    return text
  }
}
