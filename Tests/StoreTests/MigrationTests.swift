import Domain
import Foundation
import GRDB
import Store
import Testing

/// Ledgers that an older version wrote are read by this one. A sample stands here for every migration and never changes.
@Suite struct MigrationTests {
  /// Makes a ledger by the statements of one version and closes it.
  private func makeLedger(in folder: borrowing Folder, _ statements: String...) throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/sluice", withIntermediateDirectories: true)
    try DatabaseQueue(path: folder.ledger).write { database in
      for sql in statements { try database.execute(sql: sql) }
    }
  }

  @Test func `a ledger of version 1 is read`() throws {
    let folder = try Folder()
    try makeLedger(in: folder, V1Sample.schema, V1Sample.rows)
    let reader = try #require(try SQLiteLedger.openReading(folder.ledger))
    for ledger in [try SQLiteLedger(path: folder.ledger), reader] {
      try expectSample(in: ledger)
      try ledger.verifyIntegrity()
    }
  }

  @Test func `a ledger of version 2 is read`() throws {
    let folder = try Folder()
    try makeLedger(in: folder, V1Sample.schema, V1Sample.rows, V2Sample.schema, V2Sample.rows)
    let reader = try #require(try SQLiteLedger.openReading(folder.ledger))
    for ledger in [try SQLiteLedger(path: folder.ledger), reader] {
      #expect(try ledger.gates() == ["next": .closed, "frozen": .urgentOnly])
      let open = try #require(try ledger.openSubmissions().first)
      #expect(open.isPromoted && open.shape == ChangeShape(files: 3, folders: ["docs", "src"]))
      try ledger.verifyIntegrity()
    }
  }

  @Test func `a ledger of version 3 is read`() throws {
    let folder = try Folder()
    try makeLedger(
      in: folder, V1Sample.schema, V1Sample.rows, V2Sample.schema, V2Sample.rows, V3Sample.schema, V3Sample.rows)
    let reader = try #require(try SQLiteLedger.openReading(folder.ledger))
    let run = try #require(IntegrationID("int-1700000003-c"))
    let key = CheckKey(digest: try Samples.object(5))
    for ledger in [try SQLiteLedger(path: folder.ledger), reader] {
      for check in [try ledger.integration(run)?.checks.first, try ledger.checkResult(key)] {
        let check = try #require(check)
        #expect(check.cpuSeconds == 2.5 && check.readBytes == 7_000_000_000 && check.writtenBytes == 11)
        #expect(check.coverage == LineCoverage(covered: 30, valid: 40))
        #expect(
          check.findings == [
            Finding(
              rule: "sql", severity: .critical, path: "src/a.py", line: 7, message: "built from input",
              fingerprint: "sql src/a.py x"),
            Finding(rule: "key", severity: .low, path: nil, line: nil, message: "a key", fingerprint: "key - x"),
          ])
        #expect(check.metrics == [Metric(name: "p99", value: 12.5, unit: "ms", better: .lower)])
      }
      #expect(
        try ledger.testCases(key) == [
          TestCase(name: "t.one", outcome: .failed, seconds: 0.000001), TestCase(name: "t.two", outcome: .skipped),
        ])
      try ledger.verifyIntegrity()
    }
  }

  @Test func `a ledger of version 4 is read`() throws {
    let folder = try Folder()
    try makeLedger(
      in: folder, V1Sample.schema, V1Sample.rows, V2Sample.schema, V2Sample.rows, V3Sample.schema, V3Sample.rows,
      V4Sample.schema, V4Sample.rows)
    let reader = try #require(try SQLiteLedger.openReading(folder.ledger))
    let waiting = try #require(SubmissionID("sub-1700000002-b"))
    for ledger in [try SQLiteLedger(path: folder.ledger), reader] {
      let review = Review(
        submission: waiting, askedAt: 1_700_000_004, approval: Approval(by: "carol", at: 1_700_000_005))
      #expect(try ledger.review(of: waiting) == review)
      let check = try #require(try ledger.checkResult(CheckKey(digest: try Samples.object(5))))
      #expect(check.performance?.word == .degraded && check.performance?.timeChange == 0.5)
      #expect(check.performance?.changes.first?.estimate?.pairs == 7)
      try ledger.verifyIntegrity()
    }
  }

  @Test func `a ledger of version 5 is read`() throws {
    let folder = try Folder()
    try makeLedger(
      in: folder, V1Sample.schema, V1Sample.rows, V2Sample.schema, V2Sample.rows, V3Sample.schema, V3Sample.rows,
      V4Sample.schema, V4Sample.rows, V5Sample.schema, V5Sample.rows)
    let reader = try #require(try SQLiteLedger.openReading(folder.ledger))
    for ledger in [try SQLiteLedger(path: folder.ledger), reader] {
      let notices = try ledger.notices(limit: 5)
      #expect(notices.map(\.id.text) == ["msg-1700000010-a", "msg-1700000011-b"])
      let first = try #require(notices.first)
      #expect(first.submission?.text == "sub-1700000001-a" && first.occasion == .deploymentSuccess)
      #expect(first.sink == .webhook("https://hooks.example.org/a") && first.body == "{}" && first.createdAt == 1)
      #expect(first.attempts == 2 && first.dueAt == 9 && !first.isDead && first.error == "it answered 500")
      #expect(notices.last?.submission == nil && notices.last?.isDead == true && notices.last?.error == nil)
      try ledger.verifyIntegrity()
    }
  }

  @Test func `the schema that is made today is that of the newest sample`() throws {
    let folder = try Folder()
    let old = try Folder()
    _ = try SQLiteLedger(path: folder.ledger)
    try makeLedger(in: old, V1Sample.schema)
    _ = try SQLiteLedger(path: old.ledger)
    func schema(_ path: String) throws -> [String] {
      try DatabaseQueue(path: path).read {
        try String.fetchAll($0, sql: "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
      }.map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    }
    #expect(try schema(folder.ledger) == schema(old.ledger))
  }

  @Test func `of several that make a ledger at once all can use it`() async throws {
    let folder = try Folder()
    let path = folder.ledger
    let leases = try await withThrowingTaskGroup(of: Int64.self) { group in
      for _ in 0..<8 { group.addTask { try SQLiteLedger(path: path).takeLease().number } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(leases.sorted() == Array(1...8))
  }

  private func expectSample(in ledger: any Ledger) throws {
    #expect(try ledger.epoch() == "0123456789abcdef0123456789abcdef")
    #expect(try ledger.newestLease() == Fence(number: 41))
    #expect(try ledger.gates() == ["next": .closed])

    let landed = try #require(SubmissionID("sub-1700000001-a"))
    let waiting = try #require(SubmissionID("sub-1700000002-b"))
    let run = try #require(IntegrationID("int-1700000003-c"))
    var submission = Submission(
      request: SubmissionRequest(
        id: landed, name: "work", target: "main", pushed: try Samples.object(1), embedding: .file, taskID: "task-1",
        agentID: "agent", identity: "alice", options: SubmissionOptions(priority: .urgent), acceptedAt: 1_700_000_001,
        supersedes: nil), state: .landed)
    submission.integration = run
    submission.landedCommit = try Samples.object(2)
    submission.endedAt = 1_700_000_009
    #expect(try ledger.submission(landed) == submission)
    #expect(try ledger.endedSubmissions(limit: 5) == [submission])
    #expect(
      try ledger.events(of: landed, after: 0).map(\.json) == [
        "{\"event\":\"submission_received\"}", "{\"event\":\"ended\"}",
      ])

    let open = try #require(try ledger.openSubmissions().first)
    #expect(open.id == waiting && open.state == .queued && open.request.supersedes == landed)
    #expect(
      open.request.options == SubmissionOptions(priority: .low, isDryRun: true, isRetry: true, dependsOn: ["task-1"]))

    let integration = try #require(try ledger.integration(run))
    #expect(integration.submission == landed && integration.base == nil && integration.state == .landed)
    #expect(
      integration.report == "{\"r\":1}" && integration.certificate == "{\"c\":1}"
        && integration.endedAt == 1_700_000_008)
    var check = CheckResult(
      name: "unit", verdict: .flaky, reason: "retried", seconds: 1.5, key: CheckKey(digest: try Samples.object(5)),
      tests: TestCounts(passed: 3, failed: 1, skipped: 0), failures: [TestFailure(name: "t.one", output: ["a", "b"])],
      peakMemory: 1_000_000, outputTail: ["x", "y"])
    #expect(integration.checks == [check])
    check.failures = []
    check.isCached = true
    #expect(try ledger.checkResult(check.key) == check)
    #expect(
      try ledger.landings(on: "main") == [
        Landing(
          integration: run, submission: landed, target: "main", old: nil, new: Samples.object(2), at: 1_700_000_008)
      ])
  }
}
