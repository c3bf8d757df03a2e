import Domain

/// Reads the Test Anything Protocol, versions 12 to 14: the plan, the test points, and what follows a failed one.
///
/// Subtests (indented) are told by the test point that ends them.
enum TAPReader {
  /// - Throws: where the plan is missing or says another number of tests, and at `Bail out!`.
  /// - Source: testanything.org, "TAP 14 specification".
  static func read(_ bytes: [UInt8], into report: inout TestReport) throws(ResultError) {
    var parser = Parser()
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      try parser.take(String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self), into: &report)
    }
    try parser.finish(into: &report)
  }

  private struct Parser {
    private var planned: Int?
    private var seen = 0
    private var failed: (name: String, output: [UInt8])?
    private static let outputMax = 64 << 10

    mutating func take(_ line: String, into report: inout TestReport) throws(ResultError) {
      if line.hasPrefix("Bail out!") {
        throw ResultError("it bailed out:\(OutputLines.clean(Array(line.utf8.dropFirst(9))[...], max: 100))")
      }
      if line.hasPrefix("1.."), let plan = Plan(line) {
        guard planned == nil else { throw ResultError("it has two plans") }
        planned = plan.count
      } else if let point = Point(line) {
        close(into: &report)
        seen += 1
        count(point, into: &report)
      } else if failed != nil, (failed?.output.count ?? 0) < Self.outputMax {
        failed?.output += Array(line.utf8.prefix(4_096)) + [10]
      }
    }

    mutating func finish(into report: inout TestReport) throws(ResultError) {
      close(into: &report)
      guard let planned else { throw ResultError("it has no plan") }
      guard planned == seen else { throw ResultError("\(planned) tests were planned and \(seen) told") }
    }

    private mutating func count(_ point: Point, into report: inout TestReport) {
      switch point.directive {
      case .skip: report.counts.skipped += 1
      // A test that is known not to work yet does not count as failed, by the protocol.
      case .todo: report.counts.skipped += 1
      case nil:
        if point.isOK {
          report.counts.passed += 1
        } else {
          failed = (point.name.isEmpty ? "test \(seen)" : point.name, [])
        }
      }
    }

    private mutating func close(into report: inout TestReport) {
      if let failed { report.addFailure(name: failed.name, output: failed.output) }
      failed = nil
    }
  }

  private struct Plan {
    let count: Int

    init?(_ line: String) {
      let digits = line.dropFirst(3).prefix { $0.isASCII && $0.isNumber }
      guard let count = Int(digits), count <= 10_000_000 else { return nil }
      self.count = count
    }
  }

  private struct Point {
    enum Directive { case skip, todo }
    let isOK: Bool
    let name: String
    let directive: Directive?

    init?(_ line: String) {
      var rest: Substring
      if line == "ok" || line.hasPrefix("ok ") {
        isOK = true
        rest = line.dropFirst(2)
      } else if line == "not ok" || line.hasPrefix("not ok ") {
        isOK = false
        rest = line.dropFirst(6)
      } else {
        return nil
      }
      rest = rest.drop { $0 == " " }
      rest = rest.drop { $0.isASCII && $0.isNumber }.drop { $0 == " " }
      if rest.hasPrefix("- ") { rest = rest.dropFirst(2) }
      var directive: Directive?
      if let hash = rest.lastIndex(of: "#"), rest[..<hash].last != "\\" {
        let word = rest[rest.index(after: hash)...].drop { $0 == " " }.prefix(4).lowercased()
        directive = word == "skip" ? .skip : word == "todo" ? .todo : nil
        if directive != nil { rest = rest[..<hash] }
      }
      self.directive = directive
      name = String(rest.reversed().drop { $0 == " " }.reversed())
    }
  }
}
