import Domain
import Foundation
import Testing

@Suite struct LandingStories {
  @Test(arguments: [Embedding.file, .tag, .blob])
  func `a good submission lands in the push that brings it`(embedding: Embedding) async throws {
    try await World.run { world in
      let work = Work("greeting", ["a.txt": .text(Base.lines(of: "a") + "hello\n"), "cases/three": "fine\n"])
      let push = try await world.client.submit(work.with { $0.embedding = embedding })
      _ = try await push.expectLanded(in: world)
      #expect(push.text.contains("-> refs/landed/int-"), "\(push)")
      for words in [
        "accepted: greeting", "position 1 of 1 for main", "integrating on", "merge ", "tests ", "3 passed, 0 failed",
      ] {
        #expect(push.text.contains(words), "no '\(words)': \(push)")
      }
      #expect(try await world.server.file("cases/three") == "fine\n")
      #expect(try await world.server.file("a.txt")?.hasSuffix("hello\n") == true)
      #expect(try await world.server.file(".sluice/package.json") == nil)
      #expect(try await world.server.history() == ["base", "Work on greeting"])
    }
  }

  @Test(arguments: [Embedding.file, .tag, .blob])
  func `changes of every kind land as they are`(embedding: Embedding) async throws {
    try await World.run { world in
      let work = Work(
        "kinds",
        [
          "a.txt": .removed, "cases/two": .executable("fine\n"), "link": .symlink("README.md"), "empty": "",
          "deep/er/est/file": "x\n", "binary": .bytes((0...255).map { UInt8($0) }), "über ﬁle": "y\n",
        ])
      let push = try await world.client.submit(work.with { $0.embedding = embedding })
      let tip = try await push.expectLanded(in: world)
      let entries = try await world.server.git("-c", "core.quotePath=false", "ls-tree", "-r", tip)
      for entry in ["100755 blob", "120000 blob", "deep/er/est/file", "binary", "empty", "über ﬁle"] {
        #expect(entries.contains(entry), "\(entries)")
      }
      #expect(!entries.contains("a.txt"), "\(entries)")
    }
  }

  @Test func `a clone that is behind sends what is new and not the whole history again`() async throws {
    var base = Base()
    base.files = (1...200).reduce(into: Base.project) { $0["many/\($1)"] = .text("file \($1)\n") }
    try await World.run(base) { world in
      let behind = try await world.client("bob")
      let start = try await behind.fetch()
      _ = try await world.client.submit(Work("first", ["c.txt": "one\n"])).expectLanded(in: world)
      let before = try await Self.objects(in: world.server)
      let push = try await behind.submit(Work("second", ["d.txt": "two\n"]).with { $0.parent = start })
      _ = try await push.expectLanded(in: world)
      let sent = try await Self.objects(in: world.server) - before
      #expect(sent < 30, "the push and its landing brought \(sent) objects")
      let shown = try await Git.run(in: "/", "ls-remote", world.client.url, environment: world.client.environment)
      #expect(!shown.contains("refs/known"), "fetchers see \(shown)")
    }
  }

  /// How many objects a server holds, each as often as it is stored.
  private static func objects(in server: TestServer) async throws -> Int {
    let counts = try await server.git("count-objects", "-v").matches(of: #/(?:count|in-pack): (\d+)/#)
    return counts.compactMap { Int($0.1) }.reduce(0, +)
  }

  @Test func `a squash keeps the author, credits everybody and is certified`() async throws {
    try await World.run { world in
      let base = try await world.client.fetch()
      let first = Work("pair", ["a.txt": "one\n"]).with {
        $0.author = "Bob <bob@example.com>"
        $0.message = "Begin\n\nCo-authored-by: Cy <cy@example.com>"
      }
      let begun = try await world.client.commit(first.changes, parent: base, first)
      let push = try await world.client.submit(
        Work("pair", ["b.txt": "two\n"]).with {
          $0.parent = begun
          $0.message = "Finish the pair\n\nAnd say why.\n\nTask-Id: forged\nSubmission-Id: sub-1-forged\n"
          $0.adjust = { $0.set("changes", "files_modified", to: ["a.txt", "b.txt"]) }
        })
      let tip = try await push.expectLanded(in: world)
      let server = world.server
      #expect(try await server.git("rev-list", "--parents", "-1", tip) == "\(tip) \(base ?? "")")
      #expect(try await server.git("log", "-1", "--format=%an <%ae>", tip) == "Ada <ada@example.com>")
      let body = try await server.git("log", "-1", "--format=%B", tip)
      #expect(body.contains("Begin") && body.contains("Finish the pair"), "\(body)")
      #expect(!body.contains("forged"), "\(body)")
      for (key, value) in [
        ("Task-Id", "pair"), ("Agent-Id", "1703123456-a1b2c3d4"), ("Submission-Id", push.submissions.first ?? ""),
        ("Integration-Id", push.integrations.first ?? ""),
      ] {
        let trailers = try await server.git("log", "-1", "--format=%(trailers:key=\(key),valueonly)", tip)
        #expect(trailers.trimmingCharacters(in: .whitespacesAndNewlines) == value, "\(key) in \(body)")
      }
      let credited = try await server.git("log", "-1", "--format=%(trailers:key=Co-authored-by,valueonly)", tip)
      #expect(credited.contains("Bob <bob@example.com>") && credited.contains("Cy <cy@example.com>"), "\(body)")
      let certificate = try #require(try await server.certificate(of: tip))
      #expect(certificate["submission_id"]?.string == push.submissions.first)
      #expect(certificate["pushed_by"]?.string == "alice")
      #expect(certificate["base_commit"]?.string == base)
      #expect(certificate["submitted_patch_id"] == certificate["landed_patch_id"])
      #expect(try await server.git("log", "-1", "--notes=sluice", tip).contains("tested_tree"))
    }
  }

  @Test(arguments: ["squash", "merge", "rebase"])
  func `each way of merging lands a branch of two commits beside another landing`(merge: String) async throws {
    try await World.run(.judged(by: Base.policy(merge: merge))) { world in
      let base = try #require(try await world.client.fetch())
      _ = try await world.client.submit(Work("other", ["b.txt": "other\n"])).expectLanded(in: world)
      let other = try #require(try await world.server.tip())
      let first = Work("two", ["a.txt": "one\n"]).with { $0.message = "First of two" }
      let begun = try await world.client.commit(first.changes, parent: base, first)
      let push = try await world.client.submit(
        Work("two", ["a.txt": "two\n"]).with {
          $0.parent = begun
          $0.embedding = .tag
          $0.message = "Second of two"
        })
      let tip = try await push.expectLanded(in: world)
      #expect(try await world.server.file("a.txt") == "two\n")
      #expect(try await world.server.file("b.txt") == "other\n")
      let parents = try await world.server.git("log", "-1", "--format=%P", tip).split(separator: " ").map(String.init)
      switch merge {
      case "squash": #expect(parents == [other])
      case "merge": #expect(parents.count == 2 && parents.first == other)
      default:
        #expect(parents.count == 1 && parents != [other])
        #expect(try await world.server.history().suffix(2) == ["First of two", "Second of two"])
      }
    }
  }

  @Test(arguments: ["merge", "rebase"])
  func `a tagged commit on the tip lands itself`(merge: String) async throws {
    try await World.run(.judged(by: Base.policy(merge: merge))) { world in
      let work = Work("forward", ["a.txt": "forward\n"]).with { $0.embedding = .tag }
      let tag = try await world.client.make(work)
      let commit = try await Git.run(in: world.client.repository, "rev-parse", "\(tag)^{commit}")
      let push = try await world.client.push(["\(tag):\(work.pushedRef)"])
      #expect(push.status == 0, "\(push)")
      #expect(try await world.server.tip() == commit)
      #expect(push.text.contains("-> main"), "\(push)")
      #expect(!push.text.contains("nonexistent object"), "\(push)")
      #expect(try await world.server.certificate(of: commit)?["landed_commit"]?.string == commit)
    }
  }

  @Test func `work behind the target is merged with what has landed`() async throws {
    try await World.run { world in
      let base = try await world.client.fetch()
      _ = try await world.client.submit(Work("first", ["a.txt": .text("top\n" + Base.lines(of: "a"))])).expectLanded(
        in: world)
      let late = Work("second", ["a.txt": .text(Base.lines(of: "a") + "bottom\n")]).with { $0.parent = base }
      let tip = try await world.client.submit(late).expectLanded(in: world)
      #expect(try await world.server.file("a.txt") == "top\n" + Base.lines(of: "a") + "bottom\n")
      let certificate = try #require(try await world.server.certificate(of: tip))
      #expect(certificate["tested_tree"]?.string == (try await world.server.git("rev-parse", "\(tip)^{tree}")))
    }
  }

  @Test func `what has landed is not landed again`() async throws {
    try await World.run { world in
      let work = Work("once", ["a.txt": "once\n"])
      let object = try await world.client.make(work)
      let tip = try await world.client.push(["\(object):\(work.pushedRef)"]).expectLanded(in: world)
      let again = try await world.client.push(["\(object):\(work.pushedRef)"])
      #expect(again.status == 0, "\(again)")
      #expect(again.text.contains("already landed as \(tip.prefix(7))"), "\(again)")
      #expect(try await world.server.tip() == tip)
    }
  }

  @Test func `the report of an integration is the seed document's, with real values`() async throws {
    try await World.run { world in
      let base = try await world.client.fetch()
      let push = try await world.client.submit(Work("report", ["a.txt": "report\n"]))
      let tip = try await push.expectLanded(in: world)
      for id in [push.submissions.first, push.integrations.first] {
        let shown = try await world.server.json("show", id ?? "")
        #expect(shown["integration_id"]?.string == push.integrations.first)
        #expect(shown["submission_id"]?.string == push.submissions.first)
        #expect(shown["status"]?.string == "success")
        #expect(shown["state"]?.string == "landed")
        #expect(shown["landed_commit"]?.string == tip)
        #expect(shown["main_branch_state"]?["commit_hash"]?.string == base)
        #expect(shown["integration_results"]?["merge_conflicts"] == false)
        #expect(shown["integration_results"]?["system_test_count"]?.integer == 2)
        #expect(shown["integration_results"]?["system_test_failures"]?.integer == 0)
        #expect(shown["integration_results"]?["performance_impact"] != nil)
        #expect(shown["integration_results"]?["security_validation"] != nil)
        #expect(shown["compatibility_assessment"] != nil)
        #expect(shown["recommendation"]?.string == "approve_for_deployment")
        #expect(shown["checks"]?.array?.first?["name"]?.string == "tests")
        #expect(shown["certificate"]?["landed_commit"]?.string == tip)
      }
    }
  }

  @Test func `the seven notifications are events, in order, with the seed document's words`() async throws {
    try await World.run { world in
      let push = try await world.client.submit(Work("told", ["a.txt": "told\n"]))
      _ = try await push.expectLanded(in: world)
      let bad = try await world.client.submit(Work("told-bad", ["cases/one": "FAIL\n"]))
      let good = try world.server.events(of: push.submissions.first ?? "").compactMap { $0["message"]?.string }
      #expect(
        good == [
          "Agent work received: told", "Integration validation started for told",
          "Integration validated: told ready for deployment", "Deploying told to staging",
          "Successfully deployed told to main branch",
        ])
      let failed = try world.server.events(of: bad.submissions.first ?? "").compactMap { $0["message"]?.string }
      #expect(failed.last?.hasPrefix("Integration failed for told-bad: ") == true, "\(failed)")
    }
  }
}
