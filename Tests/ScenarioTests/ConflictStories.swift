import Domain
import Foundation
import Testing

/// What a pusher learns of a conflict, what the policy settles, and what nobody may take back in silence.
@Suite struct ConflictStories {
  /// The lines of `a.txt` with some of them replaced.
  private static func a(_ lines: [Int: String]) -> Work.Content {
    .text((1...20).map { (lines[$0] ?? "a line \($0)") + "\n" }.joined())
  }

  private static func plan(of push: Push, in world: World) async throws -> JSONValue {
    let shown = try await world.server.json("show", push.submissions.first ?? "")
    return try #require(shown["conflict_plan"], "no plan: \(shown.pretty)")
  }

  @Test(arguments: ["squash", "merge", "rebase"])
  func `a conflict is told with kind, lines and cause, and kept as a plan`(merge: String) async throws {
    try await World.run(.judged(by: Base.policy(merge: merge))) { world in
      let base = try #require(try await world.client.fetch())
      let cause = Work("cause", ["a.txt": Self.a([7: "theirs", 8: "theirs too"])]).with { $0.message = "Change seven" }
      let landed = try await world.client.submit(cause).expectLanded(in: world)
      _ = try await world.client.submit(Work("bystander", ["b.txt": "x\n"])).expectLanded(in: world)
      let push = try await world.client.submit(
        Work("victim", ["a.txt": Self.a([7: "mine\u{1B}[31m"])]).with { $0.parent = base })
      let subject = merge == "merge" ? "Merge cause: Work on cause" : "Change seven"
      push.expectRefused(
        "merge_conflicts", "conflict in a.txt (content, lines 7-8 of the target)",
        "landed meanwhile: \(landed.prefix(7)) \(subject), task cause (a.txt)", "hint:")
      #expect(!push.text.contains("bystander"), "\(push)")
      let plan = try await Self.plan(of: push, in: world)
      #expect(plan["base"]?.string == base)
      #expect(plan["target_tip"]?.string == (try await world.server.tip()))
      let file = try #require(plan["files"]?.array?.first)
      #expect(file["path"] == "a.txt")
      #expect(file["kind"] == "content")
      let hunk = try #require(file["hunks"]?.array?.first)
      #expect(hunk["base"]?["start"] == 7)
      #expect(hunk["ours"]?["lines"] == ["theirs", "theirs too"])
      #expect(hunk["theirs"]?["lines"] == ["mine\\u{1b}[31m", "a line 8"])
      let by = try #require(file["caused_by"]?.array?.first)
      #expect(file["caused_by"]?.array?.count == 1)
      #expect(by["commit"]?.string == landed)
      #expect(by["task_id"] == "cause")
      #expect(by["feature_description"]?.string == subject)
      #expect(by["integration_id"]?.string?.hasPrefix("int-") == true)
      #expect(by["state"] == "landed")
    }
  }

  @Test func `the plan's commands show the conflict in a clone`() async throws {
    try await World.run { world in
      let base = try await world.client.fetch()
      _ = try await world.client.submit(Work("cause", ["a.txt": "theirs\n"])).expectLanded(in: world)
      let victim = Work("victim", ["a.txt": "mine\n"]).with { $0.parent = base }
      let push = try await world.client.submit(victim)
      let commands = try #require(try await Self.plan(of: push, in: world)["commands"]?.array).compactMap(\.string)
      let script = commands.prefix(2).map { $0.replacing("<remote>", with: "\"$0\"") }.joined(separator: " && ")
      let run = try await Program.run(
        "/bin/sh", ["-c", "cd \"$1\" && \(script)", world.client.url, world.client.repository],
        environment: Git.environment.merging(world.client.environment) { $1 })
      #expect(run.status == 1, "\(run.text)")
      #expect(run.out.contains("CONFLICT (content): Merge conflict in a.txt"), "\(run.text)")
    }
  }

  @Test func `each kind of conflict has its name`() async throws {
    let long = (1...30).map { "moved line \($0)\n" }.joined()
    let files: [String: Work.Content] = [
      "gone": "x\n", "link": .symlink("a.txt"), "binary": .bytes([0, 1, 2]), "moved": .text(long),
      "renamed": .text(long.replacing("moved", with: "renamed")), "mine/keep": "x\n",
    ]
    try await World.run(.judged(by: Base.policy(), adding: files)) { world in
      let base = try await world.client.fetch()
      let theirs: [String: Work.Content] = [
        "a.txt": Self.a([1: "theirs"]), "new": "theirs\n", "gone": .removed, "link": .symlink("b.txt"),
        "binary": .bytes([0, 1, 3]), "moved": .removed, "moved-here": .text(long), "renamed": .removed,
        "place": "a file\n", "mode": "same\n",
      ]
      let mine: [String: Work.Content] = [
        "a.txt": Self.a([1: "mine"]), "new": "mine\n", "gone": "changed\n", "link": .symlink("test.sh"),
        "binary": .bytes([0, 1, 4]), "moved": .removed, "moved-there": .text(long), "renamed": .removed,
        "renamed-here": .text(long.replacing("moved", with: "renamed")), "place/inside": "in a folder\n",
        "mode": .executable("same\n"),
      ]
      _ = try await world.client.submit(Work("theirs", theirs)).expectLanded(in: world)
      let push = try await world.client.submit(Work("mine", mine).with { $0.parent = base })
      push.expectRefused("merge_conflicts", "… and ", " more files")
      #expect(push.remote.filter { $0.hasPrefix("sluice:   conflict in") }.count == 4, "\(push)")
      let kinds = try #require(try await Self.plan(of: push, in: world)["files"]?.array).reduce(into: [:]) {
        $0[$1["path"]?.string ?? ""] = $1["kind"]?.string
      }
      let expected = [
        "a.txt": "content", "new": "add/add", "gone": "modify/delete", "link": "symlink", "binary": "binary",
        "moved": "rename/rename", "moved-here": "rename/rename", "moved-there": "rename/rename",
        "renamed-here": "rename/delete", "mode": "mode",
      ]
      for (path, kind) in expected { #expect(kinds[path] == kind, "\(path): \(kinds)") }
      #expect(kinds.contains { $0.key.hasPrefix("place~") && $0.value == "directory/file" }, "\(kinds)")
    }
  }

  @Test func `a plan shows so many hunks and lines, and no more`() async throws {
    let lines = (1...900).map { "line \($0)" }
    func text(_ change: (Int) -> String?) -> Work.Content {
      .text(lines.enumerated().map { (change($0.offset) ?? $0.element) + "\n" }.joined())
    }
    try await World.run(.judged(by: Base.policy(), adding: ["many": text { _ in nil }])) { world in
      let base = try await world.client.fetch()
      func change(_ word: String) -> Work.Content {
        text { $0 < 60 ? word + String(repeating: "x", count: 500) : $0 % 20 == 0 ? word : nil }
      }
      _ = try await world.client.submit(Work("theirs", ["many": change("theirs")])).expectLanded(in: world)
      let push = try await world.client.submit(Work("mine", ["many": change("mine")]).with { $0.parent = base })
      push.expectRefused("merge_conflicts", "conflict in many (content, lines 1-61, ")
      let hunks = try #require(try await Self.plan(of: push, in: world)["files"]?.array?.first?["hunks"]?.array)
      #expect(hunks.count == 20)
      #expect(hunks.first?["ours"]?["count"] == 61)
      let shown = try #require(hunks.first?["ours"]?["lines"]?.array)
      #expect(shown.count == 40)
      #expect((shown.first?.string?.count ?? 0) <= 201)
    }
  }

  @Test func `the policy's rules settle conflicts, and the certificate names them`() async throws {
    let policy = Base.policy("resolve: { CHANGELOG.md: union, 'gen/*': ours, '**/*.sum': theirs }\n")
    let files: [String: Work.Content] = [
      "CHANGELOG.md": "# Changes\n\n- begun\n", "gen/x": "0\n", "deep/x.sum": "0\nkept\n",
    ]
    try await World.run(.judged(by: policy, adding: files)) { world in
      let base = try await world.client.fetch()
      func work(_ name: String) -> Work {
        Work(
          name,
          [
            "CHANGELOG.md": "# Changes\n\n- \(name)\n- begun\n", "gen/x": "\(name)\n", "deep/x.sum": "\(name)\nkept\n",
            "only-\(name)": "x\n",
          ]
        ).with { $0.parent = base }
      }
      let first = try await world.client.submit(work("one"))
      let before = try await first.expectLanded(in: world)
      let push = try await world.client.submit(work("two"))
      let landed = try await push.expectLanded(in: world)
      #expect(push.text.contains("resolved CHANGELOG.md (union), deep/x.sum (theirs), gen/x (ours)"), "\(push)")
      #expect(try await world.server.file("CHANGELOG.md") == "# Changes\n\n- one\n- two\n- begun\n")
      #expect(try await world.server.file("gen/x") == "one\n")
      #expect(try await world.server.file("deep/x.sum") == "two\nkept\n")
      #expect(try await world.server.file("only-two") == "x\n")
      let certificate = try #require(try await world.server.certificate(of: landed))
      #expect(certificate["resolution"] == "resolved CHANGELOG.md (union), deep/x.sum (theirs), gen/x (ours)")
      let rules = certificate["resolutions"]?.array?.map { [$0["path"]?.string, $0["rule"]?.string] }
      #expect(rules == [["CHANGELOG.md", "union"], ["deep/x.sum", "theirs"], ["gen/x", "ours"]])
      let other = try #require(try await world.server.certificate(of: before))
      #expect(other["resolution"] == .null)
      #expect(other["resolutions"] == [])
    }
  }

  @Test(arguments: ["merge", "rebase"])
  func `conflicts are settled whatever the strategy`(merge: String) async throws {
    let policy = Base.policy(merge: merge, "resolve: { CHANGELOG.md: union }\n")
    try await World.run(.judged(by: policy, adding: ["CHANGELOG.md": "- begun\n"])) { world in
      let base = try await world.client.fetch()
      for name in ["one", "two"] {
        let work = Work(name, ["CHANGELOG.md": .text("- \(name)\n- begun\n")]).with { $0.parent = base }
        _ = try await world.client.submit(work).expectLanded(in: world)
      }
      #expect(try await world.server.file("CHANGELOG.md") == "- one\n- two\n- begun\n")
    }
  }

  @Test func `what was settled is tested like everything else`() async throws {
    let run = "! { grep one list && grep two list; }"
    let policy = Base.policy(run: run, results: "exit", "resolve: { list: union }\n")
    try await World.run(.judged(by: policy, adding: ["list": "zero\n"])) { world in
      let base = try await world.client.fetch()
      let one = Work("one", ["list": "one\nzero\n"]).with { $0.parent = base }
      _ = try await world.client.submit(one).expectLanded(in: world)
      try await world.client.submit(Work("two", ["list": "two\nzero\n"]).with { $0.parent = base })
        .expectRefused("test_failures", "resolved list (union)")
    }
  }

  @Test func `a rule settles lines only, all conflicts or none, and never the policy itself`() async throws {
    let policy = Base.policy("resolve: { '**': union, x: 'touch x' }\n")
    let files: [String: Work.Content] = ["binary": .bytes([0, 1]), "gone": "x\n"]
    try await World.run(.judged(by: policy, adding: files)) { world in
      let base = try await world.client.fetch()
      let theirs: [String: Work.Content] = [
        "a.txt": "theirs\n", "binary": .bytes([0, 2]), "gone": .removed, ".sluice.yml": .text("# theirs\n" + policy),
      ]
      _ = try await world.client.submit(Work("theirs", theirs)).expectLanded(in: world)
      let rows: [(String, Work.Content, String)] = [
        ("binary", .bytes([0, 3]), "text files only"), ("gone", "changed\n", "text files only"),
        (".sluice.yml", .text("# mine\n" + policy), "the policy itself"),
      ]
      for (path, content, words) in rows {
        let work = Work("mine-\(path.dropFirst(path.hasPrefix(".") ? 1 : 0))", ["a.txt": "mine\n", path: content])
        let push = try await world.client.submit(work.with { $0.parent = base })
        push.expectRefused("merge_conflicts", "conflict in \(path) (", words, row: path)
      }
    }
  }

  @Test func `a command that would settle a conflict is named in the refusal`() async throws {
    let policy = Base.policy("resolve: { a.sum: 'make a.sum' }\n")
    try await World.run(.judged(by: policy, adding: ["a.sum": "0\n"])) { world in
      let base = try await world.client.fetch()
      _ = try await world.client.submit(Work("one", ["a.sum": "1\n"])).expectLanded(in: world)
      try await world.client.submit(Work("two", ["a.sum": "2\n"]).with { $0.parent = base })
        .expectRefused("merge_conflicts", "conflict in a.sum", "commands under resolve: are not run yet")
    }
  }

  @Test func `attributes in the tree settle nothing`() async throws {
    try await World.run { world in
      _ = try await world.client.submit(Work("rules", [".gitattributes": "* merge=union\n"])).expectLanded(in: world)
      let base = try await world.client.fetch()
      _ = try await world.client.submit(Work("one", ["a.txt": Self.a([3: "one"])])).expectLanded(in: world)
      try await world.client.submit(Work("two", ["a.txt": Self.a([3: "two"])]).with { $0.parent = base })
        .expectRefused("merge_conflicts", "conflict in a.txt (content, line 3 of the target)")
    }
  }
}
