import Domain
import Foundation
import Testing

/// What an administrator changes while submissions are in flight: nobody pays for it, and nothing lands unproven.
@Suite struct UnderneathStories {
  private static func policy(_ more: String = "") -> String {
    "version: 1\nqueue: { workers: 2 }\nchecks:\n  tests: { run: '\(World.gatedTest)', results: junit }\n" + more
  }

  @Test func `a policy file that is edited in the middle costs nobody their landing`() async throws {
    var base = Base()
    base.policyFile = Self.policy()
    try await World.run(base) { world in
      let bob = try await world.client("bob")
      let start = try await world.client.fetch()
      let first = try await world.client.start(Work("first", ["cases/x1": "fine\n"]).with { $0.parent = start })
      try await first.says("integrating on")
      let edited = Self.policy("# edited\n").replacing("GATE", with: world.gate)
      try TestServer.write(edited, to: world.folder.path + "/policy.yml")
      let second = try await bob.start(Work("second", ["cases/x2": "fine\n"]).with { $0.parent = start })
      try await second.says("integrating on")
      try world.release("x1", "x2")
      for push in [first, second] {
        let answer = Push(try await push.ended())
        #expect(answer.status == 0, "\(answer)")
      }
    }
  }

  @Test func `settings that change in the middle are those the certificate names`() async throws {
    try await World.run(.judged(by: Self.policy())) { world in
      let push = try await world.client.start(Work("first", ["cases/x1": "fine\n"]))
      try await push.says("integrating on")
      try await world.server.git("config", "sluice.allowNetwork", "setup")
      try await push.says("what stood ahead of it has changed")
      try world.release("x1")
      let answer = Push(try await push.ended())
      #expect(answer.status == 0, "\(answer)")
      let audit = try await world.server.sluice("audit")
      #expect(audit.status == 0, "\(audit.text)")
    }
  }

  @Test func `a target that is moved behind a landing is noticed before the next check ends`() async throws {
    try await World.run(.judged(by: Self.policy())) { world in
      let bob = try await world.client("bob")
      let start = try await world.client.fetch()
      let first = try await world.client.start(Work("first", ["cases/x1": "fine\n"]).with { $0.parent = start })
      try await first.says("integrating on")
      let second = try await bob.start(Work("second", ["cases/x2": "fine\n"]).with { $0.parent = start })
      try await second.says("integrating on")
      try world.release("x1")
      #expect(Push(try await first.ended()).status == 0)
      let tip = try #require(try await world.server.tip())
      let tree = try await world.server.git("rev-parse", "\(tip)^{tree}")
      let foreign = try await world.server.git(
        "-c", "user.name=root", "-c", "user.email=root@example.com", "commit-tree", "-p", tip, "-m", "By hand", tree)
      try await world.server.git("update-ref", "refs/heads/main", foreign, tip)
      // Only a worker that looks sees it: its check is still held.
      #expect(try await world.server.sluice("adopt", foreign, "--reason", "by hand").status == 0)
      try await second.says("integrating again")
      try world.release("x2")
      #expect(Push(try await second.ended()).status == 0)
      #expect(try await world.server.history() == ["base", "Work on first", "By hand", "Work on second"])
    }
  }

  @Test func `a branch in the way of the staging refs is named, and the worker lives`() async throws {
    try await World.run { world in
      let start = try #require(try await world.server.tip())
      try await world.server.git("update-ref", "refs/heads/staging", start)
      let work = Work("first", ["a.txt": "one\n"])
      let object = try await world.client.make(work)
      let refused = try await world.client.push(["\(object):\(work.pushedRef)"])
      refused.expectRefused("infrastructure", "refs/heads/staging")
      try await world.server.git("update-ref", "-d", "refs/heads/staging")
      let again = try await world.client.push(["\(object):\(work.pushedRef)"])
      #expect(again.status == 0, "\(again)")
    }
  }

  @Test func `a check that ran out of time says nothing about the next push, whatever else is in flight`() async throws
  {
    let policy = """
      version: 1
      checks:
        tests: { run: 'if [ -e slow ]; then until [ -e GATE/slow ]; do sleep 0.02; done; fi; sh test.sh', results: junit, timeout: 2s }
      staging:
        hold: { run: 'if [ -e held ]; then until [ -e GATE/held ]; do sleep 0.02; done; fi' }
      """
    var base = Base.judged(by: policy)
    base.targets = ["next"]
    try await World.run(base) { world in
      let bob = try await world.client("bob")
      let held = try await bob.start(Work("held", ["held": "x\n"]), "target=next")
      try await held.says("2 passed, 0 failed")
      let work = Work("slow", ["slow": "x\n"])
      let object = try await world.client.make(work)
      let late = try await world.client.push(["\(object):\(work.pushedRef)"])
      late.expectRefused("timed_out", "timed out")
      try world.release("slow")
      let again = try await world.client.push(["\(object):\(work.pushedRef)"])
      #expect(again.status == 0 && !again.text.contains("flaky"), "\(again)")
      try world.release("held")
      #expect(Push(try await held.ended()).status == 0)
    }
  }
}
