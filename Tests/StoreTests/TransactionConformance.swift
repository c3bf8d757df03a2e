import Domain
import Foundation
import Store
import Testing

/// What every ledger promises about leases, numbers, and writing together or not at all.
@Suite struct TransactionConformance {
  static let databases = LedgerUnderTest.allCases

  @Test(arguments: databases)
  func `an old lease may not write anything`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    #expect(try ledger.newestLease() == Fence(number: 0))
    let old = try ledger.takeLease()
    try ledger.enterSamples(1...2, holding: old)
    _ = try ledger.write([.integration(Samples.integration(1, of: 1))], holding: old)
    let new = try database.open(in: folder).takeLease()
    #expect(new > old)
    #expect(try ledger.newestLease() == new)

    let fenced = LedgerError.fenced(held: old, newest: new)
    let changes: [LedgerChange] = try [
      .submission(Samples.ended(1)), .integration(Samples.integration(2, of: 1)),
      .event(Samples.submissionID(1), json: "{}"), .landing(Samples.landing(1, by: 1, old: nil)),
      .checkResult(Samples.check(1)), .gate(target: "main", .closed),
      .notice(Samples.notice(1)), .resend(Samples.notice(1).id, at: 5),
    ]
    for change in changes {
      #expect(throws: fenced) { try ledger.write([change], holding: old) }
    }
    #expect(throws: fenced) { try ledger.write([], holding: old) }
    #expect(throws: fenced) { try ledger.enter(Samples.request(3), events: ["{}"], holding: old) }
    #expect(throws: fenced) { try ledger.settle([.delivered(Samples.notice(1).id)], holding: old) }
    #expect(throws: fenced) { try ledger.prune(endedBefore: 1, keepNewest: 0, holding: old) }

    #expect(try ledger.openSubmissions().count == 2)
    #expect(try ledger.events(of: Samples.submissionID(1), after: 0).isEmpty)
    #expect(try ledger.gates().isEmpty)
    _ = try ledger.write(changes, holding: new)
  }

  @Test(arguments: databases)
  func `a lease nobody took may not write either`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    let future = Fence(number: fence.number + 1)
    #expect(throws: LedgerError.fenced(held: future, newest: fence)) { try ledger.write([], holding: future) }
  }

  @Test(arguments: databases)
  func `changes are written together or not at all`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    try ledger.enterSamples([1], holding: fence)
    let id = try Samples.submissionID(1)
    #expect(throws: LedgerError.self) {
      try ledger.write(
        [
          .event(id, json: "{}"), .submission(Samples.ended(1)), .checkResult(Samples.check(1)),
          .gate(target: "main", .closed), .event(Samples.submissionID(2), json: "{}"),
        ], holding: fence)
    }
    #expect(try ledger.events(of: id, after: 0).isEmpty)
    #expect(try ledger.submission(id)?.state == .queued)
    #expect(try ledger.checkResult(Samples.check(1).key) == nil)
    #expect(try ledger.gates().isEmpty)

    let numbered = try ledger.write([.event(id, json: "{}")], holding: fence)
    #expect(numbered.map(\.1.number) == [1], "a write that failed uses up no number")
  }

  @Test(arguments: databases)
  func `events are numbered from one without a gap, for each submission alone`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    try ledger.enterSamples(1...2, holding: fence)
    let (one, two) = try (Samples.submissionID(1), Samples.submissionID(2))
    let numbered = try ledger.write(
      [.event(one, json: "a"), .event(two, json: "b"), .event(one, json: "c")], holding: fence)
    #expect(numbered.map(\.0) == [one, two, one])
    #expect(numbered.map(\.1.number) == [1, 1, 2])
    #expect(numbered.map(\.1.json) == ["a", "b", "c"])
    _ = try ledger.write([.submission(Samples.ended(1)), .event(one, json: "d")], holding: fence)
    #expect(try ledger.events(of: one, after: 1).map(\.number) == [2, 3])
    #expect(try ledger.events(of: one, after: 3).isEmpty)
  }

  @Test(arguments: databases)
  func `two connections that write at once lose nothing and wait for one another`(database: LedgerUnderTest)
    async throws
  {
    let folder = try Folder()
    let ledgers = try [database.open(in: folder), database.open(in: folder)]
    let fence = try ledgers[0].takeLease()
    try ledgers[0].enterSamples([1], holding: fence)
    let id = try Samples.submissionID(1)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for ledger in ledgers {
        group.addTask {
          for _ in 0..<50 {
            _ = try ledger.write([.event(id, json: "{}")], holding: fence)
            _ = try ledger.openSubmissions()
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try ledgers[1].events(of: id, after: 0).map(\.number) == Array(1...100))
  }

  @Test(arguments: databases)
  func `what was written is there for the next process`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let request = try Samples.request(1)
    let epoch: String
    do {
      let ledger = try database.open(in: folder)
      epoch = try ledger.epoch()
      try ledger.enter(request, events: ["{}"], holding: ledger.takeLease())
    }
    let ledger = try database.open(in: folder)
    #expect(try ledger.openSubmissions() == [Submission(request: request)])
    #expect(try ledger.events(of: request.id, after: 0).count == 1)
    #expect(try ledger.epoch() == epoch)
    #expect(try ledger.takeLease() == Fence(number: 2))
    try ledger.verifyIntegrity()
  }

  @Test(arguments: databases)
  func `every ledger has an epoch of its own`(database: LedgerUnderTest) throws {
    let here = try Folder()
    let there = try Folder()
    let epochs = try [database.open(in: here).epoch(), database.open(in: there).epoch()]
    #expect(epochs[0] != epochs[1])
    #expect(epochs.allSatisfy { $0.count >= 32 })
  }

  @Test(arguments: databases)
  func `pruning forgets the events of what ended long ago and nothing else`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    for number in 1...6 { try ledger.enter(Samples.request(number), events: ["a", "b"], holding: fence) }
    let integration = try Samples.integration(1, of: 1)
    let landing = try Samples.landing(1, by: 1, old: nil)
    _ = try ledger.write([.integration(integration), .landing(landing)], holding: fence)
    for number in 1...5 {
      _ = try ledger.write([.submission(Samples.ended(number, at: Int64(number)))], holding: fence)
    }
    func prune(before seconds: Int64, keeping count: Int) throws -> [SubmissionID] {
      try ledger.prune(endedBefore: seconds, keepNewest: count, holding: fence)
    }

    #expect(try prune(before: 1, keeping: 0).isEmpty)
    #expect(try prune(before: 100, keeping: 5).isEmpty)
    #expect(try prune(before: 100, keeping: 3) == [1, 2].map(Samples.submissionID))
    #expect(try prune(before: 100, keeping: 3).isEmpty)
    #expect(try prune(before: 4, keeping: 0) == [Samples.submissionID(3)])

    let counts = try (1...6).map { try ledger.events(of: Samples.submissionID($0), after: 0).count }
    #expect(counts == [0, 0, 0, 2, 2, 2])
    #expect(try ledger.submission(Samples.submissionID(1)) == Samples.ended(1, at: 1))
    #expect(try ledger.integration(integration.id) == integration)
    #expect(try ledger.landings(on: "main") == [landing])

    let late = try ledger.write([.event(Samples.submissionID(1), json: "late")], holding: fence)
    #expect(late.map(\.1.number) == [3], "a number never returns")
    #expect(try prune(before: 100, keeping: 4) == [Samples.submissionID(1)])
  }
}
