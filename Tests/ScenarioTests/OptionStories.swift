import Domain
import Foundation
import Testing

@Suite struct OptionStories {
  @Test func `nowait is answered at acceptance, and the work goes on`() async throws {
    try await World.run { world in
      let push = try await world.client.submit(Work("later", ["a.txt": "later\n"]), "nowait")
      let id = try #require(push.submissions.first)
      #expect(push.status == 0, "\(push)")
      #expect(push.text.contains("-> refs/queued/\(id)"), "\(push)")
      let watched = try await world.server.sluice("watch", id)
      #expect(watched.status == 0, "\(watched.text)")
      #expect(try await world.server.file("a.txt") == "later\n")
    }
  }

  @Test func `a dry-run does everything but the landing`() async throws {
    try await World.run { world in
      let before = try await world.server.tip()
      let push = try await world.client.submit(Work("trial", ["a.txt": "trial\n"]), "dry-run")
      #expect(push.status == 0, "\(push)")
      #expect(push.text.contains("-> refs/verified/int-"), "\(push)")
      #expect(push.text.contains("2 passed, 0 failed"), "\(push)")
      let bad = try await world.client.submit(Work("bad-trial", ["cases/one": "FAIL\n"]), "dry-run")
      bad.expectRefused("regression_detected", "one")
      #expect(try await world.server.tip() == before)
      #expect(try await world.server.json("show", push.submissions.first ?? "")["state"]?.string == "verified")
    }
  }

  @Test(arguments: ["option", "deletion", "command"])
  func `what is in flight can be withdrawn`(way: String) async throws {
    try await World.run(.judged(by: Base.policy(run: World.heldTest))) { world in
      let work = Work("wrong", ["a.txt": "wrong\n"])
      let push = try await world.client.start(work)
      try await push.says("integrating on")
      switch way {
      case "option":
        let cancel = try await world.client.submit(work, "cancel")
        #expect(cancel.status == 0, "\(cancel)")
      case "deletion":
        let cancel = try await world.client.push([":\(work.pushedRef)"])
        #expect(cancel.status == 0, "\(cancel)")
      default:
        let id = try #require(Push(Output(status: 0, out: push.said, errors: "")).submissions.first)
        let cancel = try await world.server.sluice("cancel", id, environment: ["SLUICE_USER": "alice"])
        #expect(cancel.status == 0, "\(cancel.text)")
      }
      let ended = Push(try await push.ended())
      #expect(ended.status == 1, "\(ended)")
      #expect(ended.text.contains("cancelled"), "\(ended)")
      try world.release()
      #expect(try await world.server.file("a.txt") == Base.lines(of: "a"))
    }
  }

  @Test func `a newer version takes the place of the one in flight`() async throws {
    try await World.run(.judged(by: Base.policy(run: World.heldTest))) { world in
      let first = try await world.client.start(Work("topic", ["a.txt": "first\n"]))
      try await first.says("integrating on")
      let second = try await world.client.start(Work("topic", ["a.txt": "second\n"]))
      try await second.says("accepted")
      let superseded = Push(try await first.ended())
      #expect(superseded.status == 1, "\(superseded)")
      #expect(superseded.text.contains("superseded"), "\(superseded)")
      try world.release()
      _ = try await Push(second.ended()).expectLanded(in: world)
      #expect(try await world.server.file("a.txt") == "second\n")
      #expect(try await world.server.history().count == 2)
    }
  }

  @Test func `the same commit pushed again while in flight is followed, not queued twice`() async throws {
    try await World.run(.judged(by: Base.policy(run: World.heldTest))) { world in
      let work = Work("same", ["a.txt": "same\n"])
      let object = try await world.client.make(work)
      let first = try world.client.start(["\(object):\(work.pushedRef)"])
      try await first.says("integrating on")
      let second = try await world.client("alice").with(object, of: world.client)
      let again = try second.start(["\(object):\(work.pushedRef)"])
      try await again.says("integrating on")
      try world.release()
      let (one, other) = (Push(try await first.ended()), Push(try await again.ended()))
      #expect(one.status == 0 && other.status == 0, "\(one)\n\(other)")
      #expect(one.submissions == other.submissions, "\(one)\n\(other)")
      #expect(try await world.server.history().count == 2)
    }
  }

  @Test func `after a refusal the same commit runs again and reuses the verdicts it can`() async throws {
    try await World.run { world in
      let work = Work("again", ["cases/one": "FAIL\n"])
      let object = try await world.client.make(work)
      let first = try await world.client.push(["\(object):\(work.pushedRef)"])
      let second = try await world.client.push(["\(object):\(work.pushedRef)"])
      second.expectRefused("regression_detected", "(known)")
      #expect(first.submissions != second.submissions)
      let third = try await world.client.push(["\(object):\(work.pushedRef)"], ["retry"])
      third.expectRefused("regression_detected")
      #expect(!third.text.contains("(known)"), "\(third)")
    }
  }

  @Test func `format=json gives one event a line`() async throws {
    try await World.run { world in
      let push = try await world.client.submit(Work("machine", ["a.txt": "machine\n"]), "format=json")
      #expect(push.status == 0, "\(push)")
      let events = push.remote.filter { $0.hasPrefix("{") }.compactMap { line in
        do { return try JSONValue.parse(Array(line.utf8)) } catch { return nil }
      }
      #expect(events.count == push.remote.count, "\(push)")
      let kinds = events.compactMap { $0["event"]?.string }
      for kind in [
        "submission_received", "integration_started", "integration_success", "deployment_started", "deployment_success",
      ] {
        #expect(kinds.contains(kind), "no \(kind): \(push)")
      }
      #expect(kinds.last == "ended", "\(push)")
      #expect(events.last?["state"]?.string == "landed", "\(push)")
      let refused = try await world.client.submit(Work("machine-bad", ["cases/one": "FAIL\n"]), "format=json")
      #expect(refused.status == 1)
      #expect(refused.remote.allSatisfy { $0.hasPrefix("{") }, "\(refused)")
      #expect(refused.text.contains("\"category\":\"regression_detected\""), "\(refused)")
    }
  }

  @Test func `options that are unknown or wrong are refused with the known ones`() async throws {
    try await World.run { world in
      let before = try await world.snapshot()
      for (option, words) in [
        ("dryrun", ["nowait", "priority=", "dry-run", "target="]), ("priority=soon", ["low", "urgent"]),
        ("priority=9223372036854775808", ["urgent"]), ("target=main; rm -rf /", ["target"]),
        ("target=refs/tags/x", ["target"]),
        ("target=../../x", ["target"]), ("target=", ["target"]), ("target=elsewhere", ["elsewhere"]),
        ("format=xml", ["json"]), ("depends-on=", ["depends-on"]), ("wait=yes", ["wait"]), ("", []),
      ] {
        let push = try await world.client.submit(Work("odd", ["a.txt": "odd\n"]), option)
        push.expectRefused(["invalid_push"], words, row: option)
      }
      let both = try await world.client.submit(Work("odd", ["a.txt": "odd\n"]), "wait", "nowait")
      both.expectRefused("invalid_push")
      #expect(try await world.snapshot() == before)
    }
  }

  @Test func `another target is landed on by its option alone`() async throws {
    try await World.run(Base().with { $0.targets = ["release"] }) { world in
      let push = try await world.client.submit(Work("fix", ["a.txt": "fix\n"]), "target=release")
      #expect(push.status == 0, "\(push)")
      #expect(push.text.contains("landed on release as"), "\(push)")
      #expect(try await world.server.file("a.txt", at: "refs/heads/release") == "fix\n")
      #expect(try await world.server.file("a.txt") == Base.lines(of: "a"))
    }
  }

  @Test func `submissions wait for what they depend on`() async throws {
    try await World.run(.judged(by: Base.policy(run: World.heldTest))) { world in
      let first = try await world.client.submit(Work("first", ["b.txt": "first\n"]), "nowait", "priority=low")
      let second = try await world.client.submit(
        Work("second", ["a.txt": "second\n"]), "nowait", "depends-on=first", "priority=urgent")
      #expect(first.status == 0 && second.status == 0, "\(first)\n\(second)")
      try world.release()
      let watched = try await world.server.sluice("watch", second.submissions.first ?? "")
      #expect(watched.status == 0, "\(watched.text)")
      #expect(try await world.server.history() == ["base", "Work on first", "Work on second"])
      let lost = try await world.client.submit(Work("lost", ["a.txt": "lost\n"]), "depends-on=nobody")
      #expect(lost.status == 1 && lost.text.contains("nobody"), "\(lost)")
    }
  }

  @Test func `a paused queue accepts, and goes on when it is resumed`() async throws {
    try await World.run { world in
      #expect(try await world.server.sluice("pause").status == 0)
      let push = try await world.client.start(Work("held", ["a.txt": "held\n"]))
      try await push.says("position 1 of 1")
      #expect(try await world.server.json("status")["queues"]?.array?.first?["paused"] == true)
      #expect(try await world.server.sluice("resume").status == 0)
      _ = try await Push(push.ended()).expectLanded(in: world)
    }
  }
}

extension TestClient {
  /// The same clone with an object of another clone in it.
  func with(_ object: String, of other: TestClient) async throws -> TestClient {
    let bundle = try await Program.run(
      "/bin/sh",
      [
        "-c",
        "git -C \"$1\" rev-list --objects \"$3\" | cut -d' ' -f1 | git -C \"$1\" pack-objects --stdout -q | git -C \"$2\" unpack-objects -q",
        "sh", other.repository, repository, object,
      ])
    guard bundle.status == 0 else { throw Program.Failure(description: bundle.text) }
    return self
  }
}
