import Domain

/// Reads the Test Anything Protocol, versions 12 to 14: the plan, the test points, and what follows a failed one.
///
/// Subtests (indented) are told by the test point that ends them.
enum TAPReader {
  /// - Throws: where the plan is missing or says another number of tests, and at `Bail out!`.
  /// - Source: testanything.org, "TAP 14 specification".
  static func read(_ bytes: [UInt8], into report: inout TestReport) throws(ResultError) {
    try ResultError.unlessUTF8(bytes)
    var parser = TAPParser()
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      try parser.take(line.last == 13 ? line.dropLast() : line, into: &report)
    }
    try parser.finish(into: &report)
  }
}

private struct TAPParser {
  /// A test point that what follows it still belongs to.
  private struct Pending {
    let point: TAPPoint
    var seconds: Double?
    var output: [UInt8] = []
  }

  private static let outputMax = 64 << 10
  private var planned: Int?
  private var seen = 0
  private var pending: Pending?
  /// The indent of the `---` that opened the block being read.
  private var blockIndent: Int?

  mutating func take(_ line: ArraySlice<UInt8>, into report: inout TestReport) throws(ResultError) {
    let indent = line.prefix { $0 == UInt8(ascii: " ") }.count
    let rest = line.dropFirst(indent)
    if let opened = blockIndent, indent >= opened || rest.isEmpty {
      if indent == opened, rest.elementsEqual("...".utf8) { blockIndent = nil }
      if opened < 4, rest.starts(with: "duration_ms:".utf8) {
        pending?.seconds = Self.milliseconds(rest.dropFirst(12))
      }
      keep(line, in: report)
      return
    }
    blockIndent = nil
    if rest.starts(with: "Bail out!".utf8) {
      // A subtest that bails out ends everything too.
      throw ResultError("it bailed out:\(OutputLines.clean(rest.dropFirst(9), max: 100))")
    }
    if indent > 0 {
      if rest.elementsEqual("---".utf8) { blockIndent = indent }
      keep(line, in: report)
    } else if rest.starts(with: "1..".utf8), let plan = Self.plan(rest) {
      guard planned == nil else { throw ResultError("it has two plans") }
      planned = plan
    } else if let point = TAPPoint(rest) {
      try close(into: &report)
      seen += 1
      pending = Pending(point: point, seconds: point.seconds)
    } else {
      keep(line, in: report)
    }
  }

  mutating func finish(into report: inout TestReport) throws(ResultError) {
    try close(into: &report)
    guard let planned else { throw ResultError("it has no plan") }
    guard planned == seen else { throw ResultError("\(planned) tests were planned and \(seen) told") }
  }

  private mutating func keep(_ line: ArraySlice<UInt8>, in report: TestReport) {
    guard report.takesOutput, let pending, !pending.point.isOK, pending.output.count < Self.outputMax else { return }
    self.pending?.output += line.prefix(4_096) + [UInt8(ascii: "\n")]
  }

  private mutating func close(into report: inout TestReport) throws(ResultError) {
    guard let pending else { return }
    self.pending = nil
    let name = pending.point.name.isEmpty ? Array("test \(seen)".utf8) : pending.point.name
    // A test that is known not to work yet does not count as failed, by the protocol.
    let outcome: TestCase.Outcome = pending.point.isExcused ? .skipped : pending.point.isOK ? .passed : .failed
    try report.add(name, outcome, seconds: pending.seconds, output: pending.output)
  }

  private static func plan(_ line: ArraySlice<UInt8>) -> Int? {
    let digits = line.dropFirst(3).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    return Int(String(decoding: digits, as: UTF8.self)).flatMap { $0 <= 10_000_000 ? $0 : nil }
  }

  static func milliseconds(_ bytes: ArraySlice<UInt8>) -> Double? {
    let text = String(decoding: bytes.prefix(40).filter { $0 != 32 }, as: UTF8.self)
    return Double(text).flatMap { $0.isFinite && $0 >= 0 ? $0 / 1_000 : nil }
  }
}

/// A line `ok 1 - name # directive`.
private struct TAPPoint {
  let isOK: Bool
  /// Whether a directive, `skip` or `todo`, takes it out.
  let isExcused: Bool
  let name: [UInt8]
  let seconds: Double?

  init?(_ line: ArraySlice<UInt8>) {
    let isNot = line.starts(with: "not ok".utf8)
    guard isNot || line.starts(with: "ok".utf8) else { return nil }
    isOK = !isNot
    var rest = line.dropFirst(isNot ? 6 : 2)
    guard rest.isEmpty || rest.first == UInt8(ascii: " ") else { return nil }
    rest = Self.trimmed(rest)
    let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    let number = rest.dropFirst(digits.count)
    if number.isEmpty || number.first == UInt8(ascii: " ") { rest = Self.trimmed(number) }
    if rest.first == UInt8(ascii: "-"), rest.dropFirst().first == UInt8(ascii: " ") { rest = rest.dropFirst(2) }
    let directive = Self.directive(in: rest)
    if let directive { rest = rest[..<directive.start] }
    isExcused = directive?.isExcuse ?? false
    seconds = directive?.seconds
    name = Self.unescaped(Self.trimmed(rest))
  }

  private struct Directive {
    let start: Int
    let isExcuse: Bool
    let seconds: Double?
  }

  /// The first directive: what it says may hold further `#`, and so may the name.
  private static func directive(in text: ArraySlice<UInt8>) -> Directive? {
    var isEscaped = false
    for index in text.indices {
      defer { isEscaped = text[index] == UInt8(ascii: "\\") && !isEscaped }
      guard text[index] == UInt8(ascii: "#"), !isEscaped else { continue }
      let rest = trimmed(text[(index + 1)...])
      let word = String(decoding: rest.prefix(5), as: UTF8.self).lowercased()
      if word.hasPrefix("skip") || word.hasPrefix("todo") {
        return Directive(start: index, isExcuse: true, seconds: nil)
      }
      // node-tap tells the time here; in a name it would make it another one every time.
      if word == "time=", rest.suffix(2).elementsEqual("ms".utf8),
        let seconds = TAPParser.milliseconds(rest.dropFirst(5).dropLast(2))
      {
        return Directive(start: index, isExcuse: false, seconds: seconds)
      }
    }
    return nil
  }

  private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var index = text.startIndex
    while index < text.endIndex {
      if text[index] == UInt8(ascii: "\\"), index + 1 < text.endIndex,
        text[index + 1] == UInt8(ascii: "#") || text[index + 1] == UInt8(ascii: "\\")
      {
        index += 1
      }
      result.append(text[index])
      index += 1
    }
    return result
  }

  private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var text = text.drop { $0 == UInt8(ascii: " ") }
    while text.last == UInt8(ascii: " ") { text = text.dropLast() }
    return text
  }
}
