import Domain
import Git
import Testing

@Suite struct PatchIDTests {
  let repository: TestRepository

  init() throws { repository = try TestRepository() }

  private func id(_ old: [String: String], _ new: [String: String]) throws -> ObjectID {
    try repository.objects.patchID(
      from: try repository.tree(old), to: try repository.tree(new), changesMax: 100)
  }

  @Test func `the same change on another base is the same patch`() throws {
    let here = try id(["a": "1\n2\n3\n", "b": "b\n"], ["a": "1\ntwo\n3\n", "b": "b\n", "n": "new\n"])
    let there = try id(
      ["a": "0\n0\n1\n2\n3\nx\n", "c": "c\n"], ["a": "0\n0\n1\ntwo\n3\nx\n", "c": "c\n", "n": "new\n"])
    #expect(here == there)
  }

  @Test func `white space alone does not make another patch`() throws {
    #expect(try id(["a": "1\n"], ["a": "1\n  two words\n"]) == id(["a": "1\n"], ["a": "1\ntwo  words \n"]))
  }

  @Test func `another line, path, mode or direction is another patch`() throws {
    let old = ["a": "1\n2\n"]
    let executable = try repository.tree(["a": FileState(mode: .executable, content: "1\ntwo\n")])
    let patches = [
      try id(old, ["a": "1\ntwo\n"]), try id(old, ["a": "1\nzwei\n"]), try id(["b": "1\n2\n"], ["b": "1\ntwo\n"]),
      try id(["a": "1\ntwo\n"], old), try id(old, [:]), try id(old, old),
      try repository.objects.patchID(from: try repository.tree(old), to: executable, changesMax: 100),
    ]
    #expect(Set(patches).count == patches.count)
  }

  @Test func `binary files count by their ids`() throws {
    let one = try id(["b": "\0\n1\n"], ["b": "\0\n2\n"])
    #expect(try one != id(["b": "\0\n1\n"], ["b": "\0\n3\n"]))
    #expect(try one == id(["b": "\0\n1\n", "a": "a\n"], ["b": "\0\n2\n", "a": "a\n"]))
  }

  @Test func `more changes than allowed are refused`() throws {
    #expect(throws: GitError.tooManyChanges(max: 1)) {
      try repository.objects.patchID(
        from: .emptyTree, to: try repository.tree(["a": "1\n", "b": "2\n"]), changesMax: 1)
    }
  }
}
