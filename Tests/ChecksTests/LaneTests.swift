import Checks
import Domain
import Glibc
import Testing

@Suite struct `A copy that is kept` {
  private static let files: [String: MemoryContent.Entry] = [
    "a": .file("aaaa\n"), "tool": .executable("#!/bin/sh\n"), "src/x": .file("x\n"), "src/in/y": .file("y\n"),
    "link": .link("a"), "module": .submodule, "docs/z": .file("z\n"),
  ]
  private static let list = """
    find . ~ $SLUICE_RESULTS -printf '%y %m %n %U %l %p\\n' | sort -k6; cat a src/x src/in/y docs/z; 
    find . ~ -newermt '2033-01-01' -o ! -newermt '2003-01-01'
    \(attribute)'for (@n = (".", "src", "src/in", "a")) { print syscall($get, $_, $name, $value, 3), "\\n" }'
    """

  /// No program that sets attributes is on every host.
  private static let attribute = """
    perl -e '($set, $get) = `uname -m` =~ /x86_64/ ? (188, 191) : (5, 8); $name = "user.left"; $value = "xyz";' -e \

    """

  @Test(arguments: [
    "echo evil > a", "sed -i s/aaaa/evil/ a",
    "touch -r a /tmp/t; printf evil > a; printf '\\n' >> a; touch -r /tmp/t a",
    "touch -r a /tmp/t; cp a /tmp/b; echo evil > /tmp/b; dd if=/tmp/b of=a conv=notrunc 2>/dev/null; touch -r /tmp/t a",
    "touch -r a /tmp/t; perl -e 'open F, \"+<\", \"a\"; binmode F; print F \"evil\"'; touch -r /tmp/t a",
    "touch -d 2001-01-01 a src", "touch -d 2040-01-01 src/x", "chmod 777 a; chmod 600 src/x; chmod -x tool",
    "chmod 777 src; chmod 700 docs", "chmod 0 a src docs .", "rm a src/x; rm -r docs", "rm -rf src; ln -s docs src",
    "rm a; ln -s /etc/passwd a", "rm -rf docs; echo file > docs", "rm a; mkdir -p a/b/c", "mv a b; mv b a",
    "cp -p a b; mv b a", "ln a hard; ln src/x ~/hard; ln a src/in/hard", "ln -sf docs link",
    "rmdir module; mkdir module",
    "echo planted > module/planted; echo planted > src/in/.planted; echo planted > ~/.planted",
    "mkdir -p nested/.git; echo x > nested/.git/config; mkdir .git; echo x > .git/config", "mkfifo pipe src/pipe",
    "mv src source; mv docs src; mv source docs", "mkdir -p new-1 new-2 gone-1 removed-1-1; rm a",
    "mkdir copy; cp -a src/. copy; rm -rf src; mv copy src", "chmod 2777 . src; chmod u+s tool a; chmod +t docs",
    "cd src; i=0; while [ $i -lt 300 ]; do mkdir d; cd d; i=$((i+1)); done; echo deep > deep; chmod 0 . ..",
    "perl -e 'use POSIX; setsid; for (1..5) { open F, \">\", \"src/$_\"; syswrite F, \"x\"; unlink \"src/$_\" }'",
    "\(attribute)'for (@n = (\".\", \"src\", \"src/in\", \"a\")) { syscall($set, $_, $name, $value, 3, 0) == 0 or die $! }'",
    "rm -rf * .[!.]* ~/* 2>/dev/null", "echo x > \"$(printf 'name\\nwith\\377')\"; echo > 'a b'",
  ]) func `is as it was, whatever a command has done in it`(command: String) throws {
    let world = try World(.copy)
    let first = try world.worktree(Self.files)
    let fresh = world.output(Self.list, on: first)
    #expect(fresh.contains("x\ny\nz\n"))
    _ = world.run(command, on: first)
    // For the next check of the same candidate, for another candidate, and on the way back.
    #expect(world.output(Self.list, on: first) == fresh)
    _ = world.run(command, on: first)
    first.remove()
    var files = Self.files
    files["src/x"] = .file("other\n")
    files["docs/z"] = nil
    files["docs"] = .file("now a file\n")
    let second = try world.worktree(files)
    #expect(
      world.output("cat a src/x src/in/y docs; ls", on: second)
        == "aaaa\nother\ny\nnow a file\na\ndocs\nlink\nmodule\nsrc\ntool\n")
    _ = world.run(command, on: second)
    let third = try world.worktree(Self.files)
    #expect(world.output(Self.list, on: third) == fresh)
    #expect(world.names(in: "worktrees").filter { $0.hasPrefix("lane-") } == ["lane-1"])
  }

  @Test func `keeps files that nobody has touched`() throws {
    let world = try World(.copy)
    let first = try world.worktree(Self.files)
    let inodes = "stat -c '%i %n' a src/x src/in/y link"
    let before = world.output(inodes, on: first)
    _ = world.run("touch planted; touch src/planted", on: first)
    #expect(world.output(inodes, on: first) == before)
    var files = Self.files
    files["docs/new"] = .file("")
    let second = try world.worktree(files)
    #expect(world.output(inodes, on: second) == before)

    // Also when the base has moved on.
    first.remove()
    second.remove()
    for number in 0..<30 { files["many/\(number)"] = .file("\(number)") }
    let tree = world.content.store(files)
    try world.worktrees.refreshBase(to: tree, from: &world.content)
    let third = try world.worktrees.make(tree, from: &world.content)
    #expect(world.output(inodes + "; ls many | wc -l", on: third) == before + "30\n")
    #expect(world.names(in: "worktrees").count { $0.hasPrefix("base-") } == 1)
  }

  @Test func `is as it was after a command that was stopped, and new for another worker`() throws {
    let world = try World(.copy)
    let worktree = try world.worktree(Self.files)
    let stopped = world.run("echo evil > a; setsid sleep 980 & sleep 980", on: worktree, shouldStop: { true })
    #expect(stopped == nil)
    #expect(world.output("cat a", on: worktree) == "aaaa\n")
    let folder = "\(world.root)/worktrees"
    #expect(names(at: folder).contains { $0.hasPrefix("lane-") })
    let next = try World(.copy, root: world.root, isOwner: false)
    #expect(names(at: folder).allSatisfy { $0.hasPrefix("base-") })
    next.content = world.content
    let other = try next.worktree(Self.files)
    #expect(next.output("cat a", on: other) == "aaaa\n")
  }

  @Test func `shows what setup changed, removed and made`() throws {
    let world = try World(.copy)
    let worktree = try world.worktree(Self.files)
    let steps = [
      "echo changed > a; rm -r docs; mkdir -p built/in; echo 1 > built/in/x; chmod 750 built; echo home > ~/h; mkfifo pipe",
      "rm link; mkdir link; echo 2 > link/y; rm -rf src/in; echo in > src/in; echo 3 >> built/in/x; chmod 700 src",
      "rm -r link; ln -s built/in/x link; mkdir docs; echo new > docs/new; touch -d 2002-02-02 tool",
    ]
    #expect(world.prepare(worktree, steps.map { World.step($0, keep: []) })?.verdict == .passed)
    let seen =
      "find . -mindepth 1 -printf '%y %m %p %l\\n' | sort -k3; cat a link src/in ~/h; find . ! -newermt 2003-01-01"
    let expected = """
      f 644 ./a 
      d 750 ./built 
      d 755 ./built/in 
      f 644 ./built/in/x 
      d 755 ./docs 
      f 644 ./docs/new 
      l 777 ./link built/in/x
      d 755 ./module 
      d 700 ./src 
      f 644 ./src/in 
      f 644 ./src/x 
      f 755 ./tool 
      changed
      1
      3
      in
      home
      ./tool

      """
    #expect(world.output(seen, on: worktree) == expected)
    _ = world.run("rm -rf * ~/*", on: worktree)
    #expect(world.output(seen, on: worktree) == expected)
  }

  @Test(.enabled(if: geteuid() == 0)) func `needs no privileges`() async throws {
    await #expect(processExitsWith: .success) {
      guard setgroups(0, nil) == 0, setregid(65534, 65534) == 0, setreuid(65534, 65534) == 0 else { exit(9) }
      let world = try World(.copy)
      let worktree = try world.worktree(["a": .file("a\n"), "gone": .file(""), "src/x": .file("x\n")])
      guard world.prepare(worktree, World.step("rm gone; echo 1 > built; chmod 0 built", keep: []))?.verdict == .passed
      else { exit(1) }
      for _ in 1...2 {
        guard world.output("ls; cat a src/x", on: worktree) == "a\nbuilt\nsrc\na\nx\n" else { exit(2) }
        guard world.run("echo evil > a; rm src/x; mkdir -p p/q; chmod 0 p/q p src .", on: worktree)?.verdict == .passed
        else { exit(3) }
      }
      remove(world.root)
      exit(0)
    }
  }
}
