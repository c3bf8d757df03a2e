import Domain
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Store

/// What holds for the SQLite file beside the ledger's promises.
@Suite struct SQLiteLedgerTests {
  @Test func `the ledger and its folder are its owner's alone`() throws {
    let folder = try Folder()
    _ = try SQLiteLedger(path: folder.ledger).takeLease()
    func mode(_ path: String) throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
    #expect(try mode(folder.ledger) == 0o600)
    #expect(try mode(folder.path + "/sluice") == 0o700)
    #expect(try mode(folder.ledger + "-journal") == 0o600)

    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder.ledger)
    _ = try SQLiteLedger(path: folder.ledger)
    #expect(try mode(folder.ledger) == 0o600)
  }

  @Test func `a write survives a power cut and a reference names what exists`() throws {
    let folder = try Folder()
    let settings = try SQLiteLedger(path: folder.ledger).reading { database in
      try ["journal_mode", "synchronous", "foreign_keys", "busy_timeout"].map {
        try String.fetchOne(database, sql: "PRAGMA \($0)")
      }
    }
    #expect(settings == ["truncate", "3", "1", "5000"])
  }

  @Test func `every write is one transaction`() throws {
    let folder = try Folder()
    let ledger = try SQLiteLedger(path: folder.ledger)
    let fence = try ledger.takeLease()
    try ledger.enterSamples([1], holding: fence)
    func changeCounter() throws -> UInt8 { try Data(contentsOf: URL(fileURLWithPath: folder.ledger))[27] }
    let before = try changeCounter()
    _ = try ledger.write(
      [
        .submission(Samples.ended(1)), .integration(Samples.integration(1, of: 1)),
        .event(Samples.submissionID(1), json: "{}"),
        .event(Samples.submissionID(1), json: "{}"), .checkResult(Samples.check(1)),
      ], holding: fence)
    #expect(try changeCounter() == before + 1)
    _ = try ledger.openSubmissions()
    #expect(try changeCounter() == before + 1, "what changes nothing writes nothing")
  }

  @Test func `no question reads all that ever was`() throws {
    let folder = try Folder()
    let ledger = try SQLiteLedger(path: folder.ledger)
    let fence = try ledger.takeLease()
    let asked = Asked()
    try ledger.reading {
      $0.trace { if case .statement(let statement) = $0 { asked.statements.withLock { _ = $0.insert(statement.sql) } } }
    }
    try ledger.enterSamples([1, 2], holding: fence)
    let id = try Samples.submissionID(1)
    var check = try Samples.check(1)
    check.cases = [TestCase(name: "a", outcome: .passed)]
    _ = try ledger.write(
      [
        .submission(Samples.ended(1)), .integration(Samples.integration(1, of: 1)), .event(id, json: "{}"),
        .landing(Samples.landing(1, by: 1, old: nil)), .checkResult(check), .gate(target: "main", .closed),
        .notice(Samples.notice(1)), .resend(Samples.notice(1).id, at: 5),
      ], holding: fence)
    _ = try ledger.waitingSinks()
    _ = try ledger.dueNotices(for: .notes, at: 5, limit: 5)
    _ = try ledger.notices(limit: 5)
    let notice = try Samples.notice(1).id
    try ledger.settle(
      [
        .postponed(notice, until: 5, error: "a"), .dead(notice, error: "a"), .gone(.notes, error: "a"),
        .expired(.notes, createdBefore: 5, error: "a"),
        .delivered(notice),
      ], holding: fence)
    _ = try ledger.openSubmissions()
    _ = try ledger.endedSubmissions(limit: 5)
    _ = try ledger.landedSubmission(name: "a", target: "main", pushed: Samples.object(1))
    _ = try ledger.hasLanded(taskOrSubmission: "a", target: "main")
    _ = try ledger.integration(Samples.integrationID(1))
    _ = try ledger.integrations(of: id)
    _ = try ledger.events(of: id, after: 0)
    _ = try ledger.checkResult(Samples.check(1).key)
    _ = try ledger.testCases(Samples.check(1).key)
    _ = try ledger.checkSeconds(newest: 5)
    _ = try ledger.landings(on: "main")
    _ = try ledger.newestLandings(limit: 5)
    _ = try ledger.gates()
    _ = try ledger.prune(endedBefore: 5, keepNewest: 3, holding: fence)

    let plans = try ledger.reading { database in
      database.trace(options: [])
      let questions = asked.statements.withLock { $0 }.filter { ["SELECT", "UPDATE", "DELETE"].contains($0.prefix(6)) }
      return try questions.flatMap { sql in
        let statement = try database.makeStatement(sql: "EXPLAIN QUERY PLAN \(sql)")
        statement.setUncheckedArguments(StatementArguments())
        return try Row.fetchAll(statement).map { "\($0["detail"] ?? ""): \(sql)" }
      }
    }
    #expect(plans.count > 20)
    // One row, the few paused targets, a bounded table, the newest landings from the end, the oldest notices.
    let small = [
      "SCAN test_cases",
      "SCAN ledger", "SCAN paused",
      "SCAN notice: SELECT id, submission, occasion, sink, body, created_at, attempts, due_at, is_dead, error FROM notice ORDER",
      "SCAN landing: SELECT integration, submission, target, old, new, at FROM landing ORDER",
    ]
    for plan in plans where !small.contains(where: plan.hasPrefix) {
      let isBounded = plan.hasPrefix("SEARCH") || plan.contains("USING INDEX") || plan.contains("USING COVERING INDEX")
      let isStep = ["COMPOUND QUERY", "LEFT-MOST SUBQUERY", "UNION ALL", "SCALAR SUBQUERY"].contains(
        where: plan.hasPrefix)
      #expect(isBounded || isStep, Comment(rawValue: plan))
    }
  }

  @Test func `a ledger that was never made is no ledger, and is not made by looking`() throws {
    let folder = try Folder()
    #expect(try SQLiteLedger.openReading(folder.ledger) == nil)
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/sluice"))
  }

  @Test func `a reader sees what is written while it is open, and writes nothing`() throws {
    let folder = try Folder()
    let ledger = try SQLiteLedger(path: folder.ledger)
    let reader = try #require(try SQLiteLedger.openReading(folder.ledger))
    let fence = try ledger.takeLease()
    try ledger.enterSamples([1], holding: fence)
    #expect(try reader.openSubmissions().count == 1)
    #expect(try reader.newestLease() == fence)
    try reader.verifyIntegrity()
    let error = #expect(throws: LedgerError.self) { try reader.enterSamples([2], holding: fence) }
    guard case .unavailable(let text) = error else { throw Unexpected(error) }
    #expect(text.contains(folder.ledger))
  }

  @Test(arguments: [false, true])
  func `a write that was cut off half way is undone by whoever comes next`(isReader: Bool) throws {
    let folder = try Folder()
    let dead = try Folder()
    let ledger = try SQLiteLedger(path: folder.ledger)
    let fence = try ledger.takeLease()
    try ledger.enterSamples(1...3, holding: fence)
    // A copy of both files in the middle of a transaction is what a killed process leaves.
    #expect(throws: Unexpected.self) {
      try DatabaseQueue(path: folder.ledger).inTransaction(.immediate) { database in
        try database.execute(sql: "PRAGMA cache_size = 1; PRAGMA cache_spill = 1")
        try database.execute(sql: "UPDATE submission SET reason = hex(zeroblob(20000)), state = 'landed'")
        try FileManager.default.copyItem(atPath: folder.path + "/sluice", toPath: dead.path + "/sluice")
        throw Unexpected(nil)
      }
    }
    let next = try #require(isReader ? try SQLiteLedger.openReading(dead.ledger) : try SQLiteLedger(path: dead.ledger))
    #expect(try next.openSubmissions().map(\.state) == [.queued, .queued, .queued])
    #expect(try next.newestLease() == fence)
    try next.verifyIntegrity()
  }

  @Test func `a full disk refuses the write, keeps what was there, and is over when there is room`() throws {
    let folder = try Folder()
    let ledger = try SQLiteLedger(path: folder.ledger)
    let fence = try ledger.takeLease()
    try ledger.enterSamples([1], holding: fence)
    let event = LedgerChange.event(try Samples.submissionID(1), json: String(repeating: "x", count: 100_000))
    _ = try ledger.reading { try Int.fetchOne($0, sql: "PRAGMA max_page_count = 1") }
    let error = #expect(throws: LedgerError.self) { try ledger.write([event], holding: fence) }
    guard case .unavailable(let text) = error else { throw Unexpected(error) }
    #expect(text.contains("disk is full"))
    #expect(try ledger.openSubmissions().count == 1)
    _ = try ledger.reading { try Int.fetchOne($0, sql: "PRAGMA max_page_count = 1000000") }
    #expect(try ledger.write([event], holding: fence).map(\.1.number) == [1])
  }

  @Test func `a ledger that another process holds too long is unavailable`() throws {
    let error = LedgerError(DatabaseError(resultCode: .SQLITE_BUSY), path: "/x/ledger.sqlite")
    guard case .unavailable(let text) = error else { throw Unexpected(error) }
    #expect(text.contains("/x/ledger.sqlite") && text.contains("another process"))
  }

  @Test func `a place where no file can be made is unavailable`() throws {
    let error = #expect(throws: LedgerError.self) { try SQLiteLedger(path: "/proc/sluice/ledger.sqlite") }
    guard case .unavailable(let text) = error else { throw Unexpected(error) }
    #expect(text.contains("/proc/sluice/ledger.sqlite"))
  }

  @Test func `the version of SQLite can be told`() throws {
    #expect(try SQLiteLedger.libraryVersion().split(separator: ".").count == 3)
  }
}

/// The statements a connection was asked to run.
private final class Asked: Sendable {
  let statements = Mutex<Set<String>>([])
}
