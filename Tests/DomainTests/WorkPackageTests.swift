import Domain
import Testing

@Suite struct WorkPackageTests {
  private let limits = Policy.Limits()

  private func violations(_ example: String) throws -> [String] {
    WorkPackage.read(try JSONValue.parse(Array(example.utf8)), diffBytesMax: limits.diff).violations.map(\.description)
  }

  private func refusal(_ bytes: [UInt8], limits: Policy.Limits = .init()) -> Refusal? {
    do {
      _ = try WorkPackage.read(bytes: bytes, limits: limits)
      return nil
    } catch { return error }
  }

  @Test func `the seed document's package is read and written back as it was`() throws {
    let (package, warning) = try WorkPackage.read(bytes: Array(PackageExample.good.utf8), limits: limits)
    #expect(warning == nil)
    #expect(package.metadata.taskID == "implement-user-authentication")
    #expect(package.changes.deleted == ["legacy/auth_utils.py"])
    #expect(package.validationResults.waveCount == 3 && package.metrics?.complexityScore?.double == 7.2)
    #expect(package.diff?.decoded() == Array("diff".utf8))
    #expect(package.documentation.apiChanges?.count == 2)
    #expect(package.json == (try JSONValue.parse(Array(PackageExample.good.utf8))))
  }

  @Test(arguments: PackageExample.all) func `each field has its rule`(example: PackageExample) throws {
    let reading = WorkPackage.read(try example.package(), diffBytesMax: limits.diff)
    #expect((reading.package != nil) == example.isGood, "\(reading.violations)")
    for violation in reading.violations {
      #expect(violation.pointer.hasPrefix("/" + example.pointer.joined(separator: "/")) || example.isUnsaid)
      #expect(violation.found.unicodeScalars.count <= 60)
      #expect(!violation.description.unicodeScalars.contains { $0.isControl || $0.isBidiControl })
    }
  }

  @Test func `all violations stand in one answer, each with its place`() throws {
    let lines = try violations(
      """
      {"metadata":{"agent_id":"","task_id":"t\\u001b","timestamp":"2024-01-01","submission_version":1.0},
       "status":"failure","changes":{"files_modified":["../x","a"],"files_added":["a"]},
       "validation_results":{"tests_passed":false,"test_count":2,"test_failures":3},"documentation":{}}
      """)
    #expect(
      lines == [
        "/metadata/agent_id: expected a text of 1 to 200 bytes without control or direction characters, found \"\"",
        "/metadata/task_id: expected a text of 1 to 200 bytes without control or direction characters, found \"t\\u{1b}\"",
        "/metadata/timestamp: expected an RFC 3339 date and time such as 2024-01-01T12:00:00Z, found \"2024-01-01\"",
        "/metadata/submission_version: expected a version by Semantic Versioning 2.0.0 such as 1.0.0, found 1.0",
        "/status: expected \"success\", found \"failure\"",
        "/changes/files_modified/0: expected a relative path without empty, . or .. components and control characters, found \"../x\"",
        "/changes/files_added/0: expected each path once in all lists, found \"a\"",
        "/changes/files_deleted: expected a list of paths, found nothing",
        "/validation_results/tests_passed: expected true, found false",
        "/validation_results/test_failures: expected 0, found 3",
        "/documentation/feature_description: expected a text that is not empty, without control or direction characters, found nothing",
        "/validation_results/test_count: expected at least test_failures (3), found 2",
      ])
  }

  @Test func `unknown fields are named in one line and refuse nothing`() throws {
    let text = PackageExample.good.replacing("{\"metadata\":{", with: "{\"x/y\":1,\"metadata\":{\"team\\u001b\":\"a\",")
    #expect(
      try WorkPackage.read(bytes: Array(text.utf8), limits: limits).warning
        == "unknown fields are kept and not used: /x~1y, /metadata/team\\u{1b}")
  }

  @Test func `what is not JSON is refused with its place`() {
    #expect(refusal(Array("{\"metadata\":{,".utf8))?.category == .invalidPackage)
    #expect(refusal(Array("[]".utf8))?.reason.hasPrefix("the package: expected an object with metadata, ") == true)
    #expect(
      refusal([])?.reason == "the work package is not read: line 1, column 1: expected a JSON value, found nothing")
  }

  @Test func `a diff counts against its own limit, decoded`() {
    var limits = Policy.Limits()
    limits.package = PackageExample.good.utf8.count
    limits.diff = 100_000
    func package(_ count: Int) -> [UInt8] {
      let diff = DiffPackage(bytes: [UInt8](repeating: 7, count: count)).base64
      return Array(PackageExample.good.replacing("ZGlmZg==", with: diff).utf8)
    }
    #expect(refusal(package(100_000), limits: limits) == nil)
    #expect(refusal(package(100_001), limits: limits)?.category == .limitExceeded)
    #expect(refusal(package(100_003), limits: limits)?.category == .limitExceeded)
    #expect(refusal(package(10_000_000), limits: limits)?.category == .limitExceeded)
    limits.package -= 40
    #expect(refusal(package(3), limits: limits)?.category == .limitExceeded)
  }

  @Test func `a diff of any length is encoded and decoded`() {
    for count in 0..<70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + 1) }
      #expect(DiffPackage(base64: DiffPackage(bytes: bytes).base64)?.decoded() == bytes)
    }
  }

  @Test func `a long list of violations is cut`() {
    let many = (0..<70).map { Violation("/changes/files_added/\($0)", expected: "x", found: "y") }
    let refusal = Refusal(violations: many)
    #expect(refusal.details.count == 51 && refusal.details.last == "… and 20 more")
    #expect(refusal.reason == "70 violations in the work package")
  }
}
