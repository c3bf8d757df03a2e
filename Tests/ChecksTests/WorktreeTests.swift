import Checks
import Domain
import Glibc
import Testing

@Suite struct `Files of a candidate` {
  @Test(arguments: modes) func `a command sees the files of the tree and nothing else`(mode: Sandbox.Mode) throws {
    let world = try World(mode)
    let worktree = try world.worktree([
      "a.txt": .file("hello\n"), "bin/tool": .executable("#!/bin/sh\necho tool\n"), "link": .link("a.txt"),
      "outside": .link("/etc/shadow"), "deep/er/file": .file(""), "module": .submodule,
    ])
    let seen = world.output("find . -printf '%y %m %p %l\\n' | sort -k3; cat link; bin/tool", on: worktree)
    #expect(
      seen == """
        d 755 . 
        f 644 ./a.txt 
        d 755 ./bin 
        f 755 ./bin/tool 
        d 755 ./deep 
        d 755 ./deep/er 
        f 644 ./deep/er/file 
        l 777 ./link a.txt
        d 755 ./module 
        l 777 ./outside /etc/shadow
        hello
        tool

        """)
  }

  @Test(arguments: modes) func `a candidate costs its difference, whatever that is`(mode: Sandbox.Mode) throws {
    let world = try World(mode)
    let base = try world.worktree([
      "same": .file("same\n"), "changed": .file("old\n"), "gone": .file(""), "folder/one": .file("1"),
      "folder/two": .file("2"), "becomes-file/x": .file(""), "becomes-folder": .file(""), "partly/a": .file(""),
      "partly/b": .file(""), "becomes-module/y": .file(""), "link": .link("same"), "mode": .file(""),
    ])
    let candidate = try world.worktree([
      "same": .file("same\n"), "changed": .file("new\n"), "becomes-file": .file(""), "becomes-folder/z/deep": .file(""),
      "partly/a": .file(""), "becomes-module": .submodule, "link/inside": .file(""), "mode": .executable(""),
      "added/there": .file(""),
    ])
    #expect(world.names(in: "worktrees").count { $0.hasPrefix("base-") } == 1)
    let list = "find . -mindepth 1 -printf '%y %m %p\\n' | sort -k3; cat changed"
    #expect(
      world.output(list, on: candidate) == """
        d 755 ./added
        f 644 ./added/there
        f 644 ./becomes-file
        d 755 ./becomes-folder
        d 755 ./becomes-folder/z
        f 644 ./becomes-folder/z/deep
        d 755 ./becomes-module
        f 644 ./changed
        d 755 ./link
        f 644 ./link/inside
        f 755 ./mode
        d 755 ./partly
        f 644 ./partly/a
        f 644 ./same
        new

        """)
    let before = world.output("cat changed; ls", on: base)
    #expect(before.hasPrefix("old\nbecomes-file\nbecomes-folder\nbecomes-module\nchanged\nfolder\ngone\nlink\n"))

    // At leisure the base itself is moved: the same files, now without a layer.
    base.remove()
    candidate.remove()
    let tree = candidate.tree
    for number in 0..<30 { _ = world.content.put([UInt8(number)]) }
    let moved = try World.moved(world, to: tree, list: list)
    #expect(moved.hasSuffix("f 644 ./partly/a\nf 644 ./same\nnew\n"))
  }

  @Test(arguments: modes) func `what setup writes is seen by every check, what a check writes by none`(
    mode: Sandbox.Mode
  ) throws {
    let world = try World(mode)
    let worktree = try world.worktree(["a": .file("a\n")])
    let setup = [
      Policy.Setup(run: "mkdir built; echo built > built/x; echo cache > ~/cache; echo changed > a"),
      Policy.Setup(run: "cat built/x && rm a && echo two > built/y"),
    ]
    let prepared = world.runner.prepare(worktree, with: setup, as: world.plan)
    #expect(prepared?.verdict == .passed)
    #expect(
      world.run("rm built/y; echo mine > left; echo x > ~/left; touch $SLUICE_RESULTS/left", on: worktree)?.verdict
        == .passed)
    #expect(
      world.output("ls . built ~ $SLUICE_RESULTS", on: worktree) == """
        .:
        built

        /sluice/home:
        cache

        /sluice/results:

        built:
        x
        y

        """)
    worktree.remove()
    #expect(world.isClean)
    let next = try world.worktree(["a": .file("a\n")])
    #expect(world.output("ls; cat a; ls ~", on: next) == "a\na\n")
  }

  @Test(arguments: modes) func `a setup that fails says which command and why`(mode: Sandbox.Mode) throws {
    let world = try World(mode)
    let worktree = try world.worktree(["a": .file("")])
    let setup = [Policy.Setup(run: "true"), Policy.Setup(run: "echo no such thing >&2; exit 3")]
    let prepared = world.runner.prepare(worktree, with: setup, as: world.plan)
    #expect(prepared?.verdict == .failed)
    #expect(prepared?.reason == "`echo no such thing >&2; exit 3` failed with exit status 3")
    #expect(prepared?.outputTail == ["no such thing"])
  }

  @Test(arguments: [".git", ".GIT", ".Git"]) func `a tree with git's own folder is never written`(name: String) throws {
    let world = try World()
    let inner = world.content.put(Array("x".utf8))
    let folder = world.content.put(Tree.serialize([TreeEntry(mode: .file, name: Array("config".utf8), id: inner)]))
    let tree = world.content.put(Tree.serialize([TreeEntry(mode: .tree, name: Array(name.utf8), id: folder)]))
    #expect { try world.worktrees.make(tree, from: &world.content) } throws: { error in
      guard case .unsafeName(let path) = error as? WorktreeError else { return false }
      return path == TreePath(name)
    }
    let good = try world.worktree(["a": .file("")])
    let bad = world.content.put(
      Tree.serialize([
        TreeEntry(mode: .file, name: Array("a".utf8), id: world.content.put([])),
        TreeEntry(mode: .tree, name: Array(name.utf8), id: folder),
      ]))
    #expect(throws: WorktreeError.self) { try world.worktrees.make(bad, from: &world.content) }
    good.remove()
    world.worktrees.sweep()
    #expect(world.names(in: "worktrees").allSatisfy { $0.hasPrefix("base-") || $0.hasPrefix("unfinished-") })
  }

  @Test func `a half base is not used and goes at the next start, with every other leftover`() throws {
    let world = try World()
    let worktree = try world.worktree(["a": .file("a\n")])
    let base = try #require(world.names(in: "worktrees").first { $0.hasPrefix("base-") })
    let folder = "\(world.root)/worktrees"
    for path in ["unfinished-x", "unfinished-x/tree", "candidate-77", "candidate-77/run-1"] {
      mkdir("\(folder)/\(path)", 0o755)
    }
    write("", to: "\(folder)/unfinished-x/tree/half")
    mkdir("\(folder)/candidate-77/run-1/closed", 0o000)
    worktree.remove()
    let next = try Worktrees(folder: folder, sandbox: world.sandbox)
    #expect(names(at: folder) == [base])
    let again = try next.make(worktree.tree, from: &world.content)
    #expect(names(at: folder) == [base, "candidate-1"])
    again.remove()
  }

  @Test(arguments: modes) func `folders nested deeper than descriptors reach are removed`(mode: Sandbox.Mode) throws {
    let world = try World(mode)
    let worktree = try world.worktree(["a": .file("")])
    let nest = "perl -e 'for (1..3000) { mkdir \"d\" or die; chdir \"d\" or die } chmod 0, \".\"'"
    #expect(world.run(nest, on: worktree)?.verdict == .passed)
    #expect(world.names(in: "worktrees/candidate-1").contains { $0.hasPrefix("run-") } == false)
  }
}

extension World {
  /// Moves the base to `tree` and lists it through a candidate of the same tree.
  static func moved(_ world: World, to tree: ObjectID, list: String) throws -> String {
    try world.worktrees.refreshBase(to: tree, from: &world.content)
    let worktree = try world.worktrees.make(tree, from: &world.content)
    return world.output(list, on: worktree)
  }
}
