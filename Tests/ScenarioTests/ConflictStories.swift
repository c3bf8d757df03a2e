import Domain
import Foundation
import Glibc
import Testing

/// What a pusher learns of a conflict, what the policy settles, and what nobody may take back in silence.
@Suite struct ConflictStories {
  /// The lines of `a.txt` with some of them replaced.
  private static func a(_ lines: [Int: String]) -> Work.Content {
    .text((1...20).map { (lines[$0] ?? "a line \($0)") + "\n" }.joined())
  }

  private static func plan(of push: Push, in world: World) async throws -> JSONValue {
    let shown = try await world.server.json("show", push.submissions.first ?? "")
    return try #require(shown["feedback"]?["conflict_plan"], "no plan: \(shown.pretty)")
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
      let script = commands.prefix(2).map { $0.replacing("origin", with: "\"$0\"") }.joined(separator: " && ")
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

  /// A project with a list of its parts that a command writes, as a lock file is written.
  private static func parts(_ command: String, merge: String = "squash", setup: String = "true") -> Base {
    let policy = """
      version: 1
      merge: \(merge)
      setup:
        - { run: '\(setup)', inputs: [x] }
      checks:
        tests: { run: 'for part in parts/*; do grep -qx "${part#parts/}" parts.sum || exit 1; done' }
      resolve:
        parts.sum: \(command)

      """
    return .judged(by: policy, adding: ["parts/zero": "x\n", "parts.sum": "zero\n"])
  }

  private static func part(_ name: String, on base: String?) -> Work {
    Work(name, ["parts/\(name)": "x\n", "parts.sum": .text("\(name)\nzero\n")]).with { $0.parent = base }
  }

  @Test(arguments: ["squash", "merge", "rebase"])
  func `a command settles a conflict in the file it writes, and in no other`(merge: String) async throws {
    let command = "pwd; ls parts > parts.sum; echo junk > junk; echo junk >> a.txt; test -e ready; test -z \"$GIT_DIR\""
    try await World.run(Self.parts(command, merge: merge, setup: "touch ready")) { world in
      let base = try await world.client.fetch()
      _ = try await world.client.submit(Self.part("one", on: base)).expectLanded(in: world)
      let push = try await world.client.submit(Self.part("two", on: base))
      let landed = try await push.expectLanded(in: world)
      #expect(push.text.contains("both sides changed it: running `pwd; ls parts"), "\(push)")
      #expect(push.text.contains("resolved parts.sum (pwd; ls parts"), "\(push)")
      #expect(try await world.server.file("parts.sum") == "one\ntwo\nzero\n")
      #expect(try await world.server.file("junk") == nil)
      #expect(try await world.server.file("a.txt") == Base.lines(of: "a"))
      let certificate = try #require(try await world.server.certificate(of: landed))
      let settled = try #require(certificate["resolutions"]?.array)
      #expect(settled.map { $0["path"]?.string } == ["parts.sum"])
      #expect(settled.first?["rule"]?.string == command)
      #expect(
        settled.first?["content"]?.string == (try await world.server.git("rev-parse", "refs/heads/main:parts.sum")))
    }
  }

  @Test func `a rebase is repeated commit by commit, whatever a command wrote for each`() async throws {
    let command = "head -c 9 /dev/urandom | base64 > salt; ls parts | cat - salt > parts.sum"
    try await World.run(Self.parts(command, merge: "rebase"), canary: false, audited: false) { world in
      let base = try #require(try await world.client.fetch())
      _ = try await world.client.submit(Self.part("one", on: base)).expectLanded(in: world)
      let first = Self.part("two", on: base)
      let begun = try await world.client.commit(first.changes, parent: base, first)
      let second = Work("two", ["parts/three": "x\n", "parts.sum": "three\ntwo\nzero\n"]).with {
        $0.parent = begun
        $0.embedding = .tag
        $0.adjust = {
          $0.set("changes", "files_added", to: ["parts/three", "parts/two"])
          $0.set("changes", "files_modified", to: ["parts.sum"])
        }
      }
      let landed = try await world.client.submit(second).expectLanded(in: world)
      var certificate = try #require(try await world.server.certificate(of: landed))
      var settled = try #require(certificate["resolutions"]?.array)
      #expect(settled.count == 2 && Set(settled.compactMap { $0["commit"]?.string }).count == 2, "\(settled)")
      #expect(settled[0]["content"] != settled[1]["content"])
      let whole = try await world.server.sluice("audit")
      #expect(whole.status == 0, "\(whole.text)")
      settled[0].set("content", to: settled[1]["content"])
      certificate.set("resolutions", to: .array(settled))
      try await world.server.git(
        "-c", "user.name=x", "-c", "user.email=x@example.com", "notes", "--ref=sluice", "add", "-f", "-m",
        certificate.compact, landed)
      let audit = try await world.server.sluice("audit")
      #expect(audit.status == 1, "\(audit.text)")
      #expect(audit.text.contains("rebasing its work onto its base gives other trees"), "\(audit.text)")
    }
  }

  /// Lets a conflict in lines 3 and 15 be refused on main, and its next version settle it.
  private static func teach(_ world: World, on base: String?) async throws {
    let theirs = Work("theirs", ["a.txt": Self.a([3: "theirs", 15: "theirs"])]).with { $0.parent = base }
    _ = try await world.client.submit(theirs).expectLanded(in: world)
    try await world.client.submit(Work("mine", ["a.txt": Self.a([3: "mine", 15: "mine"])]).with { $0.parent = base })
      .expectRefused("merge_conflicts", "nobody has settled these lines before")
  }

  /// A project with a second target, on which the same may happen again.
  private static func twice(merge: String = "squash", rule: String = "resolve: { a.txt: recorded }\n") -> Base {
    .judged(by: Base.policy(merge: merge, rule)).with { $0.targets = ["next"] }
  }

  @Test(arguments: ["squash", "merge", "rebase"])
  func `a conflict that was settled by people once is settled so again, hunk by hunk`(merge: String) async throws {
    try await World.run(Self.twice(merge: merge)) { world in
      let base = try #require(try await world.client.fetch())
      try await Self.teach(world, on: base)
      let settled = Work("mine", ["a.txt": Self.a([3: "both", 15: "both"]), "more": "x\n"])
      let taught = try await world.client.submit(settled).expectLanded(in: world)
      let log = try await world.server.git("log", "--format=%B", "refs/sluice/resolutions")
      #expect(log.contains("Landed-Commit: \(taught)"), "\(log)")
      // By another worker, and with the sides exchanged.
      try await world.server.endWorker(by: SIGKILL)
      let mine = Work("again", ["a.txt": Self.a([3: "mine", 7: "mine alone"])]).with { $0.parent = base }
      #expect(try await world.client.submit(mine, "target=next").status == 0)
      let theirs = Work("other", ["a.txt": Self.a([3: "theirs", 19: "theirs alone"])]).with { $0.parent = base }
      let push = try await world.client.submit(theirs, "target=next")
      #expect(push.status == 0 && push.text.contains("resolved a.txt (recorded)"), "\(push)")
      let text = try await world.server.file("a.txt", at: "refs/heads/next")
      let lines = text?.split(separator: "\n").map(String.init)
      #expect(lines?[2] == "both" && lines?[6] == "mine alone" && lines?[18] == "theirs alone", "\(text ?? "nothing")")
      let tip = try #require(try await world.server.tip("next"))
      let entry = try #require(try await world.server.certificate(of: tip)?["resolutions"]?.array?.first)
      #expect(entry["path"] == "a.txt" && entry["rule"] == "recorded")
      try await world.server.git("update-ref", "-d", "refs/sluice/resolutions")
      let audit = try await world.server.sluice("audit", "next")
      #expect(audit.status == 0, "\(audit.text)")
      let strange = Work("strange", ["a.txt": Self.a([3: "third"])]).with { $0.parent = base }
      let refused = try await world.client.submit(strange, "target=next")
      #expect(refused.status == 1 && refused.text.contains("nobody has settled these lines before"), "\(refused)")
    }
  }

  @Test func `only what landed is learned from, and only where it is certain`() async throws {
    try await World.run(Self.twice()) { world in
      let base = try await world.client.fetch()
      try await Self.teach(world, on: base)
      // Not what was refused or only tried, nor what changes more than the lines that met.
      let bad = Work("mine", ["a.txt": Self.a([3: "bad", 15: "bad"]), "cases/one": "FAIL\n"])
      #expect(try await world.client.submit(bad).status == 1)
      let trial = Work("mine", ["a.txt": Self.a([3: "trial", 15: "trial"])])
      #expect(try await world.client.submit(trial, "dry-run").status == 0)
      let more = Work("mine", ["a.txt": Self.a([3: "both", 9: "more", 15: "both"])])
      _ = try await world.client.submit(more).expectLanded(in: world)
      #expect(try await !world.server.refs().contains("refs/sluice/resolutions"))
    }
  }

  @Test func `nothing is recorded where the policy does not say so`() async throws {
    try await World.run(Self.twice(rule: "resolve: { b.txt: recorded }\n")) { world in
      let base = try await world.client.fetch()
      let theirs = Work("theirs", ["a.txt": Self.a([3: "theirs"])]).with { $0.parent = base }
      _ = try await world.client.submit(theirs).expectLanded(in: world)
      try await world.client.submit(Work("mine", ["a.txt": Self.a([3: "mine"])]).with { $0.parent = base })
        .expectRefused("merge_conflicts")
      _ = try await world.client.submit(Work("mine", ["a.txt": Self.a([3: "both"])])).expectLanded(in: world)
      #expect(try await !world.server.refs().contains("refs/sluice/resolutions"))
    }
  }

  @Test func `many that meet in a file that a command writes all land`() async throws {
    try await World.run(Self.parts("ls parts > parts.sum")) { world in
      let base = try await world.client.fetch()
      var pushes: [Program] = []
      for number in 1...6 {
        let client = try await world.client("agent\(number)")
        pushes.append(try await client.start(Self.part("p\(number)", on: base)))
      }
      for push in pushes {
        let answer = Push(try await push.ended())
        #expect(answer.status == 0, "\(answer)")
      }
      #expect(try await world.server.file("parts.sum") == "p1\np2\np3\np4\np5\np6\nzero\n")
    }
  }

  @Test func `a command that fails, or leaves no file, is named in the refusal`() async throws {
    let rows = [
      ("echo no luck; false", "failed with exit status 1: no luck"), ("rm parts.sum; mkdir parts.sum", "no plain file"),
      ("nosuchprogram", "not found"),
    ]
    for (command, words) in rows {
      try await World.run(Self.parts(command), canary: false) { world in
        let base = try await world.client.fetch()
        _ = try await world.client.submit(Self.part("one", on: base)).expectLanded(in: world)
        let push = try await world.client.submit(Self.part("two", on: base))
        push.expectRefused("merge_conflicts", "conflict in parts.sum (content", "`\(command)`", words, row: command)
        #expect(try await world.server.file("parts.sum") == "one\nzero\n")
      }
    }
  }

  @Test func `what stands behind one that is withdrawn while its command runs lands`() async throws {
    let command = "until [ -e GATE/go ]; do sleep 0.05; done; ls parts > parts.sum"
    try await World.run(Self.parts(command)) { world in
      let base = try await world.client.fetch()
      _ = try await world.client.submit(Self.part("one", on: base)).expectLanded(in: world)
      let two = try await world.client("bob").start(Self.part("two", on: base))
      try await two.says("both sides changed it")
      let three = try await world.client("carol").start(Work("three", ["c.txt": "x\n"]))
      try await three.says("accepted")
      let cancelled = try await world.client("bob").push([":refs/heads/submit/two"])
      #expect(cancelled.status == 0, "\(cancelled)")
      #expect(try await two.ended().status == 1)
      #expect(Push(try await three.ended()).status == 0)
      try world.release()
    }
  }

  @Test func `an administrator's policy settles conflicts too, and the audit repeats it`() async throws {
    let policy = Base.policy("resolve: { list: union }\n")
    let base = Base.judged(by: policy, adding: ["list": "zero\n"]).with { $0.policyFile = policy }
    try await World.run(base) { world in
      let base = try await world.client.fetch()
      for name in ["one", "two"] {
        let work = Work(name, ["list": .text("\(name)\nzero\n")]).with { $0.parent = base }
        _ = try await world.client.submit(work).expectLanded(in: world)
      }
      #expect(try await world.server.file("list") == "one\ntwo\nzero\n")
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

  @Test func `an old copy of a file takes back what others landed, and is refused until it says so`() async throws {
    try await World.run { world in
      let bob = try await world.client("bob")
      let old = Work.Content.text(Base.lines(of: "a"))
      let theirs = try await bob.submit(Work("theirs", ["a.txt": Self.a([4: "bob"])])).expectLanded(in: world)
      _ = try await bob.submit(Work("more", ["b.txt": "bob\n"])).expectLanded(in: world)
      let stale = Work("stale", ["a.txt": old, "new.txt": "mine\n"])
      let push = try await world.client.submit(stale)
      push.expectRefused(
        "merge_conflicts", "(merge_conflicts: reverts_others: 1 file takes back what others landed on main)",
        "takes back \(theirs.prefix(7)) Work on theirs, task theirs: a.txt", "\"reverts\": [\"int-")
      #expect(!push.text.contains("more"), "\(push)")
      #expect(try await world.server.file("a.txt")?.contains("bob") == true)
      let landed = try #require(try await world.server.certificate(of: theirs))
      let names = [landed["integration_id"]?.string, landed["submission_id"]?.string, "theirs", theirs]
      for name in names.compactMap({ $0 }) {
        let declared = stale.with { $0.adjust = { $0.set("documentation", "reverts", to: ["x", .string(name)]) } }
        let answer = try await world.client.submit(declared, "dry-run")
        #expect(answer.status == 0, "\(name): \(answer)")
        #expect(!answer.text.contains("warning"), "\(name): \(answer)")
      }
      let other = stale.with { $0.adjust = { $0.set("documentation", "reverts", to: ["more"]) } }
      try await world.client.submit(other).expectRefused("merge_conflicts", "reverts_others")
    }
  }

  @Test func `an old copy with an edit of its own takes back the lines that others landed`() async throws {
    try await World.run { world in
      let bob = try await world.client("bob")
      _ = try await bob.submit(Work("swap", ["a.txt": Self.a([4: "bob was here"])])).expectLanded(in: world)
      _ = try await bob.submit(Work("side", ["side": "x\n"])).expectLanded(in: world)
      try await world.client.submit(Work("stale", ["a.txt": Self.a([15: "mine"])]))
        .expectRefused("merge_conflicts", "reverts_others: ", "Work on swap", row: "lines replaced")
      let added: [String: Work.Content] = ["b.txt": .text(Base.lines(of: "b") + "bob's\nown\nlines\n")]
      _ = try await bob.submit(Work("add", added)).expectLanded(in: world)
      try await world.client.submit(Work("stale2", ["b.txt": .text("mine\n" + Base.lines(of: "b"))]))
        .expectRefused("merge_conflicts", "reverts_others: ", "Work on add", row: "the whole of a landing that added")
      let edited = Work("edit", ["a.txt": Self.a([4: "bob was here", 15: "mine"])])
      _ = try await world.client.submit(edited).expectLanded(in: world, row: "an edit beside")
      let reworked = Work("rework", ["a.txt": Self.a([4: "bob was there", 15: "mine"])])
      _ = try await world.client.submit(reworked).expectLanded(in: world, row: "an edit of the very line")
    }
  }

  @Test func `a merge that keeps its own side only drops others' files`() async throws {
    try await World.run { world in
      let base = try await world.client.fetch()
      let bob = try await world.client("bob")
      let files: [String: Work.Content] = ["other.txt": "theirs\n", "another.txt": "theirs\n"]
      let other = try await bob.submit(Work("other", files)).expectLanded(in: world)
      try await world.client.fetch()
      let mine = Work("mine", ["a.txt": "mine\n"])
      let commit = try await world.client.commit(mine.changes, parent: base, mine)
      let tree = try await Git.run(in: world.client.repository, "rev-parse", "\(commit)^{tree}")
      let merge = try await Git.run(
        in: world.client.repository, "commit-tree", tree, "-p", commit, "-p", other, "-m", "Merge main")
      var package = mine.package(present: ["a.txt"])
      package.set("changes", "files_deleted", to: ["another.txt", "other.txt"])
      let tag = try await world.client.tag(merge, message: Array(package.compact.utf8), name: "mine")
      let push = try await world.client.push(["\(tag):refs/tags/submit/mine"])
      push.expectRefused("merge_conflicts", "reverts_others: 2 files take back", "another.txt, other.txt")
      #expect(try await world.server.file("other.txt") == "theirs\n")
    }
  }

  @Test func `daily work on others' files takes nothing back`() async throws {
    try await World.run { world in
      let bob = try await world.client("bob")
      let files: [String: Work.Content] = [
        "one.txt": "one\n", "two.txt": "two\n", "empty": "", "a.txt": .text(Base.lines(of: "a") + "import bob\n"),
      ]
      _ = try await bob.submit(Work("theirs", files)).expectLanded(in: world)
      _ = try await bob.submit(Work("small", ["small.txt": "bob\nbob\n"])).expectLanded(in: world)
      _ = try await bob.submit(Work("old", ["old.txt": "x\n", "old2.txt": "x\n"])).expectLanded(in: world)
      _ = try await bob.submit(Work("since", ["old.txt": "x\nsince\n"])).expectLanded(in: world)
      let rows: [(String, [String: Work.Content])] = [
        ("deletes one of its files", ["one.txt": .removed]),
        ("writes a small landing anew", ["small.txt": "mine\n"]),
        ("deletes what was changed since", ["old.txt": .removed]),
        ("puts a line in the place of one it added", ["a.txt": .text(Base.lines(of: "a") + "import mine\n")]),
        ("empties a file", ["two.txt": ""]),
      ]
      for (number, row) in rows.enumerated() {
        _ = try await world.client.submit(Work("daily\(number)", row.1)).expectLanded(in: world, row: row.0)
      }
    }
  }

  @Test func `who takes back their own work needs not say so`() async throws {
    try await World.run { world in
      _ = try await world.client.submit(Work("do", ["a.txt": "done\n"])).expectLanded(in: world)
      _ = try await world.client.submit(Work("undo", ["a.txt": .text(Base.lines(of: "a"))])).expectLanded(in: world)
      _ = try await world.client.submit(Work("redo", ["a.txt": "done\n"])).expectLanded(in: world)
    }
  }

  @Test func `a revert that git made is refused with the words that declare it`() async throws {
    try await World.run(.judged(by: Base.policy(merge: "rebase"))) { world in
      let bob = try await world.client("bob")
      let theirs = try await bob.submit(Work("theirs", ["a.txt": Self.a([4: "bob"])])).expectLanded(in: world)
      let revert = Work("revert", ["a.txt": .text(Base.lines(of: "a"))]).with {
        $0.message = "Revert \"Work on theirs\"\n\nThis reverts commit \(theirs)."
      }
      let push = try await world.client.submit(revert)
      push.expectRefused("merge_conflicts", "reverts_others", "\"reverts\": [\"int-")
      let name = try #require(push.text.firstMatch(of: #/"reverts": \["(int-[^"]+)"\]/#)).1
      let declared = revert.with { $0.adjust = { $0.set("documentation", "reverts", to: [.string(String(name))]) } }
      _ = try await world.client.submit(declared).expectLanded(in: world)
    }
  }

  @Test func `refused work that rebases cleanly can be fetched where it was put on main`() async throws {
    try await World.run { world in
      let base = try await world.client.fetch()
      let bob = try await world.client("bob")
      let landed = try await bob.submit(Work("theirs", ["b.txt": "bob\n"])).expectLanded(in: world)
      let bad = Work("bad", ["cases/three": "FAIL\n", "a.txt": "mine\n"]).with {
        $0.parent = base
        $0.message = "My words\n\nMore of them."
        $0.author = "Grace <grace@example.com>"
      }
      let push = try await world.client.submit(bad)
      let ref = "refs/rebased/\(push.submissions.first ?? "")"
      push.expectRefused("test_failures", "hint: git fetch origin \(ref) && ")
      try await Git.run(
        in: world.client.repository, "fetch", "-q", world.client.url, ref, environment: world.client.environment)
      let told = try await Git.run(in: world.client.repository, "log", "-1", "--format=%P %an %B", "FETCH_HEAD")
      #expect(told.hasPrefix("\(landed) Grace My words\n\nMore of them."), "\(told)")
      let files = try await Git.run(
        in: world.client.repository, "diff", "--name-only", "--no-renames", landed, "FETCH_HEAD")
      #expect(files == "a.txt\ncases/three")
      let rebased = try await Git.run(in: world.client.repository, "rev-parse", "FETCH_HEAD")
      let mended = Work("bad", ["cases/three": "fine\n"]).with {
        $0.parent = rebased
        $0.adjust = {
          $0.set("changes", "files_modified", to: ["a.txt"])
          $0.set("changes", "files_added", to: ["cases/three"])
        }
      }
      _ = try await world.client.submit(mended).expectLanded(in: world)
    }
  }

  @Test func `nothing is offered that stands on main already, or meets it`() async throws {
    try await World.run { world in
      let base = try await world.client.fetch()
      try await world.client.submit(Work("bad", ["cases/three": "FAIL\n"])).expectRefused("test_failures", "mend it")
      let bob = try await world.client("bob")
      _ = try await bob.submit(Work("theirs", ["a.txt": "bob\n"])).expectLanded(in: world)
      let push = try await world.client.submit(
        Work("met", ["cases/three": "FAIL\n", "a.txt": "mine\n"]).with { $0.parent = base })
      push.expectRefused("merge_conflicts")
      #expect(try await world.server.refs().filter { $0.hasPrefix("refs/rebased/") } == [])
    }
  }
}
