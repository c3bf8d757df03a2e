import Domain
import Foundation
import GRDB
import Testing

@testable import Store

/// A ledger that cannot be trusted is never used, and the answer says what to do.
@Suite struct DamageTests {
  /// A ledger of many pages, closed.
  private func makeLedger(in folder: borrowing Folder) throws {
    let ledger = try SQLiteLedger(path: folder.ledger)
    let fence = try ledger.takeLease()
    try ledger.enterSamples(1...5, holding: fence)
    let event = LedgerChange.event(try Samples.submissionID(1), json: String(repeating: "x", count: 500))
    _ = try ledger.write(Array(repeating: event, count: 400), holding: fence)
  }

  private func expectDamaged(_ words: String, _ body: () throws -> Void) throws {
    let error = #expect(throws: LedgerError.self, performing: body)
    guard case .damaged(let text) = error else { throw Unexpected(error) }
    #expect(text.contains(words), Comment(rawValue: text))
  }

  @Test func `a file that is no database is left alone`() throws {
    let folder = try Folder()
    try makeLedger(in: folder)
    let bytes = Data(repeating: 120, count: 9_000)
    try bytes.write(to: URL(fileURLWithPath: folder.ledger))
    try expectDamaged("stop the worker") { _ = try SQLiteLedger(path: folder.ledger) }
    try expectDamaged("git's refs") { _ = try SQLiteLedger.openReading(folder.ledger) }
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.ledger)) == bytes)
  }

  @Test func `pages that were overwritten are noticed`() throws {
    let folder = try Folder()
    try makeLedger(in: folder)
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: folder.ledger))
    let pages = try file.seekToEnd() / 4_096
    for page in 2..<pages {
      try file.seek(toOffset: page * 4_096)
      try file.write(contentsOf: Data(repeating: 255, count: 4_096))
    }
    try file.close()
    try expectDamaged(folder.ledger) {
      let ledger = try SQLiteLedger(path: folder.ledger)
      try ledger.verifyIntegrity()
    }
  }

  @Test func `a file that was cut short is noticed`() throws {
    let folder = try Folder()
    try makeLedger(in: folder)
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: folder.ledger))
    try file.truncate(atOffset: file.seekToEnd() / 8_192 * 4_096)
    try file.close()
    try expectDamaged(folder.ledger) {
      let ledger = try SQLiteLedger(path: folder.ledger)
      try ledger.verifyIntegrity()
    }
  }

  @Test func `a row that names one that is gone is noticed`() throws {
    let folder = try Folder()
    try makeLedger(in: folder)
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    try DatabaseQueue(path: folder.ledger, configuration: configuration).write {
      try $0.execute(sql: "DELETE FROM submission WHERE sequence = 5")
    }
    try expectDamaged("a row of dependency") { try SQLiteLedger(path: folder.ledger).verifyIntegrity() }
  }

  @Test(arguments: ["state = 'dreaming'", "pushed = 'abc'", "priority = 77", "accepted_at = 'noon'", "id = 'sub-x'"])
  func `a row that Sluice never wrote is damage, not a crash`(assignment: String) throws {
    let folder = try Folder()
    let ledger = try SQLiteLedger(path: folder.ledger)
    try ledger.enterSamples([1], holding: ledger.takeLease())
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    try DatabaseQueue(path: folder.ledger, configuration: configuration).write {
      try $0.execute(sql: "UPDATE submission SET \(assignment)")
    }
    let column = assignment.prefix { $0 != " " }
    try expectDamaged("column \(column)") { _ = try ledger.openSubmissions() + ledger.endedSubmissions(limit: 9) }
  }

  @Test(arguments: [
    "", "02", "01", "0107", "010005", "01000003616263010400", "010400016180", "01040001610480808080808080808080",
  ])
  func `tests that Sluice never wrote are damage, not a crash`(bytes: String) throws {
    let folder = try Folder()
    let ledger = try SQLiteLedger(path: folder.ledger)
    var check = try Samples.check(1)
    check.cases = [TestCase(name: "a", outcome: .passed)]
    _ = try ledger.write([.checkResult(check)], holding: ledger.takeLease())
    try DatabaseQueue(path: folder.ledger).write { try $0.execute(sql: "UPDATE test_cases SET cases = x'\(bytes)'") }
    if bytes == "01" {
      #expect(try ledger.testCases(check.key) == [])
    } else {
      try expectDamaged("column cases") { _ = try ledger.testCases(check.key) }
    }
  }

  @Test func `a ledger of a newer version is neither read nor written`() throws {
    let folder = try Folder()
    try makeLedger(in: folder)
    try DatabaseQueue(path: folder.ledger).write {
      try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('v99')")
    }
    try expectDamaged("written by a newer Sluice") { _ = try SQLiteLedger(path: folder.ledger) }
    try expectDamaged("written by a newer Sluice") { _ = try SQLiteLedger.openReading(folder.ledger) }
  }
}
