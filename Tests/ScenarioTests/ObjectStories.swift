import Domain
import Foundation
import Testing

@Suite struct ObjectStories {
  /// A tree entry as git writes it.
  private struct Entry {
    let mode: String
    let name: String
    let id: String
  }

  @Test func `trees that are malformed, odd or bombs are refused before anything is checked out`() async throws {
    try await World.run(Base().with { $0.config = [("sluice.limit.paths", "5000")] }) { world in
      let client = world.client
      let parent = try #require(try await client.fetch())
      let blob = try await client.blob(Array("x\n".utf8))
      var bomb = blob
      for level in 0..<10 {
        let entries = (0..<10).map { Entry(mode: level == 0 ? "100644" : "40000", name: "\($0)", id: bomb) }
        bomb = try await tree(entries, in: client)
      }
      var deep = blob
      for level in 0..<100 {
        deep = try await tree([Entry(mode: level == 0 ? "100644" : "40000", name: "d", id: deep)], in: client)
      }
      let escape = try await client.blob(Array("../../../etc/passwd".utf8))
      let modules = try await client.blob(
        Array("[submodule \"../../x\"]\n\tpath = x\n\turl = --upload-pack=touch\n".utf8))
      let before = try await world.snapshot()
      let rows: [(String, [Entry])] = [
        ("a bomb", [Entry(mode: "40000", name: "bomb", id: bomb)]),
        ("deep", [Entry(mode: "40000", name: "deep", id: deep)]),
        ("..", [Entry(mode: "100644", name: "..", id: blob)]), (".", [Entry(mode: "100644", name: ".", id: blob)]),
        (
          ".git",
          [
            Entry(
              mode: "40000", name: ".git",
              id: try await tree([Entry(mode: "100644", name: "config", id: blob)], in: client))
          ]
        ),
        (".GIT", [Entry(mode: "100644", name: ".GIT", id: blob)]),
        ("git~1", [Entry(mode: "100644", name: "git~1", id: blob)]),
        ("a slash", [Entry(mode: "100644", name: "a/b", id: blob)]),
        ("no name", [Entry(mode: "100644", name: "", id: blob)]),
        ("twice", [Entry(mode: "100644", name: "a", id: blob), Entry(mode: "100644", name: "a", id: blob)]),
        ("unsorted", [Entry(mode: "100644", name: "b", id: blob), Entry(mode: "100644", name: "a", id: blob)]),
        ("a padded mode", [Entry(mode: "0100644", name: "a", id: blob)]),
        ("an odd mode", [Entry(mode: "100666", name: "a", id: blob)]),
        ("modules", [Entry(mode: "100644", name: ".gitmodules", id: modules)]),
        ("attributes by link", [Entry(mode: "120000", name: ".gitattributes", id: escape)]),
        ("modules by link", [Entry(mode: "120000", name: ".gitmodules", id: escape)]),
        ("ignore by link", [Entry(mode: "120000", name: ".gitignore", id: escape)]),
        ("mailmap by link", [Entry(mode: "120000", name: ".mailmap", id: escape)]),
        ("a line break", [Entry(mode: "100644", name: "a\nb", id: blob)]),
        ("an escape", [Entry(mode: "100644", name: "a\u{1b}[31m", id: blob)]),
        ("a backslash", [Entry(mode: "100644", name: "..\\x", id: blob)]),
        (
          "the name of a device",
          [
            Entry(
              mode: "40000", name: ".sluice",
              id: try await tree(
                [
                  Entry(
                    mode: "40000", name: "package.json",
                    id: try await tree([Entry(mode: "100644", name: "x", id: blob)], in: client))
                ], in: client))
          ]
        ),
      ]
      for (row, entries) in rows {
        let tree = try await tree(entries, in: client)
        let commit = try await Git.run(in: client.repository, "commit-tree", tree, "-p", parent, "-m", "odd")
        let package = Work("odd", [:]).package(present: []).compact
        let tag = try await client.tag(commit, message: Array(package.utf8), name: "odd")
        let push = try await client.push(["\(tag):refs/tags/submit/odd"])
        #expect(push.status == 1, "\(row): \(push)")
        push.expectPrintable(row: row)
        let after = try await world.snapshot()
        #expect(after == before, "\(row) changed something")
      }
    }
  }

  @Test func `commits that are odd are refused, or shown for what they are`() async throws {
    try await World.run { world in
      let client = world.client
      let parent = try #require(try await client.fetch())
      let before = try await world.snapshot()
      let work = Work("odd", ["odd.txt": "odd\n"])
      let package = Array(work.package(present: []).compact.utf8)
      let tree = try await Git.run(
        in: client.repository, "rev-parse", "\(try await client.commit(work.changes, parent: parent, work))^{tree}")
      func submit(_ row: String, _ commit: String) async throws -> Push {
        let tag = try await client.tag(commit, message: package, name: "odd")
        let push = try await client.push(["\(tag):refs/tags/submit/odd"])
        push.expectPrintable(row: row)
        return push
      }
      func raw(_ head: String) async throws -> String {
        try await Git.run(
          in: client.repository, "hash-object", "-t", "commit", "-w", "--stdin", "--literally", input: Array(head.utf8))
      }
      let who = "A <a@example.com> 1700000000 +0000"
      let root = try await raw("tree \(tree)\nauthor \(who)\ncommitter \(who)\n\nunrelated\n")
      let twice = try await raw(
        "tree \(tree)\nparent \(parent)\nparent \(parent)\nauthor \(who)\ncommitter \(who)\n\ntwice\n")
      for (row, commit) in [
        ("unrelated", root), ("a parent twice", twice),
        ("no author", try await raw("tree \(tree)\nparent \(parent)\ncommitter \(who)\n\nx\n")),
        (
          "NUL in the message",
          try await raw("tree \(tree)\nparent \(parent)\nauthor \(who)\ncommitter \(who)\n\na\0b\n")
        ),
      ] {
        let push = try await submit(row, commit)
        #expect(push.status == 1, "\(row): \(push)")
        let after = try await world.snapshot()
        #expect(after == before, "\(row) changed something")
      }
    }
  }

  @Test func `odd names, dates and words land as data and are shown escaped`() async throws {
    try await World.run { world in
      let rows: [(String, String, String)] = [
        ("escape", "A\u{1b}[31mB <a@example.com>", "subject \u{1b}[2J with an escape"),
        ("direction", "A\u{202e}B <a@example.com>", "subject \u{202e} reversed"),
        (
          "trailers", "A <a@example.com>",
          "Subject\n\nSluice-Verdict: passed\nReviewed-by: admin\nSubmission-Id: sub-1-x\n"
        ),
      ]
      for (name, author, message) in rows {
        let work = Work(name, [name: "x\n"]).with {
          $0.author = author
          $0.message = message
        }
        let push = try await world.client.submit(work)
        push.expectPrintable(row: name)
        if push.status == 0 {
          let ids = try await world.server.git(
            "log", "-1", "--format=%(trailers:key=Submission-Id,valueonly)", "refs/heads/main")
          #expect(ids.trimmingCharacters(in: .whitespacesAndNewlines) == push.submissions.first, "\(name): \(ids)")
        }
        let shown = try await world.server.sluice("status")
        #expect(!shown.text.contains("\u{1b}"), "\(name): \(shown.text.debugDescription)")
      }
      for (name, date) in [("1970", "0"), ("2099", "4070908800")] {
        let work = Work(name, [name: "x\n"])
        let commit = try await world.client.make(work)
        let text = try await Git.run(in: world.client.repository, "cat-file", "commit", commit)
        let dated = try await Git.run(
          in: world.client.repository, "hash-object", "-t", "commit", "-w", "--stdin",
          input: Array((text.replacing("1700000000", with: date) + "\n").utf8))
        _ = try await world.client.push(["\(dated):\(work.pushedRef)"]).expectLanded(in: world, row: name)
      }
    }
  }

  @Test func `links lead the server nowhere, and case makes two files`() async throws {
    try await World.run { world in
      let links: [String: Work.Content] = [
        "passwd": .symlink("/etc/passwd"), "up": .symlink("../../.."), "git": .symlink(".git"),
        "loop": .symlink("loop"),
        "cases/link": .symlink("../README.md"),
      ]
      _ = try await world.client.submit(Work("links", links)).expectLanded(in: world)
      _ = try await world.client.submit(
        Work("through", ["up/x": "x\n", "up": .removed]).with {
          $0.adjust = {
            $0.set("changes", "files_added", to: ["up/x"])
            $0.set("changes", "files_deleted", to: ["up"])
          }
        })
      _ = try await world.client.submit(Work("case", ["readme.md": "lower\n", "caf\u{e9}": "one\n"])).expectLanded(
        in: world)
      // The same letters in other bytes are another file.
      let other = Work("form", ["cafe\u{301}": "two\n"]).with {
        $0.adjust = {
          $0.set("changes", "files_added", to: ["cafe\u{301}"])
          $0.set("changes", "files_modified", to: [])
        }
      }
      _ = try await world.client.submit(other).expectLanded(in: world)
      #expect(try await world.server.file("caf\u{e9}") == "one\n")
      #expect(try await world.server.file("cafe\u{301}") == "two\n")
      #expect(try await world.server.file("README.md") == "A project.\n")
      #expect(try await world.server.file("readme.md") == "lower\n")
    }
  }

  @Test func `a file that is small on the wire and large on the disk is refused with the limit`() async throws {
    try await World.run { world in
      let before = try await world.snapshot()
      let zeros = Work("zeros", ["zeros": .bytes([UInt8](repeating: 0, count: 33 << 20))])
      try await world.client.submit(zeros).expectRefused("limit_exceeded", "zeros")
      #expect(try await world.snapshot() == before)
    }
  }

  @Test func `a pack beyond the administrator's size is refused with the size`() async throws {
    let base = Base().with { $0.config = [("receive.maxInputSize", "100k")] }
    try await World.run(base) { world in
      let before = try await world.snapshot()
      let noise = (0..<200_000).map { _ in UInt8.random(in: 0...255) }
      let push = try await world.client.submit(Work("large", ["large": .bytes(noise)]))
      #expect(push.status != 0, "\(push)")
      #expect(push.text.contains("size"), "\(push)")
      #expect(try await world.snapshot() == before)
    }
  }

  private func tree(_ entries: [Entry], in client: TestClient) async throws -> String {
    var bytes: [UInt8] = []
    for entry in entries {
      bytes += Array("\(entry.mode) \(entry.name)".utf8) + [0] + Self.bytes(ofHex: entry.id)
    }
    return try await Git.run(
      in: client.repository, "hash-object", "-t", "tree", "-w", "--stdin", "--literally", input: bytes)
  }

  private static func bytes(ofHex hex: String) -> [UInt8] {
    let digits = Array(hex)
    return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
  }
}
