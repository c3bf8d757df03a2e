import Domain
import Glibc
import Testing

/// Landings that turn out bad are taken back through the same gate.
@Suite struct RollbackStories {
  private static func integration(of push: Push, in world: World) async throws -> String {
    let shown = try await world.server.json("show", push.submissions.first ?? "")
    return try #require(shown["integration_id"]?.string)
  }

  @Test(arguments: ["squash", "merge", "rebase"])
  func `the last landing is taken back, certified, and the audit holds`(merge: String) async throws {
    try await World.run(.judged(by: Base.policy(merge: merge))) { world in
      let bad = Work("bad", ["a.txt": "bad\n", "cases/three": "fine\n", "new.txt": "new\n"])
      let push = try await world.client.submit(bad)
      _ = try await push.expectLanded(in: world)
      let id = try await Self.integration(of: push, in: world)
      let rollback = try await world.server.sluice("rollback", id, "--reason", "checkout is down")
      #expect(rollback.status == 0, "\(rollback.text)")
      #expect(rollback.out.contains("sluice: Rolling back \(id)"), "\(rollback.text)")
      #expect(rollback.out.contains("success: landed on main"), "\(rollback.text)")
      #expect(try await world.server.file("new.txt") == nil)
      #expect(try await world.server.file("cases/three") == nil)
      #expect(try await world.server.file("a.txt") == Base.lines(of: "a"))
      let tip = try #require(try await world.server.tip())
      let message = try await world.server.git("log", "-1", "--format=%B", tip)
      #expect(message.contains("Revert \"") && message.contains("checkout is down"), "\(message)")
      let certificate = try #require(try await world.server.certificate(of: tip))
      #expect(certificate["task_id"]?.string == "_rollback-\(id)")
      let audit = try await world.server.sluice("audit")
      #expect(audit.status == 0, "\(audit.text)")
      let again = try await world.server.sluice("rollback", id)
      #expect(again.status == 1 && again.text.contains("nothing is left to land"), "\(again.text)")
    }
  }

  @Test func `one in the middle is taken back, what landed after it stays and is named`() async throws {
    try await World.run { world in
      let bad = try await world.client.submit(Work("bad", ["a.txt": .text("bad\n" + Base.lines(of: "a"))]))
      _ = try await bad.expectLanded(in: world)
      try await world.client.fetch()
      let after = Work("after", ["a.txt": .text("bad\n" + Base.lines(of: "a") + "after\n"), "b.txt": "after\n"])
      _ = try await world.client.submit(after).expectLanded(in: world)
      let id = try await Self.integration(of: bad, in: world)
      let rollback = try await world.server.sluice("rollback", id)
      #expect(rollback.status == 0, "\(rollback.text)")
      #expect(rollback.out.contains("landed after it, on the same files: after (a.txt)"), "\(rollback.text)")
      #expect(try await world.server.file("a.txt") == Base.lines(of: "a") + "after\n")
      #expect(try await world.server.file("b.txt") == "after\n")
    }
  }

  @Test func `a revert that conflicts moves nothing and leaves a plan`() async throws {
    try await World.run { world in
      let bad = try await world.client.submit(Work("bad", ["a.txt": "bad\n"]))
      _ = try await bad.expectLanded(in: world)
      try await world.client.fetch()
      let landed = try await world.client.submit(Work("after", ["a.txt": "bad and worse\n"])).expectLanded(in: world)
      let id = try await Self.integration(of: bad, in: world)
      let rollback = try await world.server.sluice("rollback", id)
      #expect(rollback.status == 1, "\(rollback.text)")
      #expect(rollback.out.contains("merge_conflicts") && rollback.out.contains("a.txt"), "\(rollback.text)")
      #expect(try await world.server.tip() == landed)
    }
  }

  @Test func `whose revert does not hold stays, and nobody but an administrator takes back`() async throws {
    let policy = Base.policy(run: "grep -q kept b.txt || test ! -e needs-kept", results: "exit")
    try await World.run(.judged(by: policy)) { world in
      let first = try await world.client.submit(Work("first", ["b.txt": "kept\n"]))
      _ = try await first.expectLanded(in: world)
      try await world.client.fetch()
      let landed = try await world.client.submit(Work("second", ["needs-kept": "x\n"])).expectLanded(in: world)
      let id = try await Self.integration(of: first, in: world)
      let other = try await world.server.sluice("rollback", id, environment: ["SLUICE_USER": "mallory"])
      #expect(other.status == 1 && other.text.contains("unauthorized"), "\(other.text)")
      let rollback = try await world.server.sluice("rollback", id)
      #expect(rollback.status == 1 && rollback.out.contains("test_failures"), "\(rollback.text)")
      #expect(try await world.server.tip() == landed)
      let nothing = try await world.server.sluice("rollback", "int-1700000000-nothing")
      #expect(nothing.status == 1 && nothing.text.contains("knows no"), "\(nothing.text)")
    }
  }

  // MARK: After a landing

  private static func watched(_ more: String = "") -> Base {
    .judged(
      by: Base.policy(
        run: "true", results: "exit", "post_landing:\n  smoke: { run: '! grep -q broken a.txt' }\n" + more))
  }

  /// Waits for the end of the rollback that Sluice enters by itself.
  private static func rollback(in world: World) async throws -> Output {
    let began = ContinuousClock.now
    while began.duration(to: .now) < .seconds(60) {
      let status = try await world.server.json("status")
      let items = (status["queues"]?.array ?? []).flatMap { $0["items"]?.array ?? [] } + (status["recent"]?.array ?? [])
      if let item = items.first(where: { $0["agent_id"] == "sluice-rollback" }), let id = item["submission_id"]?.string
      {
        return try await world.server.sluice("watch", id)
      }
    }
    throw Program.Failure(description: "nothing was rolled back")
  }

  @Test func `what does not hold after its landing is taken back by itself, and those with it stay`() async throws {
    try await World.run(Self.watched()) { world in
      let good = try await world.client.make(Work("good", ["b.txt": "good\n"]))
      let bad = try await world.client.make(Work("bad", ["a.txt": "broken\n"]))
      let push = try await world.client.push(["\(good):refs/heads/submit/good", "\(bad):refs/heads/submit/bad"])
      #expect(push.status == 0, "\(push)")
      let rollback = try await Self.rollback(in: world)
      #expect(rollback.status == 0, "\(rollback.text)")
      #expect(
        rollback.out.contains("smoke does not hold after the landing: failed with exit status 1"), "\(rollback.text)")
      #expect(try await world.server.file("a.txt") == Base.lines(of: "a"))
      #expect(try await world.server.file("b.txt") == "good\n")
    }
  }

  @Test func `a landing whose worker was killed is checked by the next one`() async throws {
    let base = Self.watched().with {
      $0.files?[".sluice.yml"] = .text(
        Base.policy(
          run: "true", results: "exit",
          "post_landing:\n  smoke: { run: 'until [ -e GATE/go ]; do sleep 0.05; done; ! grep -q broken a.txt' }\n"
        ))
    }
    try await World.run(base) { world in
      _ = try await world.client.submit(Work("bad", ["a.txt": "broken\n"])).expectLanded(in: world)
      try await world.server.endWorker(by: SIGKILL)
      try world.release()
      _ = try await world.client.submit(Work("later", ["b.txt": "later\n"]))
      let rollback = try await Self.rollback(in: world)
      #expect(rollback.status == 0, "\(rollback.text)")
      #expect(try await world.server.file("a.txt") == Base.lines(of: "a"))
    }
  }

  @Test func `a bad landing that cannot be taken back freezes its target, where the policy says so`() async throws {
    try await World.run(Self.watched("rollback: { freeze: true }\n")) { world in
      let bad = try await world.client.submit(Work("bad", ["a.txt": "bad\n"]))
      _ = try await bad.expectLanded(in: world)
      try await world.client.fetch()
      _ = try await world.client.submit(Work("after", ["a.txt": "worse\n"])).expectLanded(in: world)
      let id = try await Self.integration(of: bad, in: world)
      let rollback = try await world.server.sluice("rollback", id)
      #expect(rollback.status == 1 && rollback.out.contains("main is frozen"), "\(rollback.text)")
      let waiting = try await world.client.submit(Work("waiting", ["b.txt": "x\n"]), "nowait")
      #expect(waiting.status == 0)
      try await world.client.fetch()
      _ = try await world.client.submit(Work("fix", ["a.txt": "fixed\n"]), "priority=urgent").expectLanded(in: world)
      #expect(try await world.server.file("b.txt") != "x\n")
      #expect(try await world.server.sluice("resume").status == 0)
      let watched = try await world.server.sluice("watch", waiting.submissions.first ?? "")
      #expect(watched.status == 0, "\(watched.text)")
    }
  }
}
