import Domain
import Store
import Testing

/// What every ledger keeps about integrations, their checks, and landings.
@Suite struct IntegrationConformance {
  static let databases = LedgerUnderTest.allCases

  @Test(arguments: databases)
  func `an integration is kept with its checks, whole, as it grows`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    try ledger.enterSamples([1], holding: fence)
    var integration = try Samples.integration(1, of: 1)
    func expectKept() throws {
      _ = try ledger.write([.integration(integration)], holding: fence)
      #expect(try ledger.integration(integration.id) == integration)
    }
    #expect(try ledger.integration(integration.id) == nil)
    try expectKept()

    integration.state = .checking
    integration.candidate = try Samples.object(2)
    integration.checks = try [Samples.check(1), Samples.check(2, verdict: .flaky)]
    try expectKept()

    let bare = try CheckResult(name: "lint", verdict: .passed, seconds: 0, key: CheckKey(digest: Samples.object(9)))
    integration.checks = [integration.checks[0], bare, integration.checks[1]]
    integration.state = .landed
    integration.endedAt = 1_700_000_150
    integration.report = "{\"report\":true}"
    integration.certificate = "{\"certificate\":true}"
    try expectKept()

    integration.checks = [bare]
    try expectKept()
  }

  @Test(arguments: databases)
  func `the integrations of a submission come oldest first`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    try ledger.enterSamples(1...2, holding: fence)
    let first = try Integration(
      id: Samples.integrationID(8), submission: Samples.submissionID(1), base: nil, startedAt: 1)
    let second = try Samples.integration(3, of: 1)
    _ = try ledger.write(
      [.integration(first), .integration(Samples.integration(5, of: 2)), .integration(second)], holding: fence)
    #expect(try ledger.integrations(of: Samples.submissionID(1)) == [first, second])
    #expect(try ledger.integrations(of: Samples.submissionID(3)).isEmpty)
  }

  @Test(arguments: databases)
  func `the newest submission under a name is found on its target alone`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    try ledger.enterSamples(1...3, holding: fence)
    let request = try #require(try ledger.submission(Samples.submissionID(2))).request
    #expect(try ledger.newestSubmission(name: request.name, target: request.target)?.request.name == request.name)
    #expect(try ledger.newestSubmission(name: request.name, target: "no-such-branch") == nil)
  }

  @Test(arguments: databases)
  func `the newest verdict stands under a key`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    let old = try Samples.check(1)
    var new = try Samples.check(1, verdict: .passed)
    new.failures = []
    _ = try ledger.write([.checkResult(old), .checkResult(Samples.check(2))], holding: fence)
    #expect(try ledger.checkResult(old.key) == old)
    _ = try ledger.write([.checkResult(new)], holding: fence)
    #expect(try ledger.checkResult(old.key) == new)
    #expect(try ledger.checkResult(CheckKey(digest: Samples.object(3))) == nil)
  }

  @Test(arguments: databases)
  func `a check of an integration is no verdict to reuse`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    try ledger.enterSamples([1], holding: fence)
    var integration = try Samples.integration(1, of: 1)
    integration.checks = [try Samples.check(1, verdict: .passed)]
    _ = try ledger.write([.integration(integration)], holding: fence)
    #expect(try ledger.checkResult(integration.checks[0].key) == nil)
  }

  @Test(arguments: databases)
  func `what the newest runs took is told, newest first, and which tests were flaky`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    #expect(try ledger.checkSeconds(newest: 3) == [])
    for number in 1...4 {
      let result = try Samples.check(number, verdict: number == 2 || number == 3 ? .flaky : .failed)
      _ = try ledger.write([.checkResult(result)], holding: fence)
    }
    #expect(try ledger.checkSeconds(newest: 2).map(\.seconds) == [4.125, 3.125])
    #expect(try ledger.flakyTests(newest: 10) == ["suite.one": 2, "suite.two": 2, "suite.three": 2])
    #expect(try ledger.flakyTests(newest: 2) == ["suite.one": 1, "suite.two": 1, "suite.three": 1])
  }

  @Test(arguments: databases)
  func `landings are listed by target and by age`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    try ledger.enterSamples(1...3, holding: fence)
    let landings = try [
      Samples.landing(1, by: 1, old: nil), Samples.landing(2, by: 2, old: nil, target: "next"),
      Samples.landing(3, by: 3, old: 1),
    ]
    for (index, landing) in landings.enumerated() {
      _ = try ledger.write(
        [.integration(Samples.integration(index + 1, of: index + 1)), .landing(landing)], holding: fence)
    }
    #expect(try ledger.landings(on: "main") == [landings[0], landings[2]])
    #expect(try ledger.landings(on: "other").isEmpty)
    #expect(try ledger.newestLandings(limit: 2) == [landings[2], landings[1]])
  }

  @Test(arguments: databases)
  func `nothing lands twice, and a tip that a target was moved back to can be left again`(database: LedgerUnderTest)
    throws
  {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    try ledger.enterSamples(1...3, holding: fence)
    _ = try ledger.write((1...3).map { .integration(try Samples.integration($0, of: $0)) }, holding: fence)
    let first = try Samples.landing(1, by: 1, old: nil)
    let second = try Samples.landing(2, by: 2, old: 5)
    _ = try ledger.write([.landing(first), .landing(second)], holding: fence)

    let contradictions = try [
      Samples.landing(1, by: 1, old: 6), Samples.landing(1, by: 3, old: nil, target: "next"),
      Samples.landing(3, by: 3, old: nil, new: 1), Samples.landing(3, by: 3, old: 5, new: 2),
    ]
    for landing in contradictions {
      let error = #expect(throws: LedgerError.self) { try ledger.write([.landing(landing)], holding: fence) }
      guard case .conflict = error else { throw Unexpected(error) }
    }
    // Recovery may say again what is written.
    _ = try ledger.write([.landing(first)], holding: fence)
    #expect(try ledger.landings(on: "next").isEmpty)
    let again = try Samples.landing(3, by: 3, old: 5)
    _ = try ledger.write([.landing(again)], holding: fence)
    #expect(try ledger.landings(on: "main") == [first, second, again])
  }
}
