import Domain

/// Reads JUnit's XML: `testsuites`, `testsuite`, `testcase` with `failure`, `error` or `skipped`.
///
/// Elements about reruns (`flakyFailure`, `rerunError`, …) do not count: the test case itself says how it ended.
enum JUnitReader {
  /// - Throws: where the file is not well-formed, or its root is neither `testsuites` nor `testsuite`.
  /// - Source: the schema of Maven Surefire, and what pytest, gotestsum, GoogleTest and Jest write.
  static func read(_ bytes: [UInt8], into report: inout TestReport) throws(ResultError) {
    var reader = try XMLReader(bytes)
    var parser = Parser()
    while let piece = try reader.next() { try parser.take(piece, into: &report) }
  }

  private struct Parser {
    private var path: [String] = []
    private var name = ""
    private var isFailed = false
    private var isSkipped = false
    private var output: [UInt8] = []
    private static let outputMax = 64 << 10

    mutating func take(_ piece: XMLReader.Piece, into report: inout TestReport) throws(ResultError) {
      switch piece {
      case .start(let element, let attributes):
        guard !path.isEmpty || element == "testsuites" || element == "testsuite" else {
          throw ResultError(
            "its root element is \(OutputLines.clean(Array(element.utf8)[...], max: 40)), not testsuites")
        }
        start(element, attributes)
        path.append(element)
      case .text(let text):
        if isFailure(path.last), output.count < Self.outputMax { output += text.prefix(Self.outputMax) }
      case .end(let element):
        path.removeLast()
        end(element, into: &report)
      }
    }

    private mutating func start(_ element: String, _ attributes: [String: String]) {
      switch element {
      case "testcase":
        let group = attributes["classname"] ?? ""
        let test = attributes["name"] ?? ""
        name = group.isEmpty ? test : "\(group).\(test)"
        isFailed = false
        // GoogleTest tells tests that did not run in attributes alone.
        isSkipped = attributes["status"] == "notrun" || attributes["result"] == "suppressed"
        output = []
      case "testsuite":
        name = attributes["name"] ?? ""
        isFailed = false
        output = []
      case "failure", "error":
        guard isFailure(element), path.last == "testcase" || path.last == "testsuite" else { return }
        isFailed = true
        let message = attributes["message"] ?? ""
        if !message.isEmpty, output.count < Self.outputMax {
          output += Array(message.utf8.prefix(Self.outputMax)) + [10]
        }
      case "skipped", "disabled": if path.last == "testcase" { isSkipped = true }
      default: break
      }
    }

    private mutating func end(_ element: String, into report: inout TestReport) {
      switch element {
      case "testcase":
        if isFailed {
          report.addFailure(name: name, output: output)
        } else if isSkipped {
          report.counts.skipped += 1
        } else {
          report.counts.passed += 1
        }
        isFailed = false
      case "failure", "error":
        // A suite that could not start has no test case to say so.
        guard path.last == "testsuite", isFailed else { return }
        report.addFailure(name: name, output: output)
        isFailed = false
      default: break
      }
    }

    private func isFailure(_ element: String?) -> Bool { element == "failure" || element == "error" }
  }
}
