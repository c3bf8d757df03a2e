import Domain
import GitProgram
import Processes
import Testing

@Suite struct DiffTests {
  /// Applies a diff to the clone's commit and gives the tree that comes out.
  private func apply(_ diff: String, to base: String, in world: World) throws -> [TreeChange] {
    let git = try GitProgram(repository: world.work + "/.git")
    var reader = ObjectQuestions(git)
    let tree = try #require(ObjectID(hex: try world.git(["rev-parse", "\(base)^{tree}"])))
    return try AppliedDiff(git: git, scratch: world.folder + "/scratch").apply(Array(diff.utf8), to: tree, in: &reader)
  }

  private func refusal(_ diff: String, in world: World) throws -> Refusal {
    do {
      _ = try apply(diff, to: "HEAD", in: world)
    } catch let refusal as Refusal { return refusal }
    throw World.Missing(what: "a refusal")
  }

  @Test func `a diff changes what git says it changes: text, modes, binaries, links, renames, folders`() throws {
    let world = try World()
    try world.write("bin.dat", "\u{0}\u{1}binary\u{0}")
    try world.write("run.sh", "#!/bin/sh\n")
    try world.write("old/name.txt", (0..<30).map { "line \($0)\n" }.joined())
    try world.write("dir/file", "x\n")
    try world.commit("base")
    _ = try Shell.run(
      [
        "sh", "-c",
        """
        chmod +x run.sh; git mv old/name.txt 'new näme.txt'; rm -r dir; echo file > dir; ln -s run.sh link
        printf '\\000\\002other' > bin.dat; echo more >> src/a.txt; mkdir src2; mv src/a.txt src2/a
        """,
      ],
      in: world.work)
    try world.commit("work")
    for options in [["--no-renames"], ["-M"]] {
      let diff = try world.git(["diff", "--binary", "--full-index"] + options + ["HEAD~1", "HEAD"]) + "\n"
      let changes = try apply(diff, to: "HEAD~1", in: world)
      let expected = try world.git(["diff-tree", "-r", "--no-renames", "--abbrev=40", "-z", "HEAD~1", "HEAD"])
      let words = expected.split(separator: "\0").map(String.init)
      let wanted = stride(from: 0, to: words.count - 1, by: 2).map { index in
        let fields = words[index].split(separator: " ")
        return "\(words[index + 1]) \(fields[1]) \(fields[3])"
      }
      let none = String(repeating: "0", count: 40)
      let got = changes.map {
        "\($0.path) \($0.new.map { String($0.mode.rawValue, radix: 8) } ?? "000000") \($0.new?.id.hex ?? none)"
      }
      #expect(got.sorted() == wanted.sorted())
    }
  }

  @Test func `a diff whose context has moved is merged once by three ways, or refused with file and line`() throws {
    let world = try World()
    let lines = (0..<20).map { "line \($0)\n" }
    try world.write("f.txt", lines.joined())
    try world.commit("base")
    try world.write("f.txt", lines.map { $0 == "line 10\n" ? "mine\n" : $0 }.joined())
    try world.commit("mine")
    let diff = try world.git(["diff", "--binary", "--full-index", "HEAD~1", "HEAD"]) + "\n"
    try world.git(["checkout", "--quiet", "-b", "near", "HEAD~1"])
    try world.write("f.txt", (["before\n"] + lines.map { $0 == "line 13\n" ? "near\n" : $0 }).joined())
    try world.commit("near")
    #expect(try apply(diff, to: "HEAD", in: world).map(\.path.description) == ["f.txt"])
    try world.write("f.txt", lines.map { $0 == "line 10\n" ? "other\n" : $0 }.joined())
    try world.commit("clash")
    let refused = try refusal(diff, in: world)
    #expect(refused.category == .mergeConflicts)
    #expect(refused.reason == "the diff_package does not apply: patch failed: f.txt:8")
  }

  @Test(arguments: [
    ("../escape", "invalid_package"), ("/etc/passwd", "invalid_package"), ("x/../y", "invalid_package"),
    ("./y", "invalid_package"), (".git/hooks/x", "invalid_package"), ("lup/escape", "invalid_package"),
    ("src/a.txt/below", "invalid_package"),
  ])
  func `a diff that leaves the tree is refused`(path: String, category: String) throws {
    let world = try World()
    _ = try Shell.run(["ln", "-s", "../..", "lup"], in: world.work)
    try world.commit("link")
    let diff = """
      diff --git a/\(path) b/\(path)
      new file mode 100644
      index 0000000..257cc56
      --- /dev/null
      +++ b/\(path)
      @@ -0,0 +1 @@
      +foo

      """
    #expect(try refusal(diff, in: world).category.rawValue == category)
    #expect(try Shell.run(["test", "-e", world.folder + "/escape"], in: "/").isSuccess == false)
  }

  @Test func `submodules, cut diffs and what is no diff are refused`() throws {
    let world = try World()
    let submodule = """
      diff --git a/sub b/sub
      new file mode 160000
      index 0000000..0123456
      --- /dev/null
      +++ b/sub
      @@ -0,0 +1 @@
      +Subproject commit 0123456789012345678901234567890123456789

      """
    #expect(try refusal(submodule, in: world).reason == "the diff_package changes a submodule")
    let cut = "diff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n@@ -0,0 +1,9 @@\n+x\n"
    #expect(try refusal(cut, in: world).reason == "the diff_package is malformed: corrupt patch at line 7")
    #expect(try refusal("hello\n", in: world).category == .invalidPackage)
    let bomb = "diff --git a/n b/n\nnew file mode 100644\nGIT binary patch\nliteral 1073741824\nzcmZ\n\n"
    #expect(try refusal(bomb, in: world).category == .limitExceeded)
  }
}
