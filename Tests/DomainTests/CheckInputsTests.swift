import Domain
import Testing

@Suite struct `Inputs of a check` {
  @Test(arguments: [
    ("src", "src/a.c", true), ("src", "src", true), ("src", "srcs/a", false), ("src/**", "src/a/b", true),
    ("src/**", "src", false), ("*.py", "a.py", true), ("*.py", "src/a.py", false), ("**/*.py", "a.py", true),
    ("**/*.py", "src/in/a.py", true), ("**/test/**", "a/test/b/c", true), ("**/test/**", "a/tests/b", false),
    ("a/*/c", "a/b/c/d", true), ("a/*/c", "a/b/d/c", false), ("?.c", "a.c", true), ("?.c", "ab.c", false),
  ]) func `match what a glob says`(glob: String, path: String, isInput: Bool) {
    #expect(CheckInputs(globs: [glob]).match(TreePath(path)) == isInput)
  }

  @Test(arguments: [
    ("src", "src", true), ("src", "src/in", true), ("src/**", "src", true), ("src/*", "src", false),
    ("src/*", "src/in", true), ("**/*.py", "src", false), ("**/test", "a/test", true), ("**/test", "a", false),
    ("**/test/**", "a/test/b", true), ("**", "a", true), ("src/a", "src", false),
  ]) func `know folders in which everything is an input`(glob: String, folder: String, isEverything: Bool) {
    #expect(CheckInputs(globs: [glob]).matchEverything(below: TreePath(folder)) == isEverything)
  }

  @Test func `never skip a folder that holds one, nor take a folder that holds another`() {
    var numbers = SystemRandomNumberGenerator()
    let words = ["a", "b", "*", "**", "a*", "?"]
    for _ in 0..<5_000 {
      let glob = (1...Int.random(in: 1...4, using: &numbers)).map { _ in words[Int.random(in: 0..<6, using: &numbers)] }
      let path = (1...Int.random(in: 2...5, using: &numbers)).map { _ in
        ["a", "b", "ab"][Int.random(in: 0..<3, using: &numbers)]
      }
      let inputs = CheckInputs(globs: [glob.joined(separator: "/")])
      let folder = TreePath(path.dropLast().joined(separator: "/"))
      let isInput = inputs.match(TreePath(path.joined(separator: "/")))
      if isInput { #expect(inputs.mayMatch(below: folder), "\(glob) \(path)") }
      if inputs.matchEverything(below: folder) { #expect(isInput, "\(glob) \(path)") }
    }
  }
}
