import Domain
import Git
import Testing

@Suite struct TreeEditTests {
  let repository: TestRepository

  init() throws { repository = try TestRepository() }

  private func side(_ content: String) throws -> TreeChange.Side {
    .init(mode: .file, id: try repository.objects.write(Array(content.utf8), as: .blob))
  }

  @Test func `a folder that loses its last file goes, and so do the folders above`() throws {
    let tree = try repository.tree(["a/b/c": "1\n", "z": "2\n"])
    #expect(try repository.objects.removing(TreePath("a/b/c"), from: tree) == repository.tree(["z": "2\n"]))
    #expect(try repository.objects.removing(TreePath("a"), from: tree) == repository.tree(["z": "2\n"]))
    #expect(try repository.objects.removing(TreePath("a/x/y"), from: tree) == tree)
    #expect(try repository.objects.removing(TreePath("z/inside"), from: tree) == tree)
    let nothing = try repository.objects.removing(TreePath("a"), from: try repository.tree(["a/b": "1\n"]))
    #expect(nothing == .emptyTree && repository.objects.exists(.emptyTree))
  }

  @Test func `a file gives way to a folder and a folder to a file`() throws {
    let tree = try repository.tree(["n": "1\n", "n.txt": "2\n", "d/x": "3\n"])
    let edited = try repository.objects.editing(
      tree, [TreeEdit(TreePath("n/in"), try side("4\n")), TreeEdit(TreePath("d"), try side("5\n"))])
    #expect(try edited == repository.tree(["n/in": "4\n", "n.txt": "2\n", "d": "5\n"]))
    let root = try repository.commit(edited)
    try repository.git("update-ref", "refs/heads/main", root.hex)
    #expect(try repository.git("fsck", "--strict").status == 0)
  }

  @Test func `a file and something inside it cannot both be asked for`() throws {
    let edits = [TreeEdit(TreePath("a"), try side("1\n")), TreeEdit(TreePath("a/b"), try side("2\n"))]
    #expect(throws: GitError.contradictoryEdit(TreePath("a"))) { try repository.objects.editing(.emptyTree, edits) }
  }

  @Test(arguments: ["", "/a", "a//b", "a/", "./a", "a/../b"])
  func `a path that no tree can hold is refused`(path: String) throws {
    let edit = TreeEdit(TreePath(path), try side("1\n"))
    #expect(throws: GitError.invalidPath(TreePath(path))) { try repository.objects.editing(.emptyTree, [edit]) }
  }

  @Test(arguments: UInt64(0)..<60)
  func `the difference of two trees, applied to the first, gives the second`(number: UInt64) throws {
    var seed = Seed(number)
    var files = GeneratedFiles(from: &seed)
    let old = try repository.tree(files.files)
    files.change(with: &seed)
    files.change(with: &seed)
    let new = try repository.tree(files.files)
    let changes = try repository.objects.changes(from: old, to: new, countMax: 1_000)
    #expect(try repository.objects.editing(old, changes.map { TreeEdit($0.path, $0.new) }) == new)
  }
}
