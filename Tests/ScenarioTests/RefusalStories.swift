import Domain
import Foundation
import Testing

@Suite struct RefusalStories {
  @Test(arguments: [Embedding.file, .tag, .blob])
  func `failing tests are named, and nothing moves`(embedding: Embedding) async throws {
    try await World.run { world in
      let before = try await world.server.tip()
      let work = Work("broken", ["cases/one": "FAIL because of this\n", "cases/three": "FAIL too\n"]).with {
        $0.embedding = embedding
      }
      let push = try await world.client.submit(work)
      push.expectRefused("regression_detected", "one", "FAIL because of this", "three", "hint:")
      let reason = "(regression_detected: 2 of 3 tests failed, 1 of which passes on the base)"
      #expect(push.text.contains(reason), "\(push)")
      #expect(try await world.server.tip() == before)
      let shown = try await world.server.json("show", push.submissions.first ?? "")
      #expect(shown["state"]?.string == "rejected")
      #expect(shown["category"]?.string == "regression_detected")
      #expect(shown["recommendation"]?.string != "approve_for_deployment")
      #expect(shown["integration_results"]?["system_tests_passed"] == false)
    }
  }

  @Test func `a conflict names the files and what landed there`() async throws {
    try await World.run { world in
      let base = try await world.client.fetch()
      let first = try await world.client.submit(Work("first", ["a.txt": "first\n"])).expectLanded(in: world)
      let push = try await world.client.submit(Work("second", ["a.txt": "second\n"]).with { $0.parent = base })
      push.expectRefused("merge_conflicts", "a.txt", "hint:")
      #expect(try await world.server.tip() == first)
      let shown = try await world.server.json("show", push.submissions.first ?? "")
      #expect(shown["integration_results"]?["merge_conflicts"] == true)
    }
  }

  @Test func `two that are good alone and bad together do not both land`() async throws {
    let policy = Base.policy(run: "! { test -e x && test -e y; }", results: "exit")
    try await World.run(.judged(by: policy)) { world in
      let base = try await world.client.fetch()
      _ = try await world.client.submit(Work("x", ["x": "x\n"])).expectLanded(in: world)
      let push = try await world.client.submit(Work("y", ["y": "y\n"]).with { $0.parent = base })
      push.expectRefused("test_failures")
      #expect(try await world.server.file("y") == nil)
    }
  }

  @Test func `the tree of a stale branch cannot drop what others landed`() async throws {
    try await World.run { world in
      let base = try await world.client.fetch()
      let other = try await world.client.submit(Work("other", ["other.txt": "theirs\n"])).expectLanded(in: world)
      // A merge that keeps its own side only: main is a parent, but other.txt is gone.
      let mine = Work("mine", ["a.txt": "mine\n"])
      let commit = try await world.client.commit(mine.changes, parent: base, mine)
      try await world.client.fetch()
      let tree = try await Git.run(in: world.client.repository, "rev-parse", "\(commit)^{tree}")
      let merge = try await Git.run(
        in: world.client.repository, "commit-tree", tree, "-p", commit, "-p", other, "-m", "Merge main")
      let package = Array(mine.package(present: ["a.txt"]).compact.utf8)
      let tag = try await world.client.tag(merge, message: package, name: "mine")
      let push = try await world.client.push(["\(tag):refs/tags/submit/mine"])
      push.expectRefused("undeclared_changes", "other.txt")
      #expect(try await world.server.file("other.txt") == "theirs\n")
    }
  }

  @Test func `a revert of what landed lands, and its return too`() async throws {
    try await World.run { world in
      _ = try await world.client.submit(Work("do", ["a.txt": "done\n"])).expectLanded(in: world)
      _ = try await world.client.submit(Work("undo", ["a.txt": .text(Base.lines(of: "a"))])).expectLanded(in: world)
      _ = try await world.client.submit(Work("redo", ["a.txt": "done\n"])).expectLanded(in: world)
      #expect(try await world.server.file("a.txt") == "done\n")
    }
  }

  @Test func `a change of nothing is refused`() async throws {
    try await World.run { world in
      let push = try await world.client.submit(
        Work("nothing", ["a.txt": .text(Base.lines(of: "a"))]).with {
          $0.adjust = { $0.set("changes", "files_modified", to: []) }
        })
      #expect(push.status == 1, "\(push)")
      push.expectPrintable()
    }
  }

  @Test func `a change of more files than the policy lets in is refused with the limit`() async throws {
    let policy = Base.policy(run: "true", results: "exit", "limits: { files: 10 }\n")
    try await World.run(.judged(by: policy)) { world in
      func change(_ count: Int) -> [String: Work.Content] {
        Dictionary(uniqueKeysWithValues: (0..<count).map { ("many/\($0)", Work.Content.text("x\n")) })
      }
      try await world.client.submit(Work("many", change(11))).expectRefused("limit_exceeded", "10")
      _ = try await world.client.submit(Work("few", change(10))).expectLanded(in: world)
    }
  }

  @Test func `the administrator's ceilings hold at the limit and one over`() async throws {
    let ceilings = [
      ("depth", "5"), ("pathBytes", "60"), ("nameBytes", "30"), ("blob", "2k"), ("commits", "3"), ("message", "1k"),
    ]
    try await World.run(Base().with { $0.config = ceilings.map { ("sluice.limit.\($0.0)", $0.1) } }) { world in
      let name = { (count: Int) in String(repeating: "n", count: count) }
      let rows: [(String, [String: Work.Content], [String: Work.Content], String)] = [
        ("depth", ["1/2/3/4/5": "x"], ["1/2/3/4/5/6": "x"], "5"),
        ("name", [name(30): "x"], [name(31): "x"], "30"),
        ("path", ["\(name(19))/\(name(19))/\(name(20))": "x"], ["\(name(20))/\(name(20))/\(name(20))": "x"], "60"),
        (
          "blob", ["blob": .bytes(.init(repeating: 120, count: 2_048))],
          ["blub": .bytes(.init(repeating: 120, count: 2_049))], "2"
        ),
      ]
      for (row, allowed, refused, words) in rows {
        try await world.client.submit(Work("\(row)-over", refused)).expectRefused("limit_exceeded", words, row: row)
        _ = try await world.client.submit(Work("\(row)-at", allowed)).expectLanded(in: world, row: row)
      }
      let long = Work("message", ["m": "x"]).with { $0.message = String(repeating: "m", count: 1_100) }
      try await world.client.submit(long).expectRefused("limit_exceeded", row: "message")
      var parent = try await world.client.fetch()
      for index in 1...3 {
        let step = Work("step\(index)", ["step\(index)": "x"])
        parent = try await world.client.commit(step.changes, parent: parent, step)
      }
      let fourth = Work("step4", ["step4": "x"]).with {
        $0.parent = parent
        $0.adjust = { $0.set("changes", "files_added", to: ["step1", "step2", "step3", "step4"]) }
      }
      try await world.client.submit(fourth).expectRefused("limit_exceeded", "3", row: "commits")
    }
  }

  @Test func `only who submitted, or an administrator, withdraws or replaces a submission`() async throws {
    let base = Base.judged(by: Base.policy(run: World.heldTest)).with { $0.config = [("sluice.admin", "root-of-all")] }
    try await World.run(base) { world in
      let bob = try await world.client("bob")
      let admin = try await world.client("root-of-all")
      let push = try await world.client.start(Work("mine", ["a.txt": "mine\n"]))
      try await push.says("integrating on")
      try await bob.submit(Work("mine", ["a.txt": "bob's\n"])).expectRefused("unauthorized", row: "another version")
      try await bob.submit(Work("mine", ["a.txt": "mine\n"]), "cancel").expectRefused("unauthorized", row: "cancel")
      try await bob.push([":refs/heads/submit/mine"]).expectRefused("unauthorized", row: "deletion")
      let theirs = try await world.client.start(Work("other", ["b.txt": "other\n"]))
      try await theirs.says("accepted")
      let cancel = try await admin.push([":refs/heads/submit/other"])
      #expect(cancel.status == 0, "\(cancel)")
      #expect(try await theirs.ended().status == 1)
      try world.release()
      _ = try await Push(push.ended()).expectLanded(in: world)
    }
  }

  @Test func `a name belongs to its first part where the administrator says so`() async throws {
    try await World.run(Base().with { $0.config = [("sluice.bindOwner", "true")] }, canary: false) { world in
      let bob = try await world.client("bob")
      try await bob.submit(Work("alice/x", ["a.txt": "x\n"])).expectRefused("unauthorized", "alice")
      _ = try await world.client.submit(Work("alice/x", ["a.txt": "x\n"])).expectLanded(in: world)
    }
  }
}
