import GRDB

/// The targets whose queue is paused.
struct PauseTable {
  private let database: Database
  init(_ database: Database) { self.database = database }

  func set(_ target: String, _ isPaused: Bool) throws {
    let sql = isPaused ? "INSERT INTO paused VALUES (?) ON CONFLICT DO NOTHING" : "DELETE FROM paused WHERE target = ?"
    try database.run(sql, [target.column])
  }

  func all() throws -> Set<String> {
    try Set(
      database.all("SELECT target FROM paused").map { row in
        var row = row
        return try row.text()
      })
  }
}
