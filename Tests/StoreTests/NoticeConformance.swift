import Domain
import Store
import Testing

/// What every ledger promises about the outbox.
@Suite struct NoticeConformance {
  static let databases = LedgerUnderTest.allCases

  private func withOutbox(
    _ database: LedgerUnderTest, _ notices: [Notice], _ story: (any Ledger, Fence) throws -> Void
  ) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    try ledger.enterSamples(1...2, holding: fence)
    _ = try ledger.write(notices.map(LedgerChange.notice), holding: fence)
    try story(ledger, fence)
  }

  @Test(arguments: databases)
  func `a notice is written with its event or not at all`(database: LedgerUnderTest) throws {
    try withOutbox(database, []) { ledger, fence in
      let id = try Samples.submissionID(1)
      #expect(throws: LedgerError.self) {
        try ledger.write(
          [.event(id, json: "{}"), .notice(Samples.notice(1)), .event(Samples.submissionID(9), json: "{}")],
          holding: fence)
      }
      #expect(try ledger.notices(limit: 9).isEmpty)
      #expect(throws: LedgerError.self) { try ledger.write([.notice(Samples.notice(1, of: 9))], holding: fence) }
      _ = try ledger.write([.event(id, json: "{}"), .notice(Samples.notice(1))], holding: fence)
      #expect(try ledger.notices(limit: 9) == [Samples.notice(1)])
      #expect(throws: LedgerError.self) { try ledger.write([.notice(Samples.notice(1))], holding: fence) }
    }
  }

  @Test(arguments: databases)
  func `what waits is found by its receiver, oldest first, and is gone when it was taken`(database: LedgerUnderTest)
    throws
  {
    let command = NoticeSink.command(["/bin/tell", "a"])
    let notices = try [
      Samples.notice(3), Samples.notice(1, of: 2), Samples.notice(2, to: command, at: 90), Samples.notice(4, of: nil),
    ]
    try withOutbox(database, notices) { ledger, fence in
      #expect(
        try Set(ledger.waitingSinks()) == [
          WaitingSink(sink: .notes, dueAt: 100), WaitingSink(sink: command, dueAt: 90),
        ])
      #expect(try ledger.dueNotices(for: .notes, at: 99, limit: 9).isEmpty)
      #expect(try ledger.dueNotices(for: .notes, at: 100, limit: 2) == Array(notices[0...1]))
      try ledger.settle([.delivered(notices[0].id), .delivered(notices[2].id)], holding: fence)
      #expect(try ledger.waitingSinks().map(\.sink) == [.notes])
      #expect(try ledger.notices(limit: 9) == [notices[1], notices[3]])
    }
  }

  @Test(arguments: databases)
  func `what is postponed keeps what came after it for the same submission and receiver, and nothing else`(
    database: LedgerUnderTest
  ) throws {
    let notices = try [
      Samples.notice(1), Samples.notice(2), Samples.notice(3, of: 2), Samples.notice(4, of: nil),
      Samples.notice(5, of: nil),
    ]
    try withOutbox(database, notices) { ledger, fence in
      try ledger.settle(
        [
          .postponed(notices[0].id, until: 500, error: "it answered 500"),
          .postponed(notices[3].id, until: 500, error: "x"),
        ],
        holding: fence)
      _ = try ledger.write([.notice(Samples.notice(6))], holding: fence)
      #expect(try ledger.dueNotices(for: .notes, at: 499, limit: 9).map(\.id) == [notices[2].id, notices[4].id])
      let all = try ledger.dueNotices(for: .notes, at: 500, limit: 9)
      #expect(try all.map(\.id) == notices.map(\.id) + [Samples.notice(6).id])
      #expect(all.first?.attempts == 1 && all.first?.error == "it answered 500" && all[1].attempts == 0)
    }
  }

  @Test(arguments: databases)
  func `a dead letter keeps nobody, and comes back when it is sent again`(database: LedgerUnderTest) throws {
    let notices = try [Samples.notice(1), Samples.notice(2), Samples.notice(3, of: 2)]
    try withOutbox(database, notices) { ledger, fence in
      try ledger.settle([.dead(notices[0].id, error: "no")], holding: fence)
      #expect(try ledger.dueNotices(for: .notes, at: 100, limit: 9) == Array(notices[1...]))
      try ledger.settle([.expired(.notes, createdBefore: 100, error: "old")], holding: fence)
      #expect(try ledger.waitingSinks().count == 1)
      try ledger.settle([.expired(.notes, createdBefore: 101, error: "old")], holding: fence)
      #expect(try ledger.waitingSinks().isEmpty)
      _ = try ledger.write(notices[1...].map { .resend($0.id, at: 100) }, holding: fence)
      try ledger.settle([.gone(.notes, error: "it answered 410")], holding: fence)
      #expect(try ledger.waitingSinks().isEmpty)
      #expect(try ledger.notices(limit: 9).map(\.error) == ["no", "it answered 410", "it answered 410"])
      _ = try ledger.write([.resend(notices[0].id, at: 700), .resend(Samples.notice(8).id, at: 700)], holding: fence)
      let again = try ledger.dueNotices(for: .notes, at: 700, limit: 9)
      #expect(again.map(\.id) == [notices[0].id] && again.first?.attempts == 0)
      _ = try ledger.prune(endedBefore: 101, keepNewest: 0, holding: fence)
      #expect(try ledger.notices(limit: 9).map(\.id) == [notices[0].id])
    }
  }
}
