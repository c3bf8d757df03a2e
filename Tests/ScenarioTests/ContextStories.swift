import Domain
import Foundation
import Glibc
import Testing

/// What something outside says of staged candidates decides whether they land.
@Suite struct ContextStories {
  private static func base(
    _ deliver: String = "contexts: [ci/build, ci/e2e]", _ more: String = "", queue: String = ""
  ) -> Base {
    .judged(by: Base.policy("deliver: { \(deliver) }\n\(queue)\(more)")).with {
      $0.config.append(("sluice.reporter", "ci"))
    }
  }

  /// Says what a context makes of an integration, as its reporter.
  private static func report(
    _ id: String, _ context: String, _ state: String, _ more: String..., by who: String = "ci", in world: World
  ) async throws -> Output {
    try await world.server.sluice(
      "status-report", options: [id, "--context", context, "--state", state] + more,
      environment: ["SLUICE_USER": who])
  }

  /// Starts a push and waits until it is asked for contexts.
  private static func staged(_ work: Work, in world: World) async throws -> (push: Program, id: String) {
    let push = try await world.client.start(work)
    try await push.says("sluice: waits for ")
    return (push, try staging(in: push.said))
  }

  private static func staging(in text: String) throws -> String {
    String(try #require(text.matches(of: #/ on staging/(int-[0-9a-z-]+)/#).last, "\(text)").1)
  }

  private static func submission(of push: Program) throws -> String {
    try #require(Push(Output(status: 0, out: push.said, errors: "")).submissions.first)
  }

  @Test func `a candidate lands when its own checks and every context hold`() async throws {
    try await World.run(
      Self.base("contexts: [ci/build, ci/e2e]", "staging:\n  smoke: { run: 'true' }\n"), canary: false
    ) {
      world in
      let before = try await world.server.tip()
      let (push, id) = try await Self.staged(Work("work", ["a.txt": "x\n"]), in: world)
      #expect(push.said.contains("sluice: staging/\(id) ready"), "\(push.said)")
      #expect(push.said.contains("sluice: waits for ci/build, ci/e2e on staging/\(id) until 2"), "\(push.said)")
      let stranger = try await Self.report(id, "ci/build", "success", by: "alice", in: world)
      #expect(
        stranger.status == 1 && stranger.errors.contains("unauthorized: alice is no reporter"), "\(stranger.text)")
      for (context, state) in [("ci/build", "success"), ("ci/other", "success"), ("ci/e2e", "pending")] {
        let answer = try await Self.report(id, context, state, "--description", "of \(context)", in: world)
        #expect(answer.status == 0, "\(answer.text)")
        try await push.says("\(state): of \(context)")
      }
      #expect(try await world.server.tip() == before)
      let status = try await world.server.json("status")
      #expect(status["queues"]?.array?.first?["items"]?.array?.first?["state"] == "staged", "\(status.compact)")
      let url = "https://ci.example.org/17"
      #expect(try await Self.report(id, "ci/e2e", "success", "--url", url, in: world).status == 0)
      let landed = Push(try await push.ended())
      let tip = try await landed.expectLanded(in: world)
      #expect(landed.text.contains(url), "\(landed)")
      let contexts = try #require(try await world.server.certificate(of: tip)?["contexts"]?.array)
      #expect(contexts.map { $0["context"] } == ["ci/build", "ci/e2e"], "\(contexts)")
      #expect(contexts.allSatisfy { $0["state"] == "success" && $0["by"] == "ci" })
      let late = try await Self.report(id, "ci/e2e", "success", in: world)
      #expect(late.status == 1 && late.errors.contains("\(id) has landed: from now on only"), "\(late.text)")
      let unwatched = try await Self.report(id, "ci/e2e", "failure", in: world)
      #expect(unwatched.status == 1 && unwatched.errors.contains("watches no landing"), "\(unwatched.text)")
    }
  }

  @Test(arguments: ["failure", "error"])
  func `a red context refuses at once, and the analysis says why and what was undone`(state: String) async throws {
    // The check of its own runs still, and must not be waited for.
    let held = "staging:\n  held: { run: 'until [ -e GATE/go ]; do sleep 0.05; done' }\n"
    try await World.run(Self.base("contexts: [ci/build]", held), canary: false) { world in
      let before = try await world.server.tip()
      let (push, id) = try await Self.staged(Work("work", ["a.txt": "x\n"]), in: world)
      let early = try await world.server.sluice("analysis", id)
      #expect(early.status == 3, "\(early.text)")
      let url = "https://ci.example.org/17"
      let said = try await Self.report(id, "ci/build", state, "--description", "2 of 40", "--url", url, in: world)
      #expect(said.status == 0, "\(said.text)")
      let refused = Push(try await push.ended())
      refused.expectRefused("deployment_failed", "ci/build reported \(state): 2 of 40 (\(url))")
      #expect(try await world.server.tip() == before)
      try world.release()
      let late = try await Self.report(id, "ci/build", "success", in: world)
      #expect(late.status == 1 && late.errors.contains("\(id) is not staged: it is failed"), "\(late.text)")
      let analysis = try await world.server.json("analysis", id)
      #expect(analysis["stage"] == "staging" && analysis["cause"]?["category"] == "deployment_failed")
      let context = try #require(analysis["evidence"]?["contexts"]?.array?.first)
      #expect(context["state"] == .string(state) && context["url"] == .string(url), "\(context.compact)")
      #expect(analysis["evidence"]?["checks"]?.array?.first?["kind"] == "context", "\(analysis.pretty)")
      #expect(analysis["undone"]?.array?.first?["ref"] == .string("staging/\(id)"), "\(analysis.pretty)")
      #expect(analysis["timeline"]?.array?.contains { $0["event"] == "context_reported" } == true)
      for name in ["analysis", "feedback"] {
        let schema = try JSONValue.parse(Array(try await world.server.sluice("schema", name).out.utf8))
        let valid = try await FeedbackStories.validate([try await world.server.json(name, id)], by: schema)
        #expect(valid == ["valid"], "\(name)")
      }
      let told = try await world.server.sluice("analysis", id)
      #expect(told.out.contains("staging/\(id) removed") && told.out.contains("failed in"), "\(told.text)")
    }
  }

  @Test func `no answer in time is a failure, and so is one that is still pending`() async throws {
    try await World.run(Self.base("contexts: [ci/build, ci/e2e], timeout: 2s"), canary: false) { world in
      let before = try await world.server.tip()
      let (push, id) = try await Self.staged(Work("work", ["a.txt": "x\n"]), in: world)
      _ = try await Self.report(id, "ci/build", "pending", in: world)
      Push(try await push.ended()).expectRefused("deployment_failed", "no answer from ci/build, ci/e2e within 2 s")
      #expect(try await world.server.tip() == before)
    }
  }

  @Test func `contexts do not make up for a check of the pipeline`() async throws {
    let smoke = "staging:\n  smoke: { run: 'until [ -e GATE/go ]; do sleep 0.05; done; false' }\n"
    try await World.run(Self.base("contexts: [ci/build]", smoke), canary: false) { world in
      let (push, id) = try await Self.staged(Work("work", ["a.txt": "x\n"]), in: world)
      #expect(try await Self.report(id, "ci/build", "success", in: world).status == 0)
      try await push.says("ci/build   success")
      try world.release()
      Push(try await push.ended()).expectRefused("deployment_failed", "smoke")
    }
  }

  @Test func `after a worker was killed the contexts are asked anew, of a new integration`() async throws {
    try await World.run(Self.base("contexts: [ci/build, ci/e2e]"), canary: false) { world in
      let (push, id) = try await Self.staged(Work("work", ["a.txt": "x\n"]), in: world)
      let submission = try Self.submission(of: push)
      #expect(try await Self.report(id, "ci/build", "success", in: world).status == 0)
      try await push.says("ci/build   success")
      push.signal(SIGKILL)
      _ = try await push.ended()
      try await world.server.endWorker(by: SIGKILL)
      let watch = try world.server.start("watch", submission)
      var again = id
      while again == id {
        let status = try await world.server.json("status")
        let item = status["queues"]?.array?.first?["items"]?.array?.first
        if item?["state"] == "staged", let now = item?["integration_id"]?.string { again = now }
      }
      let old = try await Self.report(id, "ci/e2e", "success", in: world)
      #expect(old.status == 1 && old.errors.contains("\(id) is not staged: it is abandoned"), "\(old.text)")
      #expect(old.errors.contains("the newest integration of \(submission) is \(again)"), "\(old.text)")
      // What was said of the old one does not count for the new one.
      #expect(try await Self.report(again, "ci/e2e", "success", in: world).status == 0)
      try await watch.says("ci/e2e     success")
      #expect(try await world.server.file("a.txt") != "x\n")
      #expect(try await Self.report(again, "ci/build", "success", in: world).status == 0)
      #expect(try await watch.ended().status == 0)
      #expect(try await world.server.file("a.txt") == "x\n")
    }
  }

  /// Two that are tested and staged together.
  private static func train(in world: World) async throws -> (ids: [String], submissions: [String]) {
    #expect(try await world.server.sluice("pause").status == 0)
    let one = try await world.client.submit(Work("one", ["a.txt": "x\n"]), "nowait")
    let two = try await world.client.submit(Work("two", ["b.txt": "x\n"]), "nowait")
    let submissions = try [one, two].map { try #require($0.submissions.first) }
    #expect(try await world.server.sluice("resume").status == 0)
    let watch = try world.server.start("watch", submissions[0])
    try await watch.says("sluice: waits for ")
    watch.signal(SIGKILL)
    _ = try await watch.ended()
    let ids = try submissions.map { submission in
      let started = try world.server.events(of: submission).last { $0["event"] == "deployment_started" }
      return try #require(started?["integration_id"]?.string)
    }
    return (ids, submissions)
  }

  private static let oneWorker = "queue: { workers: 1 }\n"

  @Test func `in a train the commit that proves all of it must be green, and nothing else makes it so`() async throws {
    try await World.run(Self.base("contexts: [ci/build]", queue: Self.oneWorker), canary: false) { world in
      let before = try await world.server.tip()
      let (ids, submissions) = try await Self.train(in: world)
      let refs = try await world.server.refs()
      #expect(ids.allSatisfy { refs.contains("refs/heads/staging/\($0)") }, "\(refs)")
      #expect(try await Self.report(ids[0], "ci/build", "success", in: world).status == 0)
      #expect(try await Self.report(ids[1], "ci/build", "pending", in: world).status == 0)
      let watch = try world.server.start("watch", submissions[0])
      try await watch.says("ci/build   pending")
      #expect(try await world.server.tip() == before)
      #expect(try await Self.report(ids[1], "ci/build", "success", in: world).status == 0)
      #expect(try await watch.ended().status == 0)
      #expect(try await world.server.sluice("watch", submissions[1]).status == 0)
      let tip = try #require(try await world.server.tip())
      let first = try await world.server.git("rev-parse", "\(tip)^")
      #expect(try await world.server.certificate(of: first)?["proven_by"] == .string(tip))
      #expect(try await world.server.certificate(of: first)?["contexts"]?.array?.count == 1)
    }
  }

  @Test func `a train that a context refuses is tried with fewer, by what is known of each`() async throws {
    try await World.run(Self.base("contexts: [ci/build]", queue: Self.oneWorker), canary: false) { world in
      let (ids, submissions) = try await Self.train(in: world)
      #expect(try await Self.report(ids[0], "ci/build", "success", in: world).status == 0)
      #expect(try await Self.report(ids[1], "ci/build", "failure", in: world).status == 0)
      let good = try await world.server.sluice("watch", submissions[0])
      #expect(good.status == 0, "\(good.text)")
      let bad = try await world.server.sluice("watch", submissions[1])
      #expect(bad.status == 1 && bad.text.contains("deployment_failed: ci/build reported failure"), "\(bad.text)")
      #expect(try await world.server.file("a.txt") == "x\n")
      #expect(try await world.server.file("b.txt") != "x\n")
    }
  }

  @Test func `an audit misses the success that a certificate does not name`() async throws {
    try await World.run(Self.base("contexts: [ci/build]"), canary: false, audited: false) { world in
      let (push, id) = try await Self.staged(Work("work", ["a.txt": "x\n"]), in: world)
      #expect(try await Self.report(id, "ci/build", "success", in: world).status == 0)
      let landed = try await Push(try await push.ended()).expectLanded(in: world)
      var certificate = try #require(try await world.server.certificate(of: landed))
      certificate.set("contexts", to: [])
      try await world.server.git(
        "-c", "user.name=x", "-c", "user.email=x@example.com", "notes", "--ref=sluice", "add", "-f", "-m",
        certificate.compact, landed)
      let audit = try await world.server.sluice("audit")
      #expect(audit.status == 1 && audit.text.contains("nobody reported success of ci/build"), "\(audit.text)")
    }
  }

  // MARK: After a landing

  private static let watched = Base.judged(by: Base.policy("rollback: { watch: 1h, freeze: true }\n"))

  private static func landed(in world: World) async throws -> String {
    let push = try await world.client.submit(Work("bad", ["a.txt": "bad\n"]))
    _ = try await push.expectLanded(in: world)
    let shown = try await world.server.json("show", push.submissions.first ?? "")
    return try #require(shown["integration_id"]?.string)
  }

  /// The submission that a report says will take a landing back.
  private static func rollback(in output: Output) throws -> String {
    #expect(output.status == 0, "\(output.text)")
    return String(try #require(output.out.firstMatch(of: #/(sub-[0-9a-z-]+) takes it back/#), "\(output.text)").1)
  }

  @Test func `a red context takes a landing back within the watch time, once, and never a rollback`() async throws {
    try await World.run(Self.watched) { world in
      let id = try await Self.landed(in: world)
      let healthy = try await world.server.sluice("analysis", id)
      #expect(healthy.status == 1 && healthy.errors.contains("it has not failed"), "\(healthy.text)")
      let said = try await Self.report(
        id, "prod/canary", "failure", "--description", "5xx", by: "nobody", in: world)
      #expect(said.status == 1 && said.errors.contains("unauthorized"), "\(said.text)")
      try await world.server.git("config", "--add", "sluice.reporter", "ci")
      let rollback = try Self.rollback(
        in: try await Self.report(id, "prod/canary", "failure", "--description", "5xx", in: world))
      // Lands first whatever is in its way, so that the revert is there when it ends.
      _ = try await world.client.submit(Work("next", ["b.txt": "next\n"]))
      let watched = try await world.server.sluice("watch", rollback)
      #expect(watched.status == 0, "\(watched.text)")
      #expect(watched.text.contains("prod/canary reported failure: 5xx after the landing"), "\(watched.text)")
      #expect(try await world.server.file("a.txt") == Base.lines(of: "a"))
      let again = try await Self.report(id, "prod/other", "error", in: world)
      #expect(again.status == 1 && again.errors.contains("has been taken back already"), "\(again.text)")
      let shown = try await world.server.json("show", rollback)
      let revert = try #require(shown["integration_id"]?.string)
      let back = try await Self.report(revert, "prod/canary", "failure", in: world)
      #expect(back.status == 1 && back.errors.contains("has itself taken a landing back"), "\(back.text)")
      for name in [id, rollback] {
        let analysis = try await world.server.json("analysis", name)
        #expect(analysis["stage"] == "post_landing" && analysis["integration_id"] == .string(id), "\(analysis.pretty)")
        #expect(analysis["cause"]?["reason"] == "prod/canary reported failure: 5xx after the landing")
        let undone = try #require(analysis["undone"]?.array?.last)
        #expect(undone["what"] == "reverted" && undone["commit"] == shown["landed_commit"], "\(analysis.pretty)")
      }
    }
  }

  @Test func `what is said after the watch time changes nothing`() async throws {
    try await World.run(.judged(by: Base.policy("rollback: { watch: 1s }\n"))) { world in
      try await world.server.git("config", "--add", "sluice.reporter", "ci")
      let id = try await Self.landed(in: world)
      let tip = try await world.server.tip()
      let end = Date().addingTimeInterval(2.1)
      while Date() < end { _ = try await world.server.json("status") }
      let late = try await Self.report(id, "prod/canary", "failure", in: world)
      #expect(late.status == 1 && late.errors.contains("\(id) was watched until 2"), "\(late.text)")
      #expect(late.errors.contains("sluice rollback \(id) takes it back"), "\(late.text)")
      #expect(try await world.server.tip() == tip)
    }
  }

  @Test func `a revert that conflicts leaves the landing, a frozen target, and an analysis that says so`() async throws
  {
    try await World.run(Self.watched, canary: false) { world in
      try await world.server.git("config", "--add", "sluice.reporter", "ci")
      let id = try await Self.landed(in: world)
      try await world.client.fetch()
      let tip = try await world.client.submit(Work("after", ["a.txt": "worse\n"])).expectLanded(in: world)
      let rollback = try Self.rollback(in: try await Self.report(id, "prod/canary", "error", in: world))
      _ = try await world.client.submit(Work("next", ["b.txt": "next\n"]), "nowait")
      while try await world.server.sluice("analysis", rollback).out.contains("main is frozen") == false {}
      #expect(try await world.server.tip() == tip)
      let analysis = try await world.server.json("analysis", id)
      let left = (analysis["left"]?.array ?? []).compactMap(\.string)
      #expect(left.contains { $0.contains("still holds") && $0.contains("merge_conflicts") }, "\(left)")
      #expect(left.contains("landed after it, on the same files: after (a.txt)"), "\(left)")
      #expect(try await world.server.sluice("resume").status == 0)
      _ = try await world.client.submit(Work("last", ["c.txt": "x\n"]))
    }
  }

  @Test(arguments: CrashStories.rollbackPoints, ["report", "command"])
  func `a worker that dies while it enters a rollback is followed by one that carries on`(
    point: String, means: String
  ) async throws {
    try await World.run(Self.watched) { world in
      try await world.server.git("config", "--add", "sluice.reporter", "ci")
      let id = try await Self.landed(in: world)
      try await world.server.endWorker()
      // The worker that the command starts dies before it does anything.
      let dying = ["SLUICE_FAILPOINT": "recon.begin=kill9"]
      let rollback: String
      if means == "report" {
        rollback = try Self.rollback(
          in: try await world.server.sluice(
            "status-report", options: [id, "--context", "prod/canary", "--state", "failure"],
            environment: dying.merging(["SLUICE_USER": "ci"]) { $1 }))
      } else {
        let output = try await world.server.sluice(
          "rollback", options: [id, "--nowait", "--reason", "prod/canary reported failure after the landing"],
          environment: dying)
        #expect(output.status == 3, "\(output.text)")
        rollback = String(try #require(output.out.firstMatch(of: #/sub-[0-9a-z-]+/#)).0)
      }
      let worker = try await world.server.worker(dyingAt: point)
      #expect(worker.status == 128 + SIGKILL, "\(point) was not passed: \(worker.text)")
      _ = try await world.client.submit(Work("next", ["b.txt": "next\n"]))
      let watched = try await world.server.sluice("watch", rollback)
      #expect(watched.status == 0, "\(watched.text)")
      #expect(try await world.server.file("a.txt") == Base.lines(of: "a"))
      let started = try world.server.events(of: rollback).filter { $0["event"] == "rollback_started" }
      #expect(started.count == 1, "\(started)")
      #expect(started.first?["reason"] == "prod/canary reported failure after the landing", "\(started)")
    }
  }
}
