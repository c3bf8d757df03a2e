import Domain
import Foundation
import Testing

@Suite struct HookStories {
  private static let said =
    "echo \"$0 $(cat | tr '\\n' ' ') ${GIT_PUSH_OPTION_COUNT-none} ${SLUICE_PUSHER-}\" >> \"$GIT_DIR/../told\"\n"

  @Test func `hooks that were there are kept, asked and obeyed`() async throws {
    let base = Base().with {
      $0.hooks = [
        "pre-receive": "#!/bin/sh\n"
          + "while read old new ref; do case $ref in *forbidden*) echo no $ref >&2; exit 1;; esac; done\n",
        "update": "#!/bin/sh\ncase $1 in *closed*) echo closed: $1 >&2; exit 1;; esac\n",
      ]
    }
    try await World.run(base) { world in
      for (name, words) in [
        ("forbidden", "no refs/heads/submit/forbidden"), ("closed", "closed: refs/heads/submit/closed"),
      ] {
        let push = try await world.client.submit(Work(name, ["a.txt": "x\n"]))
        #expect(push.status == 1, "\(push)")
        #expect(push.text.contains(words), "\(push)")
      }
      let commit = try await world.client.fetch() ?? ""
      let ordinary = try await world.client.push(["\(commit):refs/heads/closed"])
      #expect(ordinary.status == 1 && ordinary.text.contains("closed: refs/heads/closed"), "\(ordinary)")
      _ = try await world.client.submit(Work("open", ["a.txt": "open\n"])).expectLanded(in: world)
    }
  }

  @Test func `the repository's own post-receive is told of each landing once, and of ordinary refs`() async throws {
    let base = Base().with { $0.hooks = ["post-receive": "#!/bin/sh\n\(Self.said)"] }
    try await World.run(base) { world in
      let old = try #require(try await world.server.tip())
      let tip = try await world.client.submit(Work("told", ["a.txt": "told\n"])).expectLanded(in: world)
      try await world.client.submit(Work("bad", ["cases/one": "FAIL\n"])).expectRefused("regression_detected")
      let commit = try await world.client.fetch() ?? ""
      let ordinary = try await world.client.push(["\(commit):refs/heads/topic"])
      #expect(ordinary.status == 0, "\(ordinary)")
      try await world.server.endWorker()
      let told = String(
        decoding: FileManager.default.contents(atPath: world.folder.path + "/told") ?? Data(), as: UTF8.self
      ).split(separator: "\n")
      #expect(told.filter { $0.contains("\(old) \(tip) refs/heads/main") }.count == 1, "\(told)")
      #expect(told.filter { $0.contains("refs/heads/topic") }.count == 1, "\(told)")
      #expect(told.count == 2, "\(told)")
      #expect(told.contains { $0.contains("alice") }, "\(told)")
    }
  }

  @Test func `a post-receive that fails or hangs on its output changes nothing`() async throws {
    let base = Base().with { $0.hooks = ["post-receive": "#!/bin/sh\nhead -c 300000 /dev/zero\nexit 7\n"] }
    try await World.run(base) { world in
      _ = try await world.client.submit(Work("fine", ["a.txt": "fine\n"])).expectLanded(in: world)
    }
  }

  @Test(arguments: ["pre-receive", "proc-receive", "post-receive"])
  func `doctor names a hook that cannot run, and nothing passes by it`(hook: String) async throws {
    try await World.run { world in
      let path = "\(world.server.repository)/hooks/\(hook)"
      let hidden = path + ".away"
      try FileManager.default.moveItem(atPath: path, toPath: hidden)
      let doctor = try await world.server.sluice("doctor")
      #expect(doctor.status != 0 && doctor.text.contains(hook), "\(doctor.text)")
      let before = try await world.server.tip()
      if hook == "proc-receive" {
        let commit = try await world.client.fetch() ?? ""
        for refspec in [":refs/heads/main", "\(commit):refs/heads/topic"] {
          let push = try await world.client.push([refspec])
          #expect(push.status == 1, "\(push)")
        }
        let push = try await world.client.submit(Work("work", ["a.txt": "work\n"]))
        #expect(push.status == 1, "\(push)")
      } else if hook == "pre-receive" {
        let direct = Work("direct", ["a.txt": "direct\n"])
        let commit = try await world.client.commit(direct.changes, parent: before, direct)
        let push = try await world.client.push(["\(commit):refs/heads/main"])
        #expect(push.status == 1, "\(push)")
        let bad = try await world.client.submit(
          Work("bad", ["cases/one": "FAIL\n"]).with { $0.adjust = { $0.set("status", to: "x") } })
        #expect(bad.status == 1 && bad.text.contains("invalid_package"), "\(bad)")
      }
      #expect(try await world.server.tip() == before)
      try FileManager.default.moveItem(atPath: hidden, toPath: path)
    }
  }

  @Test func `doctor sees hooks that git looks for elsewhere, and settings that were changed`() async throws {
    try await World.run { world in
      for (key, value) in [
        ("core.hooksPath", "/nowhere"), ("receive.procReceiveRefs", "refs/heads/x"), ("core.fsync", "none"),
        ("transfer.fsckObjects", "false"), ("core.sharedRepository", "group"),
        ("receive.advertisePushOptions", "false"),
        ("sluice.limit.files", "10GBs"), ("sluice.waitMax", "-5"), ("sluice.wait", "perhaps"),
        ("sluice.limit.unknown", "5"),
      ] {
        let old = try await Program.run(Git.path, ["-C", world.server.repository, "config", "--get-all", key])
        try await world.server.git("config", "--replace-all", key, value)
        let doctor = try await world.server.sluice("doctor")
        #expect(doctor.status != 0, "\(key): \(doctor.text)")
        #expect(doctor.text.lowercased().contains(key.lowercased()), "\(key): \(doctor.text)")
        try await world.server.git("config", "--unset-all", key)
        if old.status == 0 { try await world.server.git("config", key, old.lines.first ?? "") }
      }
      let doctor = try await world.server.sluice("doctor")
      #expect(doctor.status == 0, "\(doctor.text)")
    }
  }

  @Test func `an administrator's policy file that does not read refuses with its place`() async throws {
    let base = Base().with { $0.policyFile = Base.policy() }
    try await World.run(base) { world in
      let file = world.folder.path + "/policy.yml"
      for (row, text, words) in [
        ("empty", "", ["policy.yml"]),
        ("an unknown key", Base.policy() + "colour: x\n", ["policy.yml", "5", "colour"]),
        ("a wrong type", "version: 1\nchecks: 5\n", ["policy.yml", "2"]),
        ("10 MB", String(repeating: "# x\n", count: 2_500_000), ["policy.yml"]),
      ] {
        try TestServer.write(text, to: file)
        let push = try await world.client.submit(Work("work", ["a.txt": "work\n"]))
        #expect(push.status == 1, "\(row): \(push)")
        for word in words { #expect(push.text.contains(word), "\(row): no '\(word)': \(push)") }
        push.expectPrintable(row: row)
      }
      try FileManager.default.removeItem(atPath: file)
      let push = try await world.client.submit(Work("work", ["a.txt": "work\n"]))
      #expect(push.status == 1 && push.text.contains("policy.yml"), "\(push)")
      #expect(try await world.server.sluice("doctor").status != 0)
      try TestServer.write(Base.policy(), to: file)
    }
  }

  @Test func `without proc-receive a push is accepted, judged and told, and its ref does not stay`() async throws {
    let base = Base().with { $0.installOptions = ["--fallback"] }
    try await World.run(base, canary: false) { world in
      let good = try await world.client.submit(Work("good", ["a.txt": "good\n"]))
      #expect(good.status == 0, "\(good)")
      #expect(good.text.contains("landed on main as"), "\(good)")
      let bad = try await world.client.submit(Work("bad", ["cases/one": "FAIL\n"]))
      #expect(bad.status == 0 && bad.text.contains("regression_detected"), "\(bad)")
      let contradicting = try await world.client.submit(
        Work("false", ["a.txt": "x\n"]).with { $0.adjust = { $0.set("status", to: "x") } })
      #expect(contradicting.status == 1 && contradicting.text.contains("invalid_package"), "\(contradicting)")
      let blob = try await world.client.submit(Work("blob", ["b.txt": "blob\n"]).with { $0.embedding = .blob })
      #expect(blob.status == 0, "\(blob)")
      let tag = Work("tag", ["c.txt": "tag\n"]).with {
        $0.embedding = .tag
        $0.ref = "refs/submit/tag"
      }
      #expect(try await world.client.submit(tag).status == 0)
      let again = try await world.client.submit(Work("good", ["d.txt": "more\n"]))
      #expect(again.status == 0, "\(again)")
      let direct = Work("direct", ["a.txt": "direct\n"])
      let commit = try await world.client.commit(direct.changes, parent: try await world.client.fetch(), direct)
      try await world.client.push(["\(commit):refs/heads/main"]).expectRefused("protected_ref")
      #expect(
        try await world.server.history() == ["base", "Work on good", "Work on blob", "Work on tag", "Work on good"])
    }
  }
}
