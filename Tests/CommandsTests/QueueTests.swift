import Foundation
import Testing

@Suite struct QueueTests {
  private let yard: Yard
  init() throws {
    yard = try Yard()
    try yard.makeServer()
    try yard.sh("git config sluice.test true", in: "work")
  }

  private func status() throws -> [String: Any] { try yard.json(yard.sh("sluice -C app.git status --json")) }

  private func inFlight() throws -> [[String: Any]] {
    let queues = try #require(try status()["queues"] as? [[String: Any]])
    return try #require(queues.first?["items"] as? [[String: Any]])
  }

  private func recent() throws -> [[String: Any]] { try #require(try status()["recent"] as? [[String: Any]]) }

  @Test func `a landed submission is shown with everything that is known of it`() throws {
    let push = try yard.run("sluice submit --agent agent-7", in: "work")
    #expect(push.status == 0, "\(push.text)")
    let item = try #require(try recent().first)
    #expect(
      Set(item.keys) == [
        "submission_id", "task_id", "agent_id", "name", "state", "position", "eta_seconds", "priority",
        "integration_id",
      ])
    #expect(item["state"] as? String == "landed")
    let id = try #require(item["submission_id"] as? String)
    let shown = try yard.json(yard.sh("sluice -C app.git show --json \(id)"))
    #expect(
      Set(shown.keys) == [
        "integration_id", "agent_submission_id", "validation_timestamp", "status", "main_branch_state",
        "integration_results", "compatibility_assessment", "recommendation", "submission_id", "task_id", "agent_id",
        "name",
        "state", "category", "reason", "landed_commit", "certificate", "checks",
      ])
    #expect(
      shown["landed_commit"] as? String == (try yard.sh("git rev-parse main", in: "app.git").dropLast()).description)
    let integration = try #require(shown["integration_id"] as? String)
    #expect(
      try yard.sh("sluice -C app.git show --json \(integration)") == yard.sh("sluice -C app.git show --json \(id)"))
    #expect(try yard.sh("sluice -C app.git log \(id)").contains("success: landed on main"))
    let lines = try yard.sh("sluice -C app.git log --json \(id)").split(separator: "\n").map {
      try yard.json(String($0))
    }
    #expect(lines.compactMap { $0["seq"] as? Int } == Array(1...lines.count))
    #expect(lines.last?["event"] as? String == "ended")
    #expect(try yard.sh("sluice -C app.git watch --json \(id)") == yard.sh("sluice -C app.git log --json \(id)"))
    #expect(try yard.run("sluice -C app.git watch \(id)").status == 0)
    #expect(try yard.run("sluice -C app.git retry \(id)").status == 1)
  }

  @Test func `a refused submission tells its log, and is tried again`() throws {
    try yard.sh("echo 'no \u{1B}[31mbad\tway' >answer; git commit -q -a --amend -m Bad", in: "work")
    try yard.sh("printf 'version: 1\nchecks:\n  tests: {run: cat answer; grep -q good answer}\n' >policy.yml")
    #expect(try yard.run("sluice submit", in: "work").status == 1)
    let id = try #require(try recent().first?["submission_id"] as? String)
    #expect(try yard.run("sluice -C app.git watch \(id)").status == 1)
    #expect(try yard.sh("sluice -C app.git log \(id) tests") == "no \\u{1b}[31mbad\tway\n")
    let missing = try yard.run("sluice -C app.git log \(id) ../../config")
    #expect(missing.status == 1)
    #expect(missing.errors.contains("there is output of tests"))
    let again = try yard.sh("sluice -C app.git retry \(id)")
    let newer = try #require(again.firstMatch(of: /sub-\d+-[0-9a-z]+/)?.output)
    #expect(try yard.run("sluice -C app.git watch \(newer)").status == 1)
    #expect(try yard.run("sluice retry topic", in: "work").status == 1)
    #expect(try recent().map { $0["state"] as? String } == ["rejected", "rejected", "rejected"])
  }

  @Test func `a paused queue accepts, waits, lets go and goes on`() throws {
    try yard.sh("sluice -C app.git pause")
    for name in ["one", "two", "three"] { try yard.sh("sluice submit --nowait --name \(name)", in: "work") }
    #expect(try inFlight().map { $0["name"] as? String } == ["one", "two", "three"])
    #expect(try inFlight().map { $0["position"] as? Int } == [1, 2, 3])
    #expect(try yard.sh("sluice -C app.git cancel one").hasPrefix("cancelled sub-"))
    #expect(try yard.run("sluice cancel two", in: "work").status == 0)
    #expect(try yard.run("sluice cancel two", in: "work").status == 1)
    #expect(try yard.run("sluice -C app.git cancel nobody").status == 1)
    let id = try #require(try inFlight().first?["submission_id"] as? String)
    #expect(try yard.run("sluice -C app.git watch --timeout 0 \(id)").status == 3)
    let stranger = try yard.run("SLUICE_USER=eve sluice -C app.git cancel three")
    #expect(stranger.status == 1)
    #expect(stranger.errors.contains("unauthorized"))
    #expect(try yard.run("SLUICE_USER=eve sluice -C app.git resume").status == 1)
    #expect(try yard.run("sluice -C app.git pause elsewhere").status == 1)
    try yard.sh("sluice -C app.git resume main")
    #expect(try yard.run("sluice -C app.git watch \(id)").status == 0)
  }
}
