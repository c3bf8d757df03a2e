import Domain
import Foundation
import Store
import Testing

/// What every ledger keeps of the single tests of a verdict.
@Suite struct CaseConformance {
  static let databases = LedgerUnderTest.allCases

  private func check(_ number: Int, _ cases: [TestCase]) throws -> CheckResult {
    var check = try Samples.check(number, verdict: .passed)
    check.cases = cases
    return check
  }

  @Test(arguments: databases)
  func `the tests of a verdict stand apart from it, whole and in order`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    let cases = [
      TestCase(name: "tests.a.one", outcome: .passed, seconds: 0.002),
      TestCase(name: "tests.a.one[ü]", outcome: .failed, seconds: 1_234.567_890_123),
      TestCase(name: "tests.a.one[û]", outcome: .skipped), TestCase(name: "", outcome: .passed, seconds: 0),
      TestCase(name: String(repeating: "long ", count: 60), outcome: .failed),
    ]
    let told = try check(1, cases)
    _ = try ledger.write([.checkResult(told), .checkResult(check(2, []))], holding: fence)
    #expect(try ledger.testCases(told.key) == cases)
    var apart = told
    apart.cases = []
    #expect(try ledger.checkResult(told.key) == apart)
    #expect(try ledger.testCases(check(2, []).key) == nil)
    #expect(try ledger.testCases(check(3, []).key) == nil)
  }

  @Test(arguments: databases)
  func `those of the newest verdict stand`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    let new = [TestCase(name: "new", outcome: .passed)]
    _ = try ledger.write([.checkResult(check(1, [TestCase(name: "old", outcome: .failed)]))], holding: fence)
    _ = try ledger.write([.checkResult(check(1, new))], holding: fence)
    #expect(try ledger.testCases(check(1, []).key) == new)
    _ = try ledger.write([.checkResult(check(1, []))], holding: fence)
    #expect(try ledger.testCases(check(1, []).key) == nil)
  }

  @Test(arguments: databases)
  func `an integration's copy of a check leaves them where they are`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    try ledger.enterSamples([1], holding: fence)
    let cases = [TestCase(name: "a", outcome: .passed)]
    var integration = try Samples.integration(1, of: 1)
    integration.checks = [try check(1, cases)]
    _ = try ledger.write([.checkResult(integration.checks[0]), .integration(integration)], holding: fence)
    #expect(try ledger.integration(integration.id)?.checks.first?.cases == [])
    #expect(try ledger.testCases(integration.checks[0].key) == cases)
  }

  @Test(arguments: databases)
  func `those of the oldest verdicts go, and the verdicts stay`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    let changes = try (1...2_003).map { number in
      var check = try CheckResult(
        name: "unit", verdict: .passed, seconds: 1, key: CheckKey(digest: Samples.object(number)))
      check.cases = [TestCase(name: "a", outcome: .passed)]
      return LedgerChange.checkResult(check)
    }
    _ = try ledger.write(changes, holding: fence)
    func isKept(_ number: Int) throws -> Bool {
      let key = try CheckKey(digest: Samples.object(number))
      #expect(try ledger.checkResult(key)?.verdict == .passed)
      return try ledger.testCases(key) != nil
    }
    #expect(try [1, 3, 4, 2_003].map(isKept) == [false, false, true, true])
    try ledger.verifyIntegrity()
  }

  @Test(arguments: databases)
  func `the most tests that a run may have are small`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    let cases = (0..<CheckResult.casesMax).map {
      TestCase(name: "tests.unit.module_\($0 / 50).Suite.test_behaviour_\($0)", outcome: .passed, seconds: 0.0125)
    }
    let told = try check(1, cases)
    _ = try ledger.write([.checkResult(told)], holding: fence)
    #expect(try ledger.testCases(told.key) == cases)
    let size = try FileManager.default.attributesOfItem(atPath: folder.ledger)[.size] as? Int
    #expect((size ?? .max) < 5_000_000)
  }
}
