import Domain
import Git
import Testing

/// Single merges, each with the rule that decides it; git's answer stands beside ours in every one.
@Suite struct MergeRuleTests {
  let repository: TestRepository

  init() throws { repository = try TestRepository() }

  /// Merges and checks that a clean answer is git's; gives the doubt, or nil for a clean merge.
  private func doubt(
    _ base: [String: String], ours: [String: String], theirs: [String: String]
  ) throws -> MergeDoubt.Reason? {
    let root = try repository.commit(try repository.tree(base))
    let one = try repository.commit(try repository.tree(ours), [root], message: "ours")
    let two = try repository.commit(try repository.tree(theirs), [root], message: "theirs")
    let byGit = try repository.mergedByGit(one, two)
    switch try repository.objects.mergeCommits(ours: one, theirs: two) {
    case .clean(let tree):
      #expect(tree == byGit)
      #expect(repository.objects.exists(tree))
      return nil
    case .undecided(let doubt): return doubt.reason
    }
  }

  private let base = ["a.txt": "1\n2\n3\n4\n5\n6\n7\n", "d/x.txt": "x\nx2\nx3\nx4\n", "d/y.txt": "y\ny2\ny3\ny4\n"]

  private func base(_ changes: [String: String?]) -> [String: String] {
    var files = base
    for (path, content) in changes { files[path] = content }
    return files
  }

  @Test func `changes of different files and different lines merge`() throws {
    #expect(
      try doubt(
        base, ours: base(["a.txt": "one\n2\n3\n4\n5\n6\n7\n", "new/n.txt": "n\n"]),
        theirs: base(["a.txt": "1\n2\n3\n4\n5\n6\nseven\n", "d/x.txt": "other\n", "new/m.txt": "m\n"])) == nil)
  }

  @Test func `changes of the same line are for git`() throws {
    #expect(try doubt(base, ours: base(["a.txt": "one\n"]), theirs: base(["a.txt": "two\n"])) == .content)
  }

  @Test func `a file deleted here and changed there is for git`() throws {
    #expect(try doubt(base, ours: base(["d/x.txt": nil]), theirs: base(["d/x.txt": "z\n"])) == .deletedAndChanged)
  }

  @Test func `a file that one side renamed and the other deleted is for git`() throws {
    #expect(
      try doubt(base, ours: base(["d/x.txt": nil, "e.txt": base["d/x.txt"]]), theirs: base(["d/x.txt": nil]))
        == .deletedOnBothSides)
  }

  @Test func `a deletion on both sides is seen in a folder that both changed alike`() throws {
    let ours = base(["d/x.txt": nil, "e.txt": base["d/x.txt"]])
    let theirs = base(["d/x.txt": nil, "a.txt": "1\n"])
    #expect(try doubt(base, ours: ours, theirs: theirs) == .deletedOnBothSides)
  }

  @Test func `a file added to a folder that the other side renamed is for git`() throws {
    let renamed = base(["d/x.txt": nil, "d/y.txt": nil, "e/x.txt": base["d/x.txt"], "e/y.txt": base["d/y.txt"]])
    #expect(try doubt(base, ours: renamed, theirs: base(["d/new.txt": "n\n"])) == .folderGoneAndChanged)
  }

  @Test func `a renamed file that nobody else touched merges`() throws {
    #expect(
      try doubt(base, ours: base(["d/x.txt": nil, "e.txt": base["d/x.txt"]]), theirs: base(["a.txt": "1\n"])) == nil)
  }

  @Test func `the same file added on both sides merges, and a different one is for git`() throws {
    #expect(try doubt(base, ours: base(["n.txt": "n\n"]), theirs: base(["n.txt": "n\n", "m.txt": "m\n"])) == nil)
    #expect(try doubt(base, ours: base(["n.txt": "n\n"]), theirs: base(["n.txt": "m\n"])) == .addedOnBothSides)
  }

  @Test func `a file and a folder of one name are for git, even with a name sorted between them`() throws {
    #expect(
      try doubt(base, ours: base(["n": "file\n", "n.txt": "between\n"]), theirs: base(["n/inside.txt": "i\n"]))
        == .fileAndFolder)
  }

  @Test func `a binary file changed on both sides is for git`() throws {
    let old = ["b": "\0\n1\n2\n3\n4\n5\n"]
    #expect(try doubt(old, ours: ["b": "\0\none\n2\n3\n4\n5\n"], theirs: ["b": "\0\n1\n2\n3\n4\nfive\n"]) == .binary)
  }

  @Test func `a mode changed here and lines there merge`() throws {
    let content = "1\n2\n3\n4\n5\n"
    let root = try repository.commit(try repository.tree(["a": content]))
    let ours = try repository.commit(
      try repository.tree(["a": FileState(mode: .executable, content: content)]), [root])
    let theirs = try repository.commit(try repository.tree(["a": "one\n2\n3\n4\n5\n"]), [root])
    let byGit = try #require(try repository.mergedByGit(ours, theirs))
    #expect(try repository.objects.mergeCommits(ours: ours, theirs: theirs) == .clean(tree: byGit))
  }

  @Test(arguments: [FileMode.submodule, .symlink])
  func `a link or submodule changed on one side merges, on both it is for git`(mode: FileMode) throws {
    func commit(_ digit: Character, _ other: String, _ parents: [ObjectID]) throws -> ObjectID {
      let link = FileState(mode: mode, content: String(repeating: digit, count: 40))
      return try repository.commit(
        try repository.tree(["link": link, "other": FileState(mode: .file, content: other)]), parents)
    }
    let root = try commit("1", "old\n", [])
    let ours = try commit("2", "old\n", [root])
    let theirs = try commit("1", "new\n", [root])
    let byGit = try #require(try repository.mergedByGit(ours, theirs))
    #expect(try repository.objects.mergeCommits(ours: ours, theirs: theirs) == .clean(tree: byGit))
    let third = try commit("3", "new\n", [root])
    #expect(
      try repository.objects.mergeCommits(ours: ours, theirs: third)
        == .undecided(MergeDoubt(.notAFile, at: TreePath("link"))))
  }

  @Test func `a tree that git would write in another way is for git`() throws {
    let blob = try repository.objects.write(Array("1\n".utf8), as: .blob)
    func entry(_ mode: String, _ name: String) -> [UInt8] { Array("\(mode) \(name)".utf8) + [0] + blob.bytes }
    let trees = [
      entry("100664", "odd"), entry("100644", "z") + entry("100644", "a"), entry("100644", "a") + entry("100644", "a"),
      entry("0100644", "padded"), Array(entry("100644", "cut").dropLast()),
    ]
    for raw in trees {
      let base = try repository.objects.write(raw, as: .tree)
      let ours = try repository.objects.write(raw + entry("100644", "~"), as: .tree)
      let theirs = try repository.objects.write(entry("100644", "!") + raw, as: .tree)
      #expect(
        try repository.objects.merge(base: base, ours: ours, theirs: theirs)
          == .undecided(MergeDoubt(.unusualTree, at: TreePath(bytes: []))))
    }
  }

  @Test func `everything deleted leaves the empty tree`() throws {
    #expect(try doubt(["a": "1\n", "b": "2\n"], ours: ["a": "1\n"], theirs: ["b": "2\n"]) == nil)
  }

  @Test func `histories that cross, and histories without a common start, are for git`() throws {
    let root = try repository.commit(try repository.tree(base))
    let one = try repository.commit(try repository.tree(base(["one": "1\n"])), [root])
    let two = try repository.commit(try repository.tree(base(["two": "2\n"])), [root])
    let both = try repository.tree(base(["one": "1\n", "two": "2\n"]))
    let ours = try repository.commit(both, [one, two], message: "ours")
    let theirs = try repository.commit(both, [two, one], message: "theirs")
    let whole = TreePath(bytes: [])
    #expect(
      try repository.objects.mergeCommits(ours: ours, theirs: theirs)
        == .undecided(MergeDoubt(.severalBases, at: whole)))
    let stranger = try repository.commit(try repository.tree(["z": "z\n"]))
    #expect(
      try repository.objects.mergeCommits(ours: ours, theirs: stranger)
        == .undecided(MergeDoubt(.unrelatedHistories, at: whole)))
  }

  @Test func `a merge that is kept in memory stores nothing, and the next one builds on it`() throws {
    let root = try repository.tree(base)
    let one = try repository.tree(base(["a.txt": "one\n2\n3\n4\n5\n6\n7\n"]))
    let two = try repository.tree(base(["a.txt": "1\n2\n3\nfour\n5\n6\n7\n", "d/x.txt": "other\n"]))
    let three = try repository.tree(base(["a.txt": "1\n2\n3\n4\n5\n6\nseven\n", "d/y.txt": "other\n"]))
    var pending = PendingObjects()
    guard
      case .clean(let first) = try repository.objects.merge(
        base: root, ours: one, theirs: two, keepingIn: &pending),
      case .clean(let second) = try repository.objects.merge(
        base: root, ours: first, theirs: three, keepingIn: &pending)
    else {
      Issue.record("the merges are clean")
      return
    }
    #expect(!repository.objects.exists(first) && !repository.objects.exists(second))
    try repository.objects.write(pending)
    #expect(
      try repository.git("cat-file", "-p", "\(second.hex):a.txt").text == "one\n2\n3\nfour\n5\n6\nseven\n")
  }
}
