import Domain
import Git
import Testing

@Suite struct RepositoryTests {
  let repository: TestRepository

  init() throws { repository = try TestRepository() }

  @Test func `only the folder itself is opened`() throws {
    #expect(throws: GitError.notARepository(path: repository.path + "/refs")) {
      try Repository(path: repository.path + "/refs")
    }
  }

  @Test func `a missing object and one of another kind are told apart`() throws {
    let absent = try #require(ObjectID(hex: String(repeating: "a", count: 40)))
    let blob = try repository.objects.write(Array("text\n".utf8), as: .blob)
    #expect(throws: GitError.missing(absent)) { try repository.objects.commit(absent) }
    #expect(throws: GitError.unexpectedKind(blob, expected: .tree, found: .blob)) { try repository.objects.tree(blob) }
    #expect(throws: GitError.tooLarge(blob, size: 5, max: 4)) { try repository.objects.blob(blob, sizeMax: 4) }
    #expect(!repository.objects.exists(absent) && repository.objects.exists(blob))
    #expect(try repository.objects.kind(of: blob) == .blob)
    #expect(try repository.objects.size(of: blob) == 5)
    #expect(try repository.objects.withBlob(blob) { Array($0) } == Array("text\n".utf8))
  }

  @Test func `objects that another process adds or repacks are found`() throws {
    let absent = try #require(
      ObjectID(hex: try repository.git("hash-object", "--stdin", input: Array("late\n".utf8)).line))
    #expect(!repository.objects.exists(absent))
    try repository.git("hash-object", "-w", "--stdin", input: Array("late\n".utf8))
    #expect(try repository.objects.blob(absent, sizeMax: 100) == Array("late\n".utf8))

    let commit = try repository.commit(try repository.tree(["a/b": "1\n", "late": "late\n"]))
    try repository.git("update-ref", "refs/heads/main", commit.hex)
    try repository.git("repack", "-adq")
    try repository.git("prune-packed")
    let tree = try repository.objects.commit(commit).tree
    #expect(try repository.objects.tree(tree).count == 2)
    // The pack that was just read gives way to another one.
    let next = try repository.commit(try repository.tree(["a/b": "2\n"]), [commit])
    try repository.git("update-ref", "refs/heads/main", next.hex)
    try repository.git("repack", "-adfq")
    #expect(try repository.objects.entry(at: TreePath("a/b"), in: tree)?.mode == .file)
    #expect(try repository.objects.commit(next).parents == [commit])
  }

  @Test func `a ref is read where it stands now, loose or packed`() throws {
    let first = try repository.commit(.emptyTree, message: "first")
    let second = try repository.commit(.emptyTree, message: "second")
    #expect(try repository.objects.tip(of: "refs/heads/main") == nil)
    try repository.git("update-ref", "refs/heads/main", first.hex)
    #expect(try repository.objects.tip(of: "refs/heads/main") == first)
    #expect(try repository.objects.tip(of: "HEAD") == first)
    try repository.git("pack-refs", "--all")
    #expect(try repository.objects.tip(of: "refs/heads/main") == first)
    try repository.git("update-ref", "refs/heads/main", second.hex)
    try repository.git("pack-refs", "--all")
    #expect(try repository.objects.tip(of: "refs/heads/main") == second)
    try repository.git("update-ref", "-d", "refs/heads/main")
    #expect(try repository.objects.tip(of: "refs/heads/main") == nil)
  }

  @Test func `what is stored already is not stored again`() throws {
    let commit = try repository.commit(try repository.tree(["a": "1\n"]))
    try repository.git("update-ref", "refs/heads/main", commit.hex)
    try repository.git("repack", "-adq")
    let before = try repository.git("count-objects").line
    let again = try repository.objects.write(Array("1\n".utf8), as: .blob)
    #expect(again.hex == "d00491fd7e5bb6fa28c517a0bb32b8b506539d4d")
    #expect(try repository.git("count-objects").line == before)
    #expect(before.hasPrefix("0 objects"))
  }

  @Test func `a digest is the id of a blob and stores nothing`() throws {
    let digest = try Repository.contentDigest(of: Array("never stored\n".utf8))
    #expect(try repository.git("hash-object", "--stdin", input: Array("never stored\n".utf8)).line == digest.hex)
    #expect(!repository.objects.exists(digest))
  }

  @Test func `an annotated tag is read with its message`() throws {
    let commit = try repository.commit(.emptyTree)
    try repository.git("tag", "-a", "-m", "words", "v1", commit.hex)
    let id = try #require(try repository.objects.tip(of: "refs/tags/v1"))
    let tag = try repository.objects.tag(id)
    #expect(tag == Tag(target: commit, targetKind: "commit", name: "v1", message: Array("words\n".utf8)))
  }

  @Test func `commits that only one history has come children first, and never more than asked for`() throws {
    let root = try repository.commit(.emptyTree)
    let main = try repository.commit(.emptyTree, [root], message: "main", time: 1)
    let one = try repository.commit(.emptyTree, [root], message: "one", time: 2)
    // An older date than its parent's: the order follows the parents.
    let two = try repository.commit(.emptyTree, [one, main], message: "two", time: -5)
    #expect(try repository.objects.commits(from: two, notIn: main, countMax: 2) == [two, one])
    #expect(throws: GitError.tooManyCommits(max: 1)) {
      try repository.objects.commits(from: two, notIn: main, countMax: 1)
    }
    #expect(try repository.objects.isAncestor(main, of: two))
    #expect(try repository.objects.isAncestor(main, of: main))
    #expect(try !repository.objects.isAncestor(one, of: main))
  }
}
