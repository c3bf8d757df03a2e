import Foundation
import Testing

@Suite struct UsageTests {
  private let yard: Yard
  init() throws { yard = try Yard() }

  private static let subcommands = [
    "install", "uninstall", "doctor", "submit", "validate", "schema", "status", "show", "log", "feedback", "watch",
    "cancel",
    "retry",
    "pause", "resume", "rollback", "status-report", "analysis", "approve", "worker", "audit", "adopt", "gc", "github",
  ]

  @Test(arguments: subcommands) func `help teaches with an example`(subcommand: String) throws {
    let answer = try yard.run("sluice \(subcommand) --help")
    #expect(answer.status == 0)
    #expect(answer.out.contains(/\n *sluice .*\b/))
    #expect(answer.out.contains("OVERVIEW"))
    #expect(try yard.sh("sluice --help").contains("  \(subcommand) "))
  }

  @Test(arguments: ["install", "frobnicate", "status --bogus", "show", "submit --priority soon", "show nonsense"])
  func `wrong usage is status 2 and one sentence`(arguments: String) throws {
    try yard.makeProject()
    try yard.sh("sluice install app.git")
    let answer = try yard.run("sluice -C app.git \(arguments)")
    #expect(answer.status == 2)
    #expect(answer.errors.hasPrefix("sluice: "))
    #expect(answer.out.isEmpty)
  }

  @Test(arguments: ["status", "doctor", "show sub-1-a", "log sub-1-a", "feedback sub-1-a", "watch sub-1-a", "pause"])
  func `where there is no repository, the status is 4`(command: String) throws {
    guard command != "doctor" else { return #expect(try yard.run("sluice doctor nowhere.git").status == 4) }
    let answer = try yard.run("sluice \(command)")
    #expect(answer.status == 4)
    #expect(answer.errors.contains("not inside a bare repository"))
  }

  @Test func `a folder can be named before the subcommand and after it`() throws {
    try yard.makeProject()
    try yard.sh("sluice install --policy policy.yml app.git")
    let before = try yard.sh("sluice -C app.git status --json")
    #expect(try yard.sh("sluice status --json -C app.git") == before)
    #expect(try yard.sh("sluice -C work -C ../app.git status --json") == before)
    #expect(try yard.run("sluice -C nowhere status").status == 4)
  }

  @Test func `all violations of a package are told at once`() throws {
    let answer = try yard.run("sluice validate -", input: #"{"status": "failure", "changes": 1}"#)
    #expect(answer.status == 1)
    for pointer in ["/metadata", "/status", "/changes", "/validation_results", "/documentation"] {
      #expect(answer.errors.contains("  \(pointer): expected"))
    }
    let json = try yard.json(try yard.run("sluice validate --json -", input: "{}").out)
    #expect(json["valid"] as? Bool == false)
    #expect((json["violations"] as? [String])?.count == 5)
    #expect(
      try yard.json(yard.sh("sluice schema"))["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
  }

  @Test func `closed and full streams end a command, never crash it`() throws {
    #expect(try yard.run("sluice schema >&-").status == 0)
    #expect(try yard.run("sluice schema >/dev/full").status == 1)
    #expect(try yard.run("sluice schema | head -c 10 >/dev/null").status == 0)
    #expect(try yard.run("sluice validate - <&-").status == 1)
  }
}
