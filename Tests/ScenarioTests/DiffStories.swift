import Domain
import Foundation
import Testing

@Suite struct DiffStories {
  /// A diff, as text, and what the answer must be.
  struct Row: Sendable {
    let name: String
    let diff: String
    let categories: [String]
    let words: [String]
    /// The base64 text; the diff's own where nil.
    var encoded: String?
    var lists: (modified: [String], added: [String], deleted: [String]) = (["a.txt"], [], [])

    init(
      _ name: String, _ diff: String, _ categories: [String] = ["invalid_package"], _ words: [String] = [],
      encoded: String? = nil
    ) {
      self.name = name
      self.diff = diff
      self.categories = categories
      self.words = words
      self.encoded = encoded
    }
  }

  private static func adding(_ path: String) -> String {
    "diff --git a/\(path) b/\(path)\nnew file mode 100644\n--- /dev/null\n+++ b/\(path)\n@@ -0,0 +1 @@\n+x\n"
  }

  private static let good =
    "diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n-a line 1\n+changed\n a line 2\n a line 3\n"
  private static let encoded = Data(good.utf8).base64EncodedString()
  /// The text of a diff whose length asks for padding, without it.
  private static let unpadded =
    (0..<3).map { Data((good + String(repeating: "\n", count: $0)).utf8).base64EncodedString() }
    .first { $0.hasSuffix("=") }?.replacing("=", with: "") ?? ""

  static let rows: [Row] = [
    Row("base64 with a line break", "", encoded: String(encoded.prefix(40)) + "\n" + encoded.dropFirst(40)),
    Row("base64 without its padding", "", encoded: unpadded),
    Row("the alphabet of URLs", "", encoded: "_-" + encoded.dropFirst(2)),
    Row("no base64", "", encoded: "hello world!"),
    Row("an empty diff", "", encoded: ""), Row("no diff", "just words\n"),
    Row("a path upwards", adding("../escape")), Row("an absolute path", adding("/etc/escape")),
    Row("a dot", adding("./y")),
    Row("a detour", adding("x/../y")), Row("two slashes", adding("x//y")),
    Row("into .git", adding(".git/hooks/post-checkout")),
    Row("into .GIT", adding(".GIT/config")),
    Row("through a link", adding("up/escape")), Row("through a link within", adding("inner/new")),
    Row(
      "a rename to outside",
      "diff --git a/a.txt b/../../x\nsimilarity index 100%\nrename from a.txt\nrename to ../../x\n"),
    Row(
      "a copy from outside", "diff --git a//etc/passwd b/x\nsimilarity index 100%\ncopy from /etc/passwd\ncopy to x\n"),
    Row(
      "a submodule",
      "diff --git a/sub b/sub\nnew file mode 160000\nindex 0000000..1234567\n--- /dev/null\n+++ b/sub\n@@ -0,0 +1 @@\n+Subproject commit 1234567890123456789012345678901234567890\n"
    ),
    Row("counts beyond reason", good.replacing("@@ -1,3 +1,3 @@", with: "@@ -1,99999999999999999999 +1,3 @@")),
    Row("wrong counts", good.replacing("@@ -1,3 +1,3 @@", with: "@@ -1,9 +1,9 @@")),
    Row("cut off", String(good.dropLast(12))),
    Row(
      "other lines there", good.replacing("-a line 1", with: "-z line 1"), ["invalid_package", "merge_conflicts"],
      ["a.txt"]),
    Row(
      "a file that is not there", good.replacing("a.txt", with: "none.txt"), ["invalid_package", "merge_conflicts"],
      ["none.txt"]),
    Row("carriage returns", good.replacing("\n", with: "\r\n"), ["invalid_package", "merge_conflicts"]),
  ]

  @Test func `every odd diff is refused, and nothing is written outside`() async throws {
    let base = Base.judged(by: Base.policy(), adding: ["up": .symlink("../../.."), "inner": .symlink("cases")])
    try await World.run(base) { world in
      for row in Self.rows {
        let before = try await world.server.tip()
        let work = Work("odd", ["a.txt": "odd\n"]).with {
          $0.embedding = .blob
          $0.adjust = { $0.set("diff_package", to: .string(row.encoded ?? Data(row.diff.utf8).base64EncodedString())) }
        }
        let push = try await world.client.submit(work)
        push.expectRefused(row.categories + ["undeclared_changes"], row.words, row: row.name)
        #expect(try await world.server.tip() == before, "\(row.name) landed")
      }
      for place in ["/etc/escape", world.folder.path + "/escape", world.server.repository + "/escape"] {
        #expect(!FileManager.default.fileExists(atPath: place))
      }
    }
  }

  @Test func `a blob without a diff, or one larger than its limit, is refused`() async throws {
    let policy = Base.policy("limits: { diff: 1KiB, package: 4KiB }\n")
    try await World.run(.judged(by: policy)) { world in
      let bare = Work("bare", ["a.txt": "x\n"]).with {
        $0.embedding = .blob
        $0.packageBytes = Array(Work("bare", ["a.txt": "x\n"]).package(present: ["a.txt"]).compact.utf8)
      }
      try await world.client.submit(bare).expectRefused("invalid_package", "diff_package")
      let large = Work("large", ["large": .text(String(repeating: "0123456789\n", count: 400))]).with {
        $0.embedding = .blob
      }
      try await world.client.submit(large).expectRefused("limit_exceeded", "1")
      // A diff counts against its own limit, not against the package's.
      let fits = Work("fits", ["fits": .text(String(repeating: "x\n", count: 200))]).with { $0.embedding = .blob }
      _ = try await world.client.submit(fits).expectLanded(in: world)
    }
  }

  @Test func `a diff on an older base is merged with what has landed`() async throws {
    try await World.run { world in
      let base = try await world.client.fetch()
      _ = try await world.client.submit(Work("top", ["a.txt": .text("top\n" + Base.lines(of: "a"))])).expectLanded(
        in: world)
      let late = Work("late", ["a.txt": .text(Base.lines(of: "a") + "bottom\n")]).with {
        $0.embedding = .blob
        $0.parent = base
      }
      _ = try await world.client.submit(late).expectLanded(in: world)
      #expect(try await world.server.file("a.txt") == "top\n" + Base.lines(of: "a") + "bottom\n")
      let unknown = Work("unknown", ["b.txt": "x\n"]).with {
        $0.embedding = .blob
        $0.adjust = { $0.set("metadata", "base_commit", to: .string(String(repeating: "1", count: 40))) }
      }
      try await world.client.submit(unknown).expectRefused("invalid_package", "base_commit")
    }
  }
}
