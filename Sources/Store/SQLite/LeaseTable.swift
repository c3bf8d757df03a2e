import Domain
import GRDB

/// The one row that says which ledger this is and whose turn it is to write.
struct LeaseTable {
  private let database: Database
  init(_ database: Database) { self.database = database }

  func newest() throws -> Fence {
    var row = try onlyRow("SELECT lease FROM ledger")
    return try Fence(number: row.integer())
  }

  func takeNext() throws -> Fence {
    try database.run("UPDATE ledger SET lease = lease + 1", [])
    return try newest()
  }

  func epoch() throws -> String {
    var row = try onlyRow("SELECT epoch FROM ledger")
    return try row.text()
  }

  private func onlyRow(_ sql: String) throws -> Columns {
    guard let row = try database.first(sql) else { throw MalformedRow(column: "ledger", value: "no row") }
    return row
  }
}
