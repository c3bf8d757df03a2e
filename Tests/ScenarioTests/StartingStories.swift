import Domain
import Foundation
import Testing

@Suite struct StartingStories {
  @Test func `an empty repository begins with a submission judged by the administrator's policy`() async throws {
    let base = Base().with {
      $0.files = nil
      $0.policyFile = Base.policy(run: "test -e a.txt", results: "exit")
    }
    try await World.run(base) { world in
      try await world.client.submit(Work("wrong", ["b.txt": "b\n"])).expectRefused("test_failures")
      #expect(try await world.server.tip() == nil)
      _ = try await world.client.submit(Work("root", ["a.txt": "a\n"])).expectLanded(in: world)
      #expect(try await world.server.history() == ["Work on root"])
    }
  }

  @Test(arguments: ["squash", "merge", "rebase"])
  func `an empty repository begins with every way of merging`(merge: String) async throws {
    let base = Base().with {
      $0.files = nil
      $0.policyFile = Base.policy(merge: merge, run: "test -e a.txt", results: "exit")
    }
    try await World.run(base) { world in
      let work = Work("root", ["a.txt": "a\n"]).with { $0.embedding = .tag }
      let push = try await world.client.submit(work)
      #expect(push.status == 0, "\(push)")
      #expect(try await world.server.file("a.txt") == "a\n")
    }
  }

  @Test func `an ordinary push may create a target that does not exist, once`() async throws {
    let base = Base().with {
      $0.files = nil
      $0.policyFile = Base.policy(run: "true", results: "exit")
    }
    try await World.run(base, audited: false) { world in
      let work = Work("direct", ["a.txt": "a\n"])
      let first = try await world.client.commit(work.changes, parent: nil, work)
      let created = try await world.client.push(["\(first):refs/heads/main"])
      #expect(created.status == 0, "\(created)")
      let second = try await world.client.commit(["b.txt": "b\n"], parent: first, work)
      try await world.client.push(["\(second):refs/heads/main"]).expectRefused("protected_ref")
    }
  }

  @Test func `nothing is admitted where nothing says what proves it`() async throws {
    let base = Base().with { $0.files = $0.files?.filter { $0.key != ".sluice.yml" } }
    try await World.run(base, canary: false) { world in
      let push = try await world.client.submit(Work("early", ["a.txt": "early\n"]))
      #expect(push.status == 1, "\(push)")
      #expect(push.text.contains(".sluice.yml") && push.text.contains("sluice install --policy"), "\(push)")
      #expect(try await world.server.history() == ["base"])
    }
  }

  @Test func `a repository without a policy gets one by a submission, and is judged by it from then on`() async throws {
    let base = Base().with {
      $0.files = $0.files?.filter { $0.key != ".sluice.yml" }
      $0.policyFile = Base.policy(run: "true", results: "exit")
    }
    try await World.run(base) { world in
      let broken = Work("policy", [".sluice.yml": "version: 1\nchecks: [\n"])
      let refused = try await world.client.submit(broken)
      #expect(refused.status == 1, "\(refused)")
      #expect(refused.text.contains(".sluice.yml"), "\(refused)")
      _ = try await world.client.submit(Work("policy", [".sluice.yml": .text(Base.policy())])).expectLanded(in: world)
      // The administrator's file stands above it until it is taken away.
      try await world.server.git("config", "--unset", "sluice.policy")
      try await world.client.submit(Work("bad", ["cases/one": "FAIL\n"])).expectRefused("regression_detected")
    }
  }

  @Test func `a change of the policy is judged by the old one`() async throws {
    try await World.run(.judged(by: Base.policy(run: "! test -e never", results: "exit"))) { world in
      let lax = Base.policy(run: "true", results: "exit")
      let both = Work("both", [".sluice.yml": .text(lax), "never": "x\n"])
      try await world.client.submit(both).expectRefused("test_failures")
      _ = try await world.client.submit(Work("lax", [".sluice.yml": .text(lax)])).expectLanded(in: world)
      _ = try await world.client.submit(Work("now", ["never": "x\n"])).expectLanded(in: world)
    }
  }

  @Test func `a policy that does not parse, or proves nothing, cannot land`() async throws {
    try await World.run { world in
      let before = try await world.server.tip()
      for (row, text, words) in [
        ("no YAML", "version: 1\nchecks: {\n", [".sluice.yml"]), ("empty", "", [".sluice.yml"]),
        ("no checks", "version: 1\n", ["checks"]), ("empty checks", "version: 1\nchecks: {}\n", ["checks"]),
        ("an unknown key", Base.policy() + "colour: blue\n", ["colour", "5"]),
        ("a key twice", Base.policy() + "version: 1\n", ["version"]),
        ("another version", "version: 2\nchecks: { a: { run: 'true' } }\n", ["version"]),
        ("a timeout of 0", "version: 1\nchecks: { a: { run: 'true', timeout: 0s } }\n", ["timeout"]),
        ("a timeout below 0", "version: 1\nchecks: { a: { run: 'true', timeout: -5m } }\n", ["timeout"]),
        (
          "a timeout beyond reason", "version: 1\nchecks: { a: { run: 'true', timeout: 1000000000000h } }\n",
          ["timeout"]
        ),
        ("a size that is none", "version: 1\nchecks: { a: { run: 'true' } }\nlimits: { diff: 10GBs }\n", ["diff"]),
        ("a number as text", "version: 1\nchecks: { a: { run: 'true' } }\nqueue: { workers: many }\n", ["workers"]),
        ("no command", "version: 1\nchecks: { a: { results: exit } }\n", ["run"]),
        ("a format nobody reads", "version: 1\nchecks: { a: { run: 'true', results: html } }\n", ["results"]),
      ] {
        let push = try await world.client.submit(Work("policy", [".sluice.yml": .text(text)]))
        #expect(push.status == 1, "\(row): \(push)")
        for word in words { #expect(push.text.contains(word), "\(row): no '\(word)': \(push)") }
        push.expectPrintable(row: row)
      }
      let gone = try await world.client.submit(Work("policy", [".sluice.yml": .removed]))
      #expect(gone.status == 1, "\(gone)")
      #expect(try await world.server.tip() == before)
    }
  }

  @Test func `a history of merges from before is the recorded starting point`() async throws {
    try await World.run { world in
      let audit = try await world.server.sluice("audit")
      #expect(audit.status == 0, "\(audit.text)")
      _ = try await world.client.submit(Work("first", ["a.txt": "first\n"])).expectLanded(in: world)
      // A move past Sluice is named until an administrator enters it.
      let work = Work("past", ["past.txt": "x\n"])
      let commit = try await world.client.commit(work.changes, parent: try await world.client.fetch(), work)
      try await world.server.git("fetch", "-q", world.client.repository, "\(commit):refs/heads/main")
      let failed = try await world.server.sluice("audit")
      #expect(failed.status == 1 && failed.text.contains(commit), "\(failed.text)")
      let adopted = try await world.server.sluice("adopt", commit, "--reason", "a fix by hand")
      #expect(adopted.status == 0, "\(adopted.text)")
    }
  }

  @Test func `a second installation changes nothing, and uninstalling brings back what was there`() async throws {
    let hook = "#!/bin/sh\nexit 0\n"
    let base = Base().with {
      $0.hooks = ["pre-receive": hook, "post-receive": hook, "update": hook]
      $0.config = [("receive.autogc", "true"), ("core.logAllRefUpdates", "false")]
    }
    try await World.run(base) { world in
      let server = world.server
      _ = try await world.client.submit(Work("one", ["a.txt": "one\n"])).expectLanded(in: world)
      try await server.endWorker()
      #expect(try await server.git("for-each-ref").contains("refs/known/"))
      func settings() async throws -> String { try await server.git("config", "--local", "--list") }
      let before = try await settings()
      let again = try await server.sluice("install", server.repository)
      #expect(again.status == 0, "\(again.text)")
      #expect(try await settings() == before)
      let gone = try await server.sluice("uninstall", server.repository)
      #expect(gone.status == 0, "\(gone.text)")
      for name in ["pre-receive", "post-receive", "update"] {
        #expect(
          FileManager.default.contents(atPath: "\(server.repository)/hooks/\(name)") == Data(hook.utf8), "\(name)")
      }
      #expect(!FileManager.default.fileExists(atPath: server.repository + "/hooks/proc-receive"))
      #expect(try await !server.git("for-each-ref").contains("refs/known/"), "fetchers would see them now")
      #expect(try await settings().contains("receive.autogc=true"))
      #expect(try await !settings().contains("receive.procreceiverefs"))
      let direct = try await world.client.push(["\(try await world.client.fetch() ?? ""):refs/heads/topic"])
      #expect(direct.status == 0, "\(direct)")
      let back = try await server.sluice("install", server.repository)
      #expect(back.status == 0, "\(back.text)")
    }
  }
}
