import Domain
import GRDB

/// The events of each submission, numbered by the count in its row, so that pruning never lets a number return.
struct EventTable {
  private let database: Database
  init(_ database: Database) { self.database = database }

  func append(_ json: String, to id: SubmissionID) throws -> NumberedEvent {
    try database.run("UPDATE submission SET event_count = event_count + 1, has_events = 1 WHERE id = ?", [id.text])
    guard var row = try database.first("SELECT event_count FROM submission WHERE id = ?", [id.text]) else {
      throw LedgerError.conflict("an event of \(id), which was never entered")
    }
    let number = try row.integer()
    try database.run("INSERT INTO event VALUES (?, ?, ?)", [id.text, number, json.column])
    return NumberedEvent(number: Int(number), json: json)
  }

  func all(of id: SubmissionID, after number: Int) throws -> [NumberedEvent] {
    try database.all(
      "SELECT number, json FROM event WHERE submission = ? AND number > ? ORDER BY number", [id.text, number]
    ).map { row in
      var row = row
      return try NumberedEvent(number: Int(row.integer()), json: row.text())
    }
  }

  func removeAll(of id: SubmissionID) throws {
    try database.run("DELETE FROM event WHERE submission = ?", [id.text])
    try database.run("UPDATE submission SET has_events = 0 WHERE id = ?", [id.text])
  }
}
