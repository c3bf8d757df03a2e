import Domain
import GRDB

/// The targets whose gate is not open.
struct GateTable {
  private let database: Database
  init(_ database: Database) { self.database = database }

  func set(_ target: String, _ gate: Train.Gate) throws {
    try database.run("DELETE FROM paused WHERE target = ?", [target.column])
    guard gate != .open else { return }
    try database.run("INSERT INTO paused (target, gate) VALUES (?, ?)", [target.column, gate.rawValue])
  }

  func all() throws -> [String: Train.Gate] {
    var gates: [String: Train.Gate] = [:]
    for var row in try database.all("SELECT target, gate FROM paused") {
      let target = try row.text()
      gates[target] = try row.word(Train.Gate.init)
    }
    return gates
  }
}
