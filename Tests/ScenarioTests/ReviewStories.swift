import Domain
import Foundation
import Glibc
import Testing

/// What people must look at before it lands: it waits beside the line, and nobody waits for it.
@Suite struct ReviewStories {
  private static func base(_ review: String = "", run: String = "sh test.sh") -> Base {
    .judged(
      by: "version: 1\nchecks:\n  tests: { run: '\(run)', results: junit }\n  human: { kind: review\(review) }\n",
      adding: ["src/auth/login": "x\n"])
  }

  private static let auth = ", paths: ['src/auth/**']"
  private static let login = Work("login", ["src/auth/login": "y\n"])

  /// Starts a push and waits until it waits for people.
  private static func asked(_ work: Work, by client: TestClient) async throws -> (push: Program, id: String) {
    let push = try await client.start(work)
    try await push.says("waits for a review")
    return (push, try #require(Push(Output(status: 0, out: push.said, errors: "")).submissions.first))
  }

  private static func kinds(of id: String, in world: World) throws -> [String] {
    try world.server.events(of: id).compactMap { $0["event"]?.string }
  }

  @Test func `what waits for a review lets the others land, and lands when it is approved`() async throws {
    try await World.run(Self.base(Self.auth)) { world in
      let (push, id) = try await Self.asked(Self.login, by: world.client)
      try await push.says("hint: on the server an administrator says 'sluice approve \(id)'")
      #expect(push.said.contains(#/waits for a review \(human\) of src/auth/login *\n/#), "\(push.said)")
      _ = try await world.client("bob").submit(Work("other", ["a.txt": "other\n"])).expectLanded(in: world)
      let status = try await world.server.sluice("status")
      #expect(status.out.contains("\(id)  queued  login  waits for a review"), "\(status.text)")
      #expect(try await world.server.json("status")["queues"]?.array?.first?["reviews"] == [.string(id)])
      for stranger in ["alice", "eve"] {
        let forbidden = try await world.server.sluice("approve", id, environment: ["SLUICE_USER": stranger])
        #expect(forbidden.status == 1 && forbidden.errors.contains("unauthorized"), "\(forbidden.text)")
      }
      try await world.server.git("config", "--add", "sluice.admin", "carol")
      let approved = try await world.server.sluice("approve", id, environment: ["SLUICE_USER": "carol"])
      #expect(approved.status == 0, "\(approved.text)")
      let ended = Push(try await push.ended())
      let landed = try await ended.expectLanded(in: world)
      #expect(ended.text.contains("sluice: approved by carol"), "\(ended)")
      let given = try #require(try await world.server.certificate(of: landed)?["reviews"]?.array?.first)
      #expect(given["name"] == "human" && given["approved_by"] == "carol" && given["approved_at"]?.integer != nil)
      let shown = try await world.server.json("show", id)
      #expect(shown["checks"]?.array?.map { $0["kind"]?.string } == ["review", "test"])
      #expect(shown["checks"]?.array?.first?["reason"]?.string?.hasPrefix("approved by carol at 2") == true)
      #expect(try await world.server.sluice("show", id).out.contains("by carol, 2"))
      let again = try await world.server.sluice("approve", id)
      #expect(again.status == 1 && again.errors.contains("nothing is in flight"), "\(again.text)")
    }
  }

  @Test func `only a change to what the policy names asks for a review, and to the policy itself`() async throws {
    try await World.run(Self.base(Self.auth)) { world in
      let rows: [(String, [String: Work.Content], Bool)] = [
        ("beside", ["src/other": "x\n"], false), ("new", ["src/auth/new": "x\n"], true),
        ("gone", ["src/auth/login": .removed], true), ("policy", [".sluice.yml": .text(Base.policy())], true),
        ("link", ["src/auth/login": .removed, "src/auth": .symlink("other")], true),
      ]
      for (name, changes, isAsked) in rows {
        guard isAsked else {
          _ = try await world.client.submit(Work(name, changes)).expectLanded(in: world, row: name)
          continue
        }
        let trial = try await world.client.submit(Work(name, changes), "dry-run")
        #expect(trial.status == 0 && !trial.text.contains("review"), "\(name): \(trial)")
        let (push, id) = try await Self.asked(Work(name, changes), by: world.client)
        let refused = try await world.server.sluice("approve", id, "--refuse", "not \(name)")
        #expect(refused.status == 0, "\(refused.text)")
        Push(try await push.ended()).expectRefused("manual_review", " refused it: not \(name)", row: name)
      }
    }
  }

  @Test func `a refusal by a person is answered like any other`() async throws {
    try await World.run(Self.base(Self.auth)) { world in
      let (push, id) = try await Self.asked(Self.login, by: world.client)
      #expect(try await world.server.sluice("approve", id, "--refuse", "not so").status == 0)
      let refused = Push(try await push.ended())
      refused.expectRefused("manual_review", " refused it: not so")
      #expect(refused.text.contains("sluice feedback \(id)"), "\(refused)")
      let document = try await world.server.json("feedback", id)
      #expect(document["category"] == "manual_review" && document["integration_id"] == .null, "\(document.pretty)")
      #expect(document["reason"]?.string?.hasSuffix("refused it: not so") == true)
      #expect(document["next_commands"]?.array?.last?.string?.hasPrefix("git push") == true)
      let event = try world.server.events(of: id).first { $0["event"] == "integration_failed" }
      #expect(event?["feedback"] == document)
    }
  }

  @Test func `a refusal by a person is answered also where an integration had begun before the question`() async throws
  {
    let policy = Base.policy(run: World.gatedTest)
    try await World.run(.judged(by: policy, adding: ["src/auth/login": "x\n"])) { world in
      let push = try await world.client.start(Work("login", ["src/auth/login": "y\n", "cases/slow": "fine\n"]))
      try await push.says("integrating on")
      let asking = policy.replacing("GATE", with: world.gate) + "  human: { kind: review\(Self.auth) }\n"
      let urgent = try await world.client("bob").submit(Work("ask", [".sluice.yml": .text(asking)]), "priority=urgent")
      _ = try await urgent.expectLanded(in: world)
      try await push.says("waits for a review")
      let id = try #require(Push(Output(status: 0, out: push.said, errors: "")).submissions.first)
      #expect(try await world.server.sluice("approve", id, "--refuse", "not so").status == 0)
      let refused = Push(try await push.ended())
      refused.expectRefused("manual_review", " refused it: not so")
      let hinted = try #require(refused.text.firstMatch(of: #/sluice feedback ([a-z0-9-]+)/#)?.1)
      for asked in [id, String(hinted)] {
        let document = try await world.server.json("feedback", asked)
        #expect(document["category"] == "manual_review" && document["submission_id"] == .string(id), "\(asked)")
      }
    }
  }

  @Test func `an approval that comes before the question is enough`() async throws {
    try await World.run(Self.base(Self.auth)) { world in
      _ = try await world.server.sluice("pause")
      let push = try await world.client.start(Self.login)
      try await push.says("position 1 of 1")
      let id = try #require(Push(Output(status: 0, out: push.said, errors: "")).submissions.first)
      let early = try await world.server.sluice("approve", id, "--refuse", "no")
      #expect(early.status == 1 && early.errors.contains("waits for no review"), "\(early.text)")
      #expect(try await world.server.sluice("approve", id).out.contains("nobody has asked"))
      _ = try await world.server.sluice("resume")
      let landed = Push(try await push.ended())
      _ = try await landed.expectLanded(in: world)
      #expect(!landed.text.contains("waits for a review"), "\(landed)")
    }
  }

  @Test func `nobody's answer in time is a refusal`() async throws {
    try await World.run(Self.base(Self.auth + ", timeout: 1s")) { world in
      let push = try await world.client.submit(Self.login)
      push.expectRefused("manual_review", "nobody has approved it in time for human", "sluice approve")
      #expect(try await world.server.file("src/auth/login") == "x\n")
    }
  }

  @Test func `a newer version needs an approval of its own`() async throws {
    try await World.run(Self.base(Self.auth)) { world in
      let (first, old) = try await Self.asked(Self.login, by: world.client)
      let newer = Work("login", ["src/auth/login": "z\n"])
      let approved = try await world.server.sluice("approve", "login")
      #expect(approved.status == 2, "\(approved.text)")
      let second = try await world.client.start(newer)
      #expect(try await first.ended().status == 1)
      try await second.says("waits for a review")
      let late = try await world.server.sluice("approve", old)
      #expect(late.status == 1 && late.errors.contains("nothing is in flight"), "\(late.text)")
      let id = try #require(Push(Output(status: 0, out: second.said, errors: "")).submissions.first { $0 != old })
      #expect(try await world.server.sluice("approve", id).status == 0)
      _ = try await Push(try await second.ended()).expectLanded(in: world)
      #expect(try await world.server.file("src/auth/login") == "z\n")
    }
  }

  @Test func `workers that die forget neither the question nor the answer`() async throws {
    try await World.run(Self.base(Self.auth, run: World.heldTest)) { world in
      let (push, id) = try await Self.asked(Self.login, by: world.client)
      push.signal(SIGKILL)
      _ = try await push.ended()
      try await world.server.endWorker(by: SIGKILL)
      #expect(try await world.server.sluice("approve", id).status == 0)
      let other = try world.server.start("watch", id)
      try await other.says("integrating on")
      other.signal(SIGKILL)
      _ = try await other.ended()
      try await world.server.endWorker(by: SIGKILL)
      try world.release()
      let watched = try await world.server.sluice("watch", id)
      #expect(watched.status == 0, "\(watched.text)")
      let kinds = try Self.kinds(of: id, in: world)
      #expect(kinds.filter { $0 == "review_requested" }.count == 1, "\(kinds)")
      #expect(kinds.filter { $0 == "review_approved" }.count == 1, "\(kinds)")
      #expect(try await world.server.file("src/auth/login") == "y\n")
    }
  }

  @Test func `a refusal that no worker has read is there for the next`() async throws {
    try await World.run(Self.base(Self.auth)) { world in
      let (push, id) = try await Self.asked(Self.login, by: world.client)
      push.signal(SIGKILL)
      _ = try await push.ended()
      try await world.server.endWorker(by: SIGKILL)
      #expect(try await world.server.sluice("approve", id, "--refuse", "no").status == 0)
      let watched = try await world.server.sluice("watch", id)
      #expect(watched.status == 1 && watched.text.contains("manual_review"), "\(watched.text)")
    }
  }

  @Test func `an approval holds for every candidate that is built of the submission`() async throws {
    let gated = Self.base(Self.auth, run: World.gatedTest)
    try await World.run(gated) { world in
      let bob = try await world.client("bob")
      let bad = try await bob.start(Work("bad", ["cases/bad": "FAIL\n"]))
      try await bad.says("integrating on")
      let (push, id) = try await Self.asked(
        Work("login", ["src/auth/login": "y\n", "cases/good": "fine\n"]), by: world.client)
      #expect(try await world.server.sluice("approve", id).status == 0)
      try await push.says("integrating on")
      try world.release("bad", "good")
      Push(try await bad.ended()).expectRefused("test_failures")
      let landed = Push(try await push.ended())
      _ = try await landed.expectLanded(in: world)
      #expect(try Self.kinds(of: id, in: world).filter { $0 == "review_requested" }.count == 1, "\(landed)")
    }
  }

  @Test func `a policy that lands decides anew who waits`() async throws {
    let without = "version: 1\nchecks:\n  tests: { run: 'sh test.sh', results: junit }\n"
    try await World.run(Self.base(Self.auth)) { world in
      let (waiting, _) = try await Self.asked(Self.login, by: world.client)
      let bob = try await world.client("bob")
      let (policy, id) = try await Self.asked(Work("policy", [".sluice.yml": .text(without)]), by: bob)
      #expect(try await world.server.sluice("approve", id).status == 0)
      #expect(try await policy.ended().status == 0)
      let landed = Push(try await waiting.ended())
      _ = try await landed.expectLanded(in: world)
      #expect(!landed.text.contains("approved by"), "\(landed)")
    }
  }

  @Test func `what waits for a review can be withdrawn, and holds what depends on it`() async throws {
    try await World.run(Self.base(Self.auth)) { world in
      let (push, id) = try await Self.asked(Self.login, by: world.client)
      let behind = try await world.client("bob").start(Work("behind", ["a.txt": "x\n"]), "depends-on=login")
      try await behind.says("position")
      _ = try await world.client("carol").submit(Work("other", ["b.txt": "x\n"])).expectLanded(in: world)
      #expect(try await world.server.sluice("cancel", id).status == 0)
      #expect(try await push.ended().status == 1)
      Push(try await behind.ended()).expectRefused("invalid_push", "which ended as cancelled")
    }
  }

  @Test func `an audit misses the approval that a certificate does not name`() async throws {
    try await World.run(Self.base(Self.auth), canary: false, audited: false) { world in
      let (push, id) = try await Self.asked(Self.login, by: world.client)
      #expect(try await world.server.sluice("approve", id).status == 0)
      let landed = try await Push(try await push.ended()).expectLanded(in: world)
      let whole = try await world.server.sluice("audit")
      #expect(whole.status == 0, "\(whole.text)")
      var certificate = try #require(try await world.server.certificate(of: landed))
      certificate.set("reviews", to: [])
      try await world.server.git(
        "-c", "user.name=x", "-c", "user.email=x@example.com", "notes", "--ref=sluice", "add", "-f", "-m",
        certificate.compact, landed)
      let audit = try await world.server.sluice("audit")
      #expect(audit.status == 1, "\(audit.text)")
      #expect(audit.text.contains("nobody approved it, and its policy asks for the review human"), "\(audit.text)")
    }
  }
}
