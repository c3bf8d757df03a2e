import Domain
import Processes
import Testing

/// What git itself lets pass, built by plumbing.
@Suite struct ObjectTests {
  /// Commits a tree made of the given entries beside the package, on main.
  private func push(_ world: World, entries: [String], added: [String] = ["src/b.txt"]) throws -> Finished {
    let package = try blob(world, World.package(added: added))
    let sluice = try tree(world, ["100644 blob \(package)\tpackage.json"])
    let base = try world.git(["ls-tree", "main"]).split(separator: "\n").map(String.init)
    let names = Set(entries.map { $0.split(separator: "\t")[1] })
    let kept = base.filter { !names.contains($0.split(separator: "\t")[1]) }
    let root = try tree(world, kept + entries + ["040000 tree \(sluice)\t.sluice"])
    let commit = try world.git(["commit-tree", root, "-p", "main", "-m", "work"])
    return try world.push("\(commit):refs/heads/submit/x")
  }

  private func tree(_ world: World, _ entries: [String]) throws -> String {
    try world.git(["mktree", "--missing"], input: Array((entries.joined(separator: "\n") + "\n").utf8))
  }

  private func blob(_ world: World, _ text: String) throws -> String {
    try world.git(["hash-object", "-w", "--stdin"], input: Array(text.utf8))
  }

  @Test func `a tree of ten thousand million files is refused within a second`() throws {
    let world = try World()
    var entry = "100644 blob \(try blob(world, "x"))"
    for level in 0..<10 {
      let id = try tree(world, (0..<10).map { "\(entry)\tl\(level)-\($0)" })
      entry = "040000 tree \(id)"
    }
    let began = ContinuousClock.now
    let push = try push(world, entries: ["\(entry)\tbomb"])
    #expect(push.errors.contains("limit_exceeded: the work changes more than 500 files"), "\(push.errors)")
    #expect(began.duration(to: .now) < .seconds(10))
  }

  @Test func `a bomb of folders without files is refused too`() throws {
    let world = try World()
    var id = ObjectID.emptyTree.hex
    for level in 0..<30 { id = try tree(world, (0..<10).map { "040000 tree \(id)\tl\(level)-\($0)" }) }
    let push = try push(world, entries: ["040000 tree \(id)\tbomb"])
    #expect(push.errors.contains("holds an empty folder"), "\(push.errors)")
  }

  @Test func `folders in folders are refused where they are too deep`() throws {
    let world = try World()
    var entry = "100644 blob \(try blob(world, "x"))"
    for _ in 0..<70 { entry = "040000 tree \(try tree(world, ["\(entry)\td"]))" }
    let push = try push(world, entries: ["\(entry)\td"])
    #expect(push.errors.contains("limit_exceeded: d/d/d/"), "\(push.errors)")
    #expect(push.errors.contains("more than 64 folders deep"), "\(push.errors)")
  }

  @Test(arguments: [
    (".GIT", "has a part that git takes for its own folder"), ("a\\b", "holds a backslash"),
    ("git~1", "has a part that git takes for its own folder"),
    (String(repeating: "n", count: 256), "has a part of more than 255 bytes"), ("a\u{202e}b", "direction characters"),
  ])
  func `a name that some system reads as another is refused`(name: String, sentence: String) throws {
    let world = try World()
    let push = try push(world, entries: ["100644 blob \(try blob(world, "x"))\t\"\(name.escaped)\""], added: [])
    let category = name.utf8.count > 255 ? "limit_exceeded: " : "invalid_push: "
    #expect(push.errors.contains(category), "\(push.errors)")
    #expect(push.errors.contains(sentence), "\(push.errors)")
    #expect(!push.errors.contains("\u{202e}"))
  }

  @Test func `a path that is not UTF-8 is refused`() throws {
    let world = try World()
    let push = try push(world, entries: ["100644 blob \(try blob(world, "x"))\t\"a\\377b\""], added: [])
    #expect(push.errors.contains("is not UTF-8"), "\(push.errors)")
  }

  @Test func `a file larger than allowed is refused by its size`() throws {
    let world = try World()
    try world.configure("sluice.limit.blob", "1k")
    try world.configure("sluice.limit.total", "3k")
    try world.submit(adding: ["src/b.txt": String(repeating: "x", count: 1_025)])
    #expect(
      try world.push("HEAD:refs/heads/submit/x").errors.contains("src/b.txt has 1025 bytes, at most 1024 are taken"))
    let files = ["a", "b", "c", "d"].map { ("src/n\($0)", String(repeating: $0, count: 1_000)) }
    try world.git(["reset", "--quiet", "--hard", "origin/main"])
    try world.submit(adding: Dictionary(uniqueKeysWithValues: files))
    #expect(try world.push("HEAD:refs/heads/submit/x").errors.contains("the new files have 4000 bytes together"))
  }

  @Test func `a work of more commits than allowed is refused, one fewer is not`() throws {
    let world = try World()
    try world.configure("sluice.limit.commits", "3")
    try world.commit("one")
    try world.commit("two")
    try world.submit(adding: ["src/b.txt": "two\n"])
    #expect(try world.push("HEAD:refs/heads/submit/x").isSuccess)
    try world.commit("four")
    let push = try world.push("HEAD:refs/heads/submit/y")
    #expect(push.errors.contains("limit_exceeded: the work has more than 3 commits"), "\(push.errors)")
  }

  @Test func `commits with many parents, or one parent twice, are refused`() throws {
    let world = try World()
    let commit = try world.submit(adding: ["src/b.txt": "two\n"])
    let others = try (0..<3).map {
      try world.git(["commit-tree", "main~1^{tree}", "-p", "main~1", "-m", "side \($0)"])
    }
    let octopus = try world.git(
      ["commit-tree", "\(commit)^{tree}"] + others.flatMap { ["-p", $0] } + ["-m", "octopus"])
    #expect(try world.push("\(octopus):refs/heads/submit/x").errors.contains("has 3 parents, at most 2 are taken"))
    let raw = try world.git(["cat-file", "commit", commit]) + "\n"
    let parent = try #require(raw.split(separator: "\n").first { $0.hasPrefix("parent ") })
    let doubled = raw.split(separator: "\n", omittingEmptySubsequences: false)
      .flatMap { $0 == parent ? [$0, $0] : [$0] }.joined(separator: "\n")
    let twice = try world.git(
      ["hash-object", "-t", "commit", "-w", "--stdin", "--literally"], input: Array(doubled.utf8))
    #expect(try world.push("\(twice):refs/heads/submit/x").errors.contains("names the same parent twice"))
  }

  @Test func `a tree, a tag of a tag and a tag of a blob are no submissions`() throws {
    let world = try World()
    try world.submit(adding: ["src/b.txt": "two\n"])
    #expect(try world.push("HEAD^{tree}:refs/submit/x").errors.contains("invalid_push: a tree was pushed"))
    let package = World.package(added: ["src/b.txt"])
    try world.git(["tag", "--annotate", "-m", package, "inner", "HEAD"])
    try world.git(["tag", "--annotate", "-m", package, "outer", "inner"])
    try world.git(["tag", "--annotate", "-m", package, "file", "HEAD:src/b.txt"])
    #expect(try world.push("outer:refs/submit/x").errors.contains("the pushed tag names a tag, not a commit"))
    #expect(try world.push("file:refs/submit/x").errors.contains("the pushed tag names a blob, not a commit"))
    #expect(try world.submissions().isEmpty)
  }
}

extension String {
  /// As `git mktree` reads a name in quotes.
  fileprivate var escaped: String { split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\") }
}
