import Domain

/// Reads Cobertura's XML, whose root is `coverage`, for how many lines were run.
enum CoverageReader {
  static let root = "coverage"

  /// Adds what a file says: its totals, or, where it has none, the lines of its classes.
  ///
  /// - Throws: where the file is not well-formed, or its totals contradict each other.
  /// - Source: Cobertura's coverage-04.dtd, and what coverage.py, gcovr and istanbul write.
  static func read(_ bytes: [UInt8], into total: inout LineCoverage?) throws(ResultError) {
    var reader = try XMLReader(bytes)
    var path: [Bool] = []
    var isLines = false
    var counted = LineCoverage(covered: 0, valid: 0)
    var told: LineCoverage?
    while let piece = try reader.next() {
      switch piece {
      case .start:
        if path.isEmpty {
          told = try totals(of: reader)
        } else if isLines, reader.isElement("line") {
          counted.valid += 1
          if !reader.hasAttribute("hits", "0") { counted.covered += 1 }
        }
        // Those of a method are told again among those of its class.
        if reader.isElement("lines"), path.last == true { isLines = true }
        path.append(reader.isElement("class"))
      case .text: break
      case .end:
        path.removeLast()
        if reader.isElement("lines") { isLines = false }
      }
    }
    let found = told ?? counted
    total = LineCoverage(
      covered: (total?.covered ?? 0) + found.covered, valid: (total?.valid ?? 0) + found.valid)
  }

  private static func totals(of reader: borrowing XMLReader) throws(ResultError) -> LineCoverage? {
    guard let covered = reader.attribute("lines-covered"), let valid = reader.attribute("lines-valid") else {
      return nil
    }
    guard let covered = UInt32(covered), let valid = UInt32(valid), covered <= valid else {
      throw ResultError("its lines-covered and lines-valid are not numbers that fit together")
    }
    return LineCoverage(covered: Int(covered), valid: Int(valid))
  }
}
