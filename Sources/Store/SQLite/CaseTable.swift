import Domain
import GRDB

/// The tests of the newest verdicts: what later runs are compared with, test by test.
struct CaseTable {
  /// Verdicts whose tests are kept; those of an older one are found again by running it.
  static let verdictsMax = 2_000
  static let bytesMax: Int64 = 256 << 20

  private let database: Database
  init(_ database: Database) { self.database = database }

  /// Keeps the tests of a verdict just stored, and forgets the oldest past the bounds.
  func keep(_ cases: [TestCase], of result: Int64) throws {
    guard !cases.isEmpty else { return }
    try database.run("INSERT INTO test_cases VALUES (?, ?)", [result, CaseColumn.write(cases)])
    var left = (verdicts: Self.verdictsMax, bytes: Self.bytesMax)
    let sizes = try database.all("SELECT check_result, length(cases) FROM test_cases ORDER BY check_result DESC")
    for var row in sizes {
      let id = try row.integer()
      left.verdicts -= 1
      left.bytes -= try row.integer()
      // However large, the newest stays.
      guard id != result, left.verdicts < 0 || left.bytes < 0 else { continue }
      try database.run("DELETE FROM test_cases WHERE check_result <= ?", [id])
      return
    }
  }

  func stored(under key: CheckKey) throws -> [TestCase]? {
    try database.first(
      """
      SELECT cases FROM test_cases WHERE check_result = (
        SELECT id FROM check_result WHERE integration IS NULL AND key = ?)
      """, [key.digest.hex]
    ).map { row in
      var row = row
      return try CaseColumn.read(row.bytes())
    }
  }
}
