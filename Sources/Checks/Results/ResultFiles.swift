import Domain
import Processes

/// What the result files of a finished run say.
struct ResultFiles: Hashable {
  /// Nil where the format counts no tests.
  private(set) var tests: TestReport?
  /// Nil where the format has no findings.
  private(set) var scan: ScanReport?
  private(set) var coverage: LineCoverage?
  private(set) var metrics: [Metric] = []
  /// Why there is no answer; nil where everything was read.
  private(set) var problem: String?

  private let format: Policy.ResultFormat
  private var left = bytesMax
  private var seenCount = 0
  private var readCount = 0

  static let bytesMax = 64 << 20
  private static let filesMax = 10_000
  private static let depthMax = 8

  /// Reads every file of the format, coverage and metrics; nothing in the folder is followed out of it.
  static func read(_ run: borrowing RunFolder, as format: Policy.ResultFormat) -> ResultFiles {
    var files = ResultFiles(format)
    do {
      try files.search(run.openResults(), at: "", depth: 0)
    } catch {
      files.problem = error.description
    }
    files.finish()
    return files
  }

  private init(_ format: Policy.ResultFormat) {
    self.format = format
    switch format {
    case .junit, .tap: tests = TestReport()
    case .sarif: scan = ScanReport()
    case .exit: break
    }
  }

  private static func suffixes(_ format: Policy.ResultFormat) -> [String] {
    switch format {
    case .junit: [".xml"]
    case .tap: [".tap"]
    case .sarif: [".sarif", ".sarif.json"]
    case .exit: []
    }
  }

  private mutating func finish() {
    let suffixes = Self.suffixes(format)
    if problem == nil, readCount == 0, !suffixes.isEmpty {
      let names = suffixes.map { "*\($0)" }.joined(separator: " or ")
      problem = "it wrote no \(names) file \(coverage == nil ? "" : "of tests ")into $SLUICE_RESULTS"
    }
    guard problem != nil else { return }
    // Half an answer would pass for a whole one.
    (tests, scan, coverage, metrics) = (nil, nil, nil, [])
  }

  private mutating func search(_ folder: borrowing Folder, at path: String, depth: Int) throws(SystemError) {
    // Where no format was asked for, the folder may hold anything, and only the top of it is looked at.
    guard depth < (format == .exit ? 1 : Self.depthMax) else { return }
    for name in try folder.names().sorted(by: { $0.lexicographicallyPrecedes($1) }) where problem == nil {
      seenCount += 1
      guard seenCount <= Self.filesMax else {
        if format == .exit { return }
        problem = "there are more than \(Self.filesMax) files in $SLUICE_RESULTS"
        return
      }
      let text = String(decoding: name, as: UTF8.self)
      let kind = kind(of: text, isTop: depth == 0)
      if let inner = folder.existingFolder(name) {
        if kind == .results || kind == .metrics {
          problem = "\(Printable.line(path + text, max: 100)) is a folder, not a file"
        } else {
          try search(inner, at: path + text + "/", depth: depth + 1)
        }
      } else if let kind {
        try read(folder.readFile(name, max: left), as: kind, name: path + text)
      }
    }
  }

  private enum Kind { case results, metrics, maybeCoverage }

  private func kind(of name: String, isTop: Bool) -> Kind? {
    if isTop, name == MetricsReader.fileName { return .metrics }
    if Self.suffixes(format).contains(where: { name.hasSuffix($0) && name.utf8.count > $0.utf8.count }) {
      return .results
    }
    return name.hasSuffix(".xml") ? .maybeCoverage : nil
  }

  private mutating func read(_ content: Folder.FileContent, as kind: Kind, name: String) {
    let name = Printable.line(name, max: 100)
    switch content {
    case .bytes(let bytes):
      if kind == .maybeCoverage, XMLReader.rootName(bytes) != CoverageReader.root { return }
      left -= bytes.count
      do throws(ResultError) {
        try read(bytes, as: kind)
      } catch {
        problem = "\(name): \(error.reason)"
      }
    case .tooLarge where kind != .maybeCoverage:
      problem = "the result files are larger than \(Self.bytesMax >> 20) MiB"
    case .notAFile where kind != .maybeCoverage: problem = "\(name) is not a plain file"
    case .tooLarge, .notAFile: break
    }
  }

  private mutating func read(_ bytes: [UInt8], as kind: Kind) throws(ResultError) {
    switch (kind, format) {
    case (.metrics, _):
      guard bytes.count <= MetricsReader.bytesMax else {
        throw ResultError("it is larger than \(MetricsReader.bytesMax >> 20) MiB")
      }
      metrics = try MetricsReader.read(bytes)
    case (.maybeCoverage, _): try CoverageReader.read(bytes, into: &coverage)
    case (.results, .junit):
      if XMLReader.rootName(bytes) == CoverageReader.root {
        try CoverageReader.read(bytes, into: &coverage)
      } else {
        readCount += 1
        try Self.with(&tests) { (report: inout TestReport) throws(ResultError) in
          try JUnitReader.read(bytes, into: &report)
        }
      }
    case (.results, .tap):
      readCount += 1
      try Self.with(&tests) { (report: inout TestReport) throws(ResultError) in
        try TAPReader.read(bytes, into: &report)
      }
    case (.results, .sarif):
      readCount += 1
      guard bytes.count <= SARIFReader.bytesMax else {
        throw ResultError("it is larger than \(SARIFReader.bytesMax >> 20) MiB")
      }
      try Self.with(&scan) { (report: inout ScanReport) throws(ResultError) in
        try SARIFReader.read(bytes, into: &report)
      }
    case (.results, .exit): break
    }
  }

  /// Changes what the format has in place, without a copy.
  private static func with<Report>(
    _ report: inout Report?, _ body: (inout Report) throws(ResultError) -> Void
  ) throws(ResultError) {
    guard var taken = report.take() else { return }
    try body(&taken)
    report = taken
  }
}
