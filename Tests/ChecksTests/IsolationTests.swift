import Checks
import Domain
import Glibc
import Testing

@Suite struct `A check that is kept to its inputs` {
  private static let files: [String: MemoryContent.Entry] = [
    ".sluice.yml": .file(""), "a": .file("a\n"), "src/x.py": .file("x\n"), "src/y.txt": .file(""),
    "src/in/z.py": .file(""), "docs/one": .file(""), "docs/py/two": .file(""), "link": .link("a"),
    "module": .submodule, "only/deep/w.py": .file(""), "only/deep/other": .file(""),
  ]
  private static let list = "find . -mindepth 1 -printf '%y %p\\n' | sort -k2"

  @Test(
    arguments: [
      (
        ["**"],
        "f ./.sluice.yml\nf ./a\nd ./docs\nf ./docs/one\nd ./docs/py\nf ./docs/py/two\nl ./link\nd ./module\nd ./only\nd ./only/deep\nf ./only/deep/other\nf ./only/deep/w.py\nd ./src\nd ./src/in\nf ./src/in/z.py\nf ./src/x.py\nf ./src/y.txt\n"
      ),
      (["src", "a"], "f ./a\nd ./src\nd ./src/in\nf ./src/in/z.py\nf ./src/x.py\nf ./src/y.txt\n"),
      (["src/**"], "d ./src\nd ./src/in\nf ./src/in/z.py\nf ./src/x.py\nf ./src/y.txt\n"),
      (
        ["**/*.py"], "d ./only\nd ./only/deep\nf ./only/deep/w.py\nd ./src\nd ./src/in\nf ./src/in/z.py\nf ./src/x.py\n"
      ),
      (["src/*.py", "docs/*/two"], "d ./docs\nd ./docs/py\nf ./docs/py/two\nd ./src\nf ./src/x.py\n"),
      (["l*", "module", ".sluice.yml"], "f ./.sluice.yml\nl ./link\nd ./module\n"),
      (["nothing", "docs/*.py"], ""),
    ] as [([String], String)])
  func `sees these and nothing else`(inputs: [String], seen: String) throws {
    let world = try World()
    var old = Self.files
    old["src/gone.py"] = .file("")
    old["only/deep/w.py"] = nil
    old["docs/py"] = .file("")
    old["docs/py/two"] = nil
    let base = try world.worktree(old)
    let candidate = try world.worktree(Self.files)
    #expect(world.names(in: "worktrees").count { $0.hasPrefix("base-") } == 1)
    #expect(world.isolated(Self.list, inputs, on: candidate) == seen)
    #expect(world.isolated(Self.list, inputs, on: candidate) == seen)
    #expect(world.output("cat a src/y.txt; test -d docs && test -e src/x.py && ls module", on: candidate) == "a\n")
    base.remove()
  }

  @Test(arguments: modes) func `sees what setup made, wherever that is`(mode: Sandbox.Mode) throws {
    let world = try World(mode)
    let worktree = try world.worktree(Self.files)
    let steps = [
      World.step("mkdir docs/built; cp a docs/built/kept", keep: ["docs/built"]),
      World.step("cp a made; echo changed > a; mkdir other; cat docs/one > other/made", keep: [], key: 2),
    ]
    #expect(world.prepare(worktree, steps)?.verdict == .passed)
    #expect(
      world.isolated(Self.list + "; cat a docs/built/kept", ["src/*.py"], on: worktree)
        == "f ./a\nd ./docs\nd ./docs/built\nf ./docs/built/kept\nf ./made\nd ./other\nf ./other/made\nd ./src\nf ./src/x.py\nchanged\na\n"
    )
  }

  @Test(arguments: modes) func `fails where it reads anything else`(mode: Sandbox.Mode) throws {
    let world = try World(mode)
    let worktree = try world.worktree(Self.files)
    let command = "cat src/x.py docs/one"
    #expect(world.run(command, on: worktree) { $0.inputs = ["src/**"] }?.verdict == .passed)
    let result = world.run(command, on: worktree) {
      $0.inputs = ["src/**"]
      $0.isolate = true
    }
    #expect(result?.verdict == .failed)
    #expect(result?.outputTail == ["x", "cat: docs/one: No such file or directory"])
  }

  @Test(arguments: modes) func `costs what lies at the edge of its inputs`(mode: Sandbox.Mode) throws {
    let world = try World(mode)
    var files = Self.files
    for number in 0..<300 { files["docs/many/\(number)/\(number)"] = .file("") }
    for number in 0..<300 { files["src/many/\(number)"] = .file("") }
    let worktree = try world.worktree(files)
    #expect(world.isolated("find . -type f | wc -l", ["src", "only/**/w.py"], on: worktree) == "304\n")
    let mask = "worktrees/candidate-1/mask-1/tree"
    #expect(world.names(in: mask) == [".sluice.yml", "a", "docs", "link", "module", "only"])
    #expect(world.names(in: "\(mask)/only/deep") == ["other"])
    #expect(world.names(in: "\(mask)/docs").isEmpty)
  }

  @Test(.enabled(if: geteuid() == 0)) func `needs no privileges`() async throws {
    await #expect(processExitsWith: .success) {
      guard setgroups(0, nil) == 0, setregid(65534, 65534) == 0, setreuid(65534, 65534) == 0 else { exit(9) }
      for mode in modes {
        let world = try World(mode)
        let worktree = try world.worktree(["a": .file("a\n"), "docs/x": .file("")])
        guard world.isolated("ls", ["a"], on: worktree) == "a\n" else { exit(1) }
        remove(world.root)
      }
      exit(0)
    }
  }
}

extension World {
  /// Runs one command as a check that is kept to its inputs, and gives what it printed.
  func isolated(_ command: String, _ inputs: [String], on worktree: Worktree) -> String {
    let result = run(command, on: worktree) {
      $0.inputs = inputs
      $0.isolate = true
    }
    guard result != nil else { return "" }
    return text(of: "\(root)/logs/int-1700000000-abcdefgh/tests.log") ?? ""
  }
}
