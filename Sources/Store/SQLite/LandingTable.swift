import Domain
import GRDB

/// Every move of a target that Sluice made. A target that did not exist before has the empty text as its old tip.
struct LandingTable {
  private let database: Database
  init(_ database: Database) { self.database = database }

  private static let select = "SELECT integration, submission, target, old, new, at FROM landing"

  /// Adds a landing; one that is there already, word for word, is left alone.
  func add(_ landing: Landing) throws {
    if let known = try first("WHERE submission = ?", [landing.submission.text]) {
      guard known != landing else { return }
      throw LedgerError.conflict("\(landing.submission) has landed already, as \(known.new)")
    }
    // An administrator may move a target back, so an old tip can be left twice; a commit is landed once.
    if let known = try first("WHERE target = ? AND new = ?", [landing.target.column, landing.new.hex]) {
      throw LedgerError.conflict(
        "\(known.submission) has landed \(landing.new) on \(landing.target) already; \(landing.submission) cannot do so again"
      )
    }
    try database.run(
      "INSERT INTO landing (integration, submission, target, old, new, at) VALUES (?, ?, ?, ?, ?, ?)",
      [
        landing.integration.text, landing.submission.text, landing.target.column, landing.old?.hex ?? "",
        landing.new.hex, landing.at,
      ])
  }

  func all(on target: String) throws -> [Landing] {
    try database.all("\(Self.select) WHERE target = ? ORDER BY sequence", [target.column]).map(Self.landing)
  }

  func newest(max: Int) throws -> [Landing] {
    try database.all("\(Self.select) ORDER BY sequence DESC LIMIT ?", [max]).map(Self.landing)
  }

  private func first(_ condition: StaticString, _ arguments: StatementArguments) throws -> Landing? {
    try database.first("\(Self.select) \(condition)", arguments).map(Self.landing)
  }

  private static func landing(_ row: Columns) throws -> Landing {
    var row = row
    return try Landing(
      integration: row.word(IntegrationID.init), submission: row.word(SubmissionID.init), target: row.text(),
      old: row.word { $0.isEmpty ? .some(nil) : ObjectID(hex: $0).map(Optional.some) }, new: row.objectID(),
      at: row.integer())
  }
}
