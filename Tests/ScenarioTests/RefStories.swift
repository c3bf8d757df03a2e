import Domain
import Foundation
import Testing

@Suite struct RefStories {
  @Test func `ordinary refs pass through untouched`() async throws {
    try await World.run { world in
      let commit = try #require(try await world.client.fetch())
      let blob = try await world.client.blob(Array("anything\n".utf8))
      let tag = try await world.client.tag(commit, message: Array("v1\n".utf8), name: "v1")
      for refspec in [
        "\(commit):refs/heads/topic", "\(tag):refs/tags/v1", "\(blob):refs/tags/blob", "\(commit):refs/heads/submitted",
        "\(commit):refs/heads/stagings/x", "\(commit):refs/heads/feature/main", "\(commit):refs/changes/1",
        "\(commit):refs/notes/mine",
      ] {
        let push = try await world.client.push([refspec])
        #expect(push.status == 0, "\(refspec): \(push)")
        #expect(push.remote == [], "\(refspec): \(push)")
      }
      let work = Work("w", ["a.txt": "rewritten\n"])
      let other = try await world.client.commit(work.changes, parent: nil, work)
      let forced = try await world.client.push(["+\(other):refs/heads/topic"])
      #expect(forced.status == 0, "\(forced)")
      let several = try await world.client.push([
        "\(commit):refs/heads/one", "\(commit):refs/heads/two", ":refs/heads/topic",
      ])
      #expect(several.status == 0, "\(several)")
      let atomic = try await world.client.push(
        ["\(commit):refs/heads/three", "\(commit):refs/heads/four"], ["--atomic"])
      #expect(atomic.status == 0, "\(atomic)")
      let refs = try await world.server.refs()
      for ref in ["refs/heads/one", "refs/heads/four", "refs/tags/v1", "refs/heads/submitted"] {
        #expect(refs.contains(ref), "\(refs)")
      }
      #expect(!refs.contains("refs/heads/topic"), "\(refs)")
    }
  }

  @Test func `protected refs are refused with what to do instead`() async throws {
    try await World.run(Base().with { $0.targets = ["release/1"] }) { world in
      let commit = try #require(try await world.client.fetch())
      let before = try await world.snapshot()
      for refspec in [
        "\(commit):refs/heads/main", "+\(commit):refs/heads/main", ":refs/heads/main", "\(commit):refs/heads/release/1",
        "\(commit):refs/heads/staging/x", "\(commit):refs/heads/staging", "\(commit):refs/heads/submit",
        "\(commit):refs/submit", "\(commit):refs/tags/submit", "\(commit):refs/tags/main",
        "\(commit):refs/tags/release/1",
        "\(commit):refs/heads/HEAD", "\(commit):refs/tags/HEAD", "\(commit):refs/heads/refs/heads/main",
        "\(commit):refs/tags/refs/heads/main", "\(commit):refs/heads/heads/main", "\(commit):refs/sluice/x",
        "\(commit):refs/sluice/inbox/sub-1-a", "\(commit):refs/notes/sluice", "\(commit):refs/landed/int-1-a",
        "\(commit):refs/rebased/sub-1-a", "\(commit):refs/replace/\(commit)", "\(commit):refs/queued/x",
        "\(commit):refs/verified/x",
      ] {
        let isMove = refspec.hasSuffix(":refs/heads/main") || refspec.hasSuffix(":refs/heads/release/1")
        let work = isMove ? try await other(in: world) : commit
        let push = try await world.client.push([refspec.replacing(commit, with: work)])
        push.expectRefused(["protected_ref", "invalid_push"], ["sluice"], row: refspec)
      }
      let push = try await world.client.push(["\(try await other(in: world)):refs/heads/main"])
      push.expectRefused("protected_ref", "refs/heads/submit/")
      #expect(try await world.snapshot() == before)
    }
  }

  @Test func `names of submissions follow their grammar`() async throws {
    try await World.run { world in
      let work = Work("odd", ["a.txt": "odd\n"])
      let object = try await world.client.make(work)
      let before = try await world.snapshot()
      for name in [
        "`id`", ";rm", "a|b", "a'b", "a\"b", "<script>", "a\u{202e}b", "a\u{200d}b", "é", "-x", "_x", "a/b/c/d/e",
        String(repeating: "n", count: 65), "a=b", "a,b", "$x", "%n", "a!b", "(x)", "a&b", "a#b",
      ] {
        let push = try await world.client.push(["\(object):refs/heads/submit/\(name)"])
        push.expectRefused(["invalid_push"], [], row: name)
      }
      #expect(try await world.snapshot() == before)
      let long = String(repeating: "n", count: 64)
      for (index, name) in ["a1/X", "a1/x", "a/b/c/d", "1.2_3-4", long].enumerated() {
        let good = Work(name, ["file\(index)": "x\n"])
        _ = try await world.client.submit(good).expectLanded(in: world, row: name)
      }
    }
  }

  @Test func `a name below a name in flight is its own submission or says what is in its way`() async throws {
    try await World.run(.judged(by: Base.policy(run: World.heldTest))) { world in
      let push = try await world.client.start(Work("a1/x", ["a.txt": "x\n"]))
      try await push.says("integrating on")
      let below = try await world.client.submit(Work("a1/x/y", ["b.txt": "y\n"]), "nowait")
      if below.status != 0 { below.expectRefused("invalid_push", "a1/x/y") }
      try world.release()
      _ = try await push.ended()
      #expect(try await world.server.file("a.txt") == "x\n")
      if let id = below.submissions.first { _ = try await world.server.sluice("watch", id) }
    }
  }

  @Test func `a push that mixes submissions with other refs brings nothing`() async throws {
    try await World.run { world in
      let commit = try #require(try await world.client.fetch())
      let object = try await world.client.make(Work("good", ["a.txt": "good\n"]))
      let before = try await world.snapshot()
      for (row, refspecs, options) in [
        ("a branch", ["\(object):refs/heads/submit/good", "\(commit):refs/heads/topic"], []),
        ("main", ["\(object):refs/heads/submit/good", "\(object):refs/heads/main"], []),
        ("--atomic", ["\(object):refs/heads/submit/good", "\(object):refs/heads/submit/other"], ["--atomic"]),
        ("one name twice", ["\(object):refs/heads/submit/good", "\(object):refs/submit/good"], []),
      ] {
        let push = try await world.client.push(refspecs, options)
        #expect(push.status == 1, "\(row): \(push)")
        #expect(["invalid_push", "protected_ref"].contains(push.category ?? ""), "\(row): \(push)")
      }
      // git tells --atomic to proc-receive alone, when the objects are in already: unreachable, until they are pruned.
      #expect(try await world.snapshot().refs == before.refs)
    }
  }

  @Test func `several submissions in one push are answered one by one`() async throws {
    try await World.run { world in
      let good = try await world.client.make(Work("good", ["a.txt": "good\n"]))
      let bad = try await world.client.make(Work("bad", ["cases/one": "FAIL\n"]))
      let push = try await world.client.push(["\(good):refs/heads/submit/good", "\(bad):refs/heads/submit/bad"])
      #expect(push.status == 1, "\(push)")
      #expect(push.text.contains("-> refs/landed/int-"), "\(push)")
      #expect(push.text.contains("-> submit/bad (regression_detected:"), "\(push)")
      #expect(try await world.server.file("a.txt") == "good\n")
    }
  }

  @Test func `at most so many submissions come in one push`() async throws {
    try await World.run { world in
      let object = try await world.client.make(Work("many", ["a.txt": "many\n"]))
      let before = try await world.snapshot()
      let push = try await world.client.push((1...17).map { "\(object):refs/heads/submit/many\($0)" })
      push.expectRefused("limit_exceeded", "16")
      #expect(try await world.snapshot() == before)
    }
  }

  @Test func `a tag of a tag, of a tree and of a blob are no work`() async throws {
    try await World.run { world in
      let client = world.client
      let parent = try await client.fetch() ?? ""
      let package = Array(Work("odd", ["a.txt": "odd\n"]).package(present: ["a.txt"]).compact.utf8)
      let tag = try await client.make(Work("odd", ["a.txt": "odd\n"]).with { $0.embedding = .tag })
      let tree = try await Git.run(in: client.repository, "rev-parse", "\(parent)^{tree}")
      let blob = try await client.blob(package)
      for (row, target) in [("a tree", tree), ("a blob", blob), ("a tag", tag)] {
        let object = try await client.tag(target, message: package, name: "odd")
        try await client.push(["\(object):refs/tags/submit/odd"]).expectRefused(
          ["invalid_package", "invalid_push"], [], row: row)
      }
      try await client.push(["\(tree):refs/submit/tree"]).expectRefused(
        ["invalid_package", "invalid_push"], [], row: "a bare tree")
    }
  }

  @Test func `a symbolic ref on the server does not lead a submission anywhere`() async throws {
    try await World.run { world in
      let before = try await world.server.tip()
      try await world.server.git("symbolic-ref", "refs/heads/submit/sym", "refs/heads/main")
      let push = try await world.client.submit(Work("sym", ["cases/one": "FAIL\n"]))
      #expect(push.status == 1, "\(push)")
      #expect(try await world.server.tip() == before)
      try await world.server.git("symbolic-ref", "-d", "refs/heads/submit/sym")
    }
  }

  private func other(in world: World) async throws -> String {
    let work = Work("direct", ["a.txt": "direct\n"])
    return try await world.client.commit(work.changes, parent: try await world.client.fetch(), work)
  }
}
