import Domain

/// Reads JUnit's XML: `testsuites`, `testsuite`, `testcase` with `failure`, `error` or `skipped`.
///
/// Elements about reruns (`flakyFailure`, `rerunError`, …) do not count: the test case itself says how it ended.
enum JUnitReader {
  /// - Throws: where the file is not well-formed, or its root is neither `testsuites` nor `testsuite`.
  /// - Source: the schema of Maven Surefire, and what pytest, jest-junit, go-junit-report, Swift Testing, GoogleTest and
  ///   CTest write.
  static func read(_ bytes: [UInt8], into report: inout TestReport) throws(ResultError) {
    var reader = try XMLReader(bytes)
    var parser = JUnitParser()
    while let piece = try reader.next() { try parser.take(piece, of: reader, into: &report) }
  }
}

private struct JUnitParser {
  private enum Element { case suites, suite, test, failure, skipped, other }

  private static let outputMax = 64 << 10
  private var path: [Element] = []
  private var suites: [[UInt8]] = []
  private var name: [UInt8] = []
  private var seconds: Double?
  private var isFailed = false
  private var isSkipped = false
  private var output: [UInt8] = []

  mutating func take(
    _ piece: XMLReader.Piece, of reader: borrowing XMLReader, into report: inout TestReport
  ) throws(ResultError) {
    switch piece {
    case .start:
      let element = Self.element(reader)
      guard !path.isEmpty || element == .suites || element == .suite else {
        let name = OutputLines.clean(Array(reader.elementName.utf8)[...], max: 40)
        throw ResultError("its root element is \(name), not testsuites")
      }
      try start(element, reader, takesOutput: report.takesOutput)
      path.append(element)
    case .text:
      guard path.last == .failure, isFailed, report.takesOutput, output.count < Self.outputMax else { return }
      reader.appendText(to: &output, max: Self.outputMax - output.count)
    case .end: try end(path.removeLast(), into: &report)
    }
  }

  private mutating func start(
    _ element: Element, _ reader: borrowing XMLReader, takesOutput: Bool
  ) throws(ResultError) {
    switch element {
    case .suites, .suite:
      var suite: [UInt8] = []
      reader.appendAttribute("name", to: &suite)
      suites.append(suite)
    case .test:
      guard !path.contains(.test) else { throw ResultError("it has a testcase inside a testcase") }
      readName(reader)
      seconds = reader.attribute("time").flatMap(Self.seconds)
      isFailed = false
      // GoogleTest and CTest tell tests that did not run in attributes alone.
      isSkipped =
        reader.hasAttribute("status", "notrun") || reader.hasAttribute("status", "disabled")
        || reader.hasAttribute("result", "suppressed") || reader.hasAttribute("result", "skipped")
      output = []
    case .failure:
      switch path.last {
      case .test: break
      case .suite, .suites:
        // A suite that could not start has no test case to say so.
        name = suites.last ?? []
        seconds = nil
        output = []
      default: return
      }
      isFailed = true
      guard takesOutput, output.count < Self.outputMax else { return }
      let before = output.count
      reader.appendAttribute("message", to: &output, max: Self.outputMax)
      if output.count > before { output.append(UInt8(ascii: "\n")) }
    case .skipped: if path.last == .test { isSkipped = true }
    case .other: break
    }
  }

  private mutating func end(_ element: Element, into report: inout TestReport) throws(ResultError) {
    switch element {
    case .test:
      try report.add(name, isFailed ? .failed : isSkipped ? .skipped : .passed, seconds: seconds, output: output)
      isFailed = false
    case .failure:
      guard path.last == .suite || path.last == .suites, isFailed else { return }
      try report.add(name, .failed, seconds: nil, output: output)
      isFailed = false
    case .suites, .suite: suites.removeLast()
    case .skipped, .other: break
    }
  }

  /// `class.name`; jest-junit gives both the same text, which then stands once.
  private mutating func readName(_ reader: borrowing XMLReader) {
    name.removeAll(keepingCapacity: true)
    reader.appendAttribute("classname", to: &name)
    let group = name.count
    if group > 0 { name.append(UInt8(ascii: ".")) }
    let start = name.count
    reader.appendAttribute("name", to: &name)
    if name.count == start { name.removeLast(start - group) }
    if group > 0, name[..<group] == name[start...] { name.removeLast(name.count - group) }
  }

  private static func element(_ reader: borrowing XMLReader) -> Element {
    if reader.isElement("testcase") { return .test }
    if reader.isElement("failure") || reader.isElement("error") { return .failure }
    if reader.isElement("skipped") || reader.isElement("disabled") { return .skipped }
    if reader.isElement("testsuite") { return .suite }
    return reader.isElement("testsuites") ? .suites : .other
  }

  /// Seconds as decimals; Surefire writes thousands as `1,234.5`.
  private static func seconds(_ text: String) -> Double? {
    let digits = text.utf8.contains(UInt8(ascii: ",")) && text.contains(".") ? text.filter { $0 != "," } : text
    return Double(digits).flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
  }
}
