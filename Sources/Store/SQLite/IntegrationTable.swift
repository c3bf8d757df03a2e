import Domain
import GRDB

/// Every integration, in the order they began.
struct IntegrationTable {
  private let database: Database
  init(_ database: Database) { self.database = database }

  private static let select = """
    SELECT id, submission, base, started_at, candidate, state, ended_at, report, certificate FROM integration
    """

  /// Writes an integration, new or known, and those of its checks that are not written yet.
  func put(_ integration: Integration) throws {
    try database.run(
      """
      INSERT INTO integration (id, submission, base, started_at, candidate, state, ended_at, report, certificate)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET candidate = excluded.candidate, state = excluded.state,
        ended_at = excluded.ended_at, report = excluded.report, certificate = excluded.certificate
      """,
      [
        integration.id.text, integration.submission.text, integration.base?.hex, integration.startedAt,
        integration.candidate?.hex, integration.state.rawValue, integration.endedAt, integration.report?.column,
        integration.certificate?.column,
      ])
    try CheckTable(database).put(integration.checks, of: integration.id)
  }

  func find(_ id: IntegrationID) throws -> Integration? {
    try database.all("\(Self.select) WHERE id = ?", [id.text]).map(integration).first
  }

  func all(of submission: SubmissionID) throws -> [Integration] {
    try database.all("\(Self.select) WHERE submission = ? ORDER BY sequence", [submission.text]).map(integration)
  }

  private func integration(_ row: Columns) throws -> Integration {
    var row = row
    var integration = try Integration(
      id: row.word(IntegrationID.init), submission: row.word(SubmissionID.init), base: row.optionalObjectID(),
      startedAt: row.integer())
    integration.candidate = try row.optionalObjectID()
    integration.state = try row.word(IntegrationState.init)
    integration.endedAt = try row.optionalInteger()
    integration.report = try row.optionalText()
    integration.certificate = try row.optionalText()
    integration.checks = try CheckTable(database).all(of: integration.id)
    return integration
  }
}
