import Checks
import Domain
import Glibc
import Synchronization
import Testing

@Suite struct `What a setup keeps` {
  @Test(arguments: modes) func `it is made once, and made again when its key changes`(mode: Sandbox.Mode) throws {
    let world = try World(mode)
    let make = World.step("mkdir .venv && cat /proc/sys/kernel/random/uuid > .venv/id", keep: [".venv"])
    let first = try world.worktree(["a": .file("a\n")])
    #expect(world.prepare(first, make)?.reusedCount == 0)
    let second = try world.worktree(["a": .file("b\n")])
    #expect(world.prepare(second, make)?.reusedCount == 1)
    let id = world.output("cat .venv/id", on: first)
    #expect(id.count == 37)
    #expect(world.output("cat .venv/id", on: second) == id)
    first.remove()
    second.remove()

    // The next worker finds it again; a half one goes.
    let folder = "\(world.root)/worktrees"
    let kept = try #require(world.names(in: "worktrees").first { $0.hasPrefix("kept-") })
    mkdir("\(folder)/unfinished-\(kept)", 0o755)
    mkdir("\(folder)/kept-\(String(repeating: "1", count: 40))-00000000-00000000-00000001", 0o755)
    let next = try World(mode, root: world.root, isOwner: false)
    #expect(names(at: folder).filter { !$0.hasPrefix("base-") } == [kept])
    next.content = world.content
    let third = try next.worktree(["a": .file("c\n")])
    #expect(next.prepare(third, make)?.reusedCount == 1)
    #expect(next.output("cat .venv/id", on: third) == id)

    let other = World.step("mkdir .venv && cat /proc/sys/kernel/random/uuid > .venv/id", keep: [".venv"], key: 2)
    let fourth = try next.worktree(["a": .file("c\n")])
    #expect(next.prepare(fourth, other)?.reusedCount == 0)
    #expect(next.output("cat .venv/id", on: fourth) != id)
  }

  @Test(arguments: modes) func `nothing else of the step is left, not even for the candidate it was run for`(
    mode: Sandbox.Mode
  ) throws {
    let world = try World(mode)
    let plant = World.step(
      """
      mkdir -p deep/er; echo kept > deep/er/kept; echo planted > planted; echo planted > deep/planted
      echo planted > ~/planted; echo changed > a; rm gone; touch -d 2001-01-01 src/old
      """, keep: ["deep/er"])
    let files: [String: MemoryContent.Entry] = ["a": .file("a\n"), "gone": .file(""), "src/old": .file("")]
    for reusedCount in 0...1 {
      let worktree = try world.worktree(files)
      #expect(world.prepare(worktree, plant)?.reusedCount == reusedCount)
      let seen = world.output(
        "find . ~ -mindepth 1 | sort; cat a deep/er/kept; find src -newermt 2010-01-01", on: worktree)
      #expect(seen == "./a\n./deep\n./deep/er\n./deep/er/kept\n./gone\n./src\n./src/old\na\nkept\nsrc\nsrc/old\n")
    }
  }

  @Test(arguments: modes) func `a check cannot poison it`(mode: Sandbox.Mode) throws {
    let world = try World(mode)
    let make = World.step("mkdir -p .venv/bin && echo good > .venv/bin/tool && touch .venv/other", keep: [".venv"])
    let first = try world.worktree(["a": .file("a\n")])
    #expect(world.prepare(first, make)?.verdict == .passed)
    let poison = """
      touch -r .venv/bin/tool /tmp/time && echo evil > .venv/bin/tool && touch -r /tmp/time .venv/bin/tool
      rm .venv/other && ln -s / .venv/root && echo planted > .venv/planted && chmod 777 .venv && cat .venv/bin/tool
      """
    #expect(world.output(poison, on: first) == "evil\n")
    let list = "cat .venv/bin/tool; find .venv -printf '%m %p\\n' | sort"
    let good = "good\n644 .venv/bin/tool\n644 .venv/other\n755 .venv\n755 .venv/bin\n"
    #expect(world.output(list, on: first) == good)
    let second = try world.worktree(["a": .file("a\n")])
    #expect(world.prepare(second, make)?.reusedCount == 1)
    #expect(world.output(list, on: second) == good)
  }

  @Test(arguments: ["a", "src", "src/main", "a/b", "link/b", "module", "added", "added/x"], modes)
  func `a path with files of the repository is not kept, since it would hide them`(path: String, mode: Sandbox.Mode)
    throws
  {
    let world = try World(mode)
    let files: [String: MemoryContent.Entry] = [
      "a": .file("a\n"), "src/main": .file(""), "link": .link("src"), "module": .submodule, "gone": .file(""),
    ]
    let base = try world.worktree(files)
    let candidate = try world.worktree(files.filter { $0.key != "gone" }.merging(["added/x": .file("")]) { $1 })
    let step = World.step("echo ran; exit 1", keep: [path])
    let result = world.prepare(candidate, step)
    #expect(result?.verdict == .notRun)
    #expect(
      result?.reason
        == "`echo ran; exit 1` keeps \(path), where the repository has files: nothing may hide these")
    base.remove()
    // What this candidate does not have can be kept for it.
    #expect(
      world.prepare(candidate, World.step("echo 1 > gone; mkdir src/new", keep: ["gone", "src/new"]))?.verdict
        == .passed)
    #expect(world.output("cat gone; ls src", on: candidate) == "1\nmain\nnew\n")
  }

  @Test(arguments: modes) func `links in it lead nowhere`(mode: Sandbox.Mode) throws {
    let world = try World(mode)
    write("secret\n", to: "\(world.root)/secret")
    mkdir("\(world.root)/outside", 0o777)
    write("", to: "\(world.root)/outside/file")
    let way = World.step("ln -s \(world.root)/outside way", keep: ["way/file"])
    let first = try world.worktree(["a": .file("")])
    let result = world.prepare(first, way)
    #expect(result?.verdict == .notRun)
    #expect(
      result?.reason?.hasSuffix("/outside way` is to keep way/file, but made nothing there") == true)

    let links = World.step(
      "mkdir cache; ln -s \(world.root)/outside cache/way; ln -s \(world.root)/secret secret",
      keep: ["cache", "secret"],
      key: 2)
    let second = try world.worktree(["a": .file("")])
    #expect(world.prepare(second, links)?.verdict == .passed)
    #expect(world.output("cat secret cache/way/file 2>&1 | grep -c 'No such file'", on: second) == "2\n")
    second.remove()
    first.remove()
    // Whoever removes it follows nothing either.
    try world.makeSurplus()
    #expect(names(at: "\(world.root)/outside") == ["file"])
    #expect(text(of: "\(world.root)/secret") == "secret\n")
  }

  @Test(arguments: modes) func `a step that fails keeps nothing, and is run again`(mode: Sandbox.Mode) throws {
    let world = try World(mode)
    let fail = World.step("mkdir .venv; test -e a && exit 3; true", keep: [".venv"])
    let first = try world.worktree(["a": .file("")])
    #expect(world.prepare(first, fail)?.reason == "`mkdir .venv; test -e a && exit 3; true` failed with exit status 3")
    #expect(world.names(in: "worktrees").allSatisfy { !$0.hasPrefix("kept-") })
    #expect(world.prepare(first, World.step("mkdir .venv; sleep 981", keep: [".venv"]), shouldStop: { true }) == nil)
    let second = try world.worktree(["b": .file("")])
    let result = world.prepare(second, fail)
    #expect(result?.verdict == .passed)
    #expect(result?.reusedCount == 0)
  }

  @Test(arguments: modes) func `who needs it while another makes it waits for it`(mode: Sandbox.Mode) throws {
    let world = try World(mode)
    let make = World.step("sleep 0.3; mkdir k; cat /proc/sys/kernel/random/uuid > k/id", keep: ["k"])
    let trees = (0..<4).map { world.content.store(["a": .file("\($0)")]) }
    let (content, worktrees, runner, plan) = (world.content, world.worktrees, world.runner, world.plan)
    let counts = Mutex<[Int]>([])
    atOnce(4) { number in
      var content = content
      do {
        let worktree = try worktrees.make(trees[number], from: &content)
        let result = runner.prepare(worktree, with: [make], as: plan)
        counts.withLock { $0.append(result?.reusedCount ?? -1) }
      } catch {
        Issue.record(error)
      }
    }
    #expect(counts.withLock { $0.sorted() } == [0, 1, 1, 1])
    #expect(world.names(in: "worktrees").count { $0.hasPrefix("kept-") } == 1)
  }

  @Test(arguments: modes) func `steps lie over one another in their order`(mode: Sandbox.Mode) throws {
    let world = try World(mode)
    let steps = [
      World.step("mkdir k; echo one > k/a; echo one > k/b; echo one > k/gone", keep: ["k"]),
      World.step("echo two > k/b; echo two > k/c; echo two > free", keep: [], key: 2),
      World.step("cat k/b free > k/seen; echo three > k/c; rm k/gone; mv k/a k/moved; mkdir k/d", keep: ["k"], key: 3),
      World.step("cat k/c > last; rmdir k/d", keep: [], key: 4),
    ]
    for reusedCount in [0, 2, 2] {
      let worktree = try world.worktree(["a": .file("\(reusedCount)")])
      let result = world.prepare(worktree, steps)
      #expect(result?.verdict == .passed)
      #expect(result?.reusedCount == reusedCount)
      #expect(
        world.output("ls . k; cat k/moved k/b k/c k/seen last", on: worktree)
          == ".:\na\nfree\nk\nlast\n\nk:\nb\nc\nmoved\nseen\none\ntwo\nthree\ntwo\ntwo\nthree\n")
    }
  }

  @Test(arguments: modes) func `the longest unused goes first, one in use never, and what stood on it is made again`(
    mode: Sandbox.Mode
  ) throws {
    let world = try World(mode)
    let one = World.step("mkdir k; cat /proc/sys/kernel/random/uuid > k/id", keep: ["k"])
    let two = World.step("cp k/id k/copy", keep: ["k"], key: 2)
    let used = try world.worktree(["a": .file("")])
    #expect(world.prepare(used, [one, two])?.verdict == .passed)
    try world.makeSurplus()
    #expect(world.names(in: "worktrees").count { $0.hasPrefix("kept-") } == 20)
    let again = try world.worktree(["a": .file("")])
    #expect(world.prepare(again, [one, two])?.reusedCount == 2)
    again.remove()
    used.remove()

    try world.makeSurplus(from: 200)
    #expect(world.names(in: "worktrees").count { $0.hasPrefix("kept-") } == 20)
    let last = try world.worktree(["a": .file("")])
    #expect(world.prepare(last, [one, two])?.reusedCount == 0)
    #expect(world.output("cmp k/id k/copy && echo same", on: last) == "same\n")

    // Only the first is missing now: what stands on another first one is of no use.
    last.remove()
    let other = try world.worktree(["a": .file("")])
    let first = try #require(
      world.names(in: "worktrees").first { $0.hasPrefix("kept-\(World.key(1).digest.hex)-") })
    remove("\(world.root)/worktrees/\(first)")
    let next = try World(mode, root: world.root, isOwner: false)
    next.content = world.content
    #expect(next.prepare(other, [one, two])?.reusedCount == 0)
    #expect(next.output("cmp k/id k/copy && echo same", on: other) == "same\n")
  }

  @Test(.enabled(if: geteuid() == 0)) func `a worker without privileges keeps too`() async throws {
    await #expect(processExitsWith: .success) {
      guard setgroups(0, nil) == 0, setregid(65534, 65534) == 0, setreuid(65534, 65534) == 0 else { exit(9) }
      for mode in modes {
        let world = try World(mode)
        let steps = [
          World.step("mkdir -p d/k e; echo 1 > d/k/a; chmod 500 d/k; chmod 0 e", keep: ["d/k", "e"]),
          World.step("chmod 700 d/k; rm d/k/a; echo 2 > d/k/b", keep: ["d/k"], key: 2),
        ]
        for reusedCount in [0, 2] {
          let worktree = try world.worktree(["a": .file("a\n")])
          let result = world.prepare(worktree, steps)
          guard result?.verdict == .passed, result?.reusedCount == reusedCount else { exit(Int32(1 + reusedCount)) }
          guard world.output("ls . d/k; cat d/k/b; touch d/k/x", on: worktree) == ".:\na\nd\ne\n\nd/k:\nb\n2\n" else {
            exit(5)
          }
        }
        remove(world.root)
      }
      exit(0)
    }
  }
}

extension World {
  /// A key by its number.
  static func key(_ number: UInt8) -> CheckKey {
    guard let id = ObjectID(bytes: [UInt8](repeating: number, count: 20)) else { preconditionFailure("20 bytes") }
    return CheckKey(digest: id)
  }

  static func step(_ run: String, keep: [String], key: UInt8 = 1) -> PlannedSetup {
    var setup = Policy.Setup(run: run)
    setup.keep = keep
    return PlannedSetup(setup: setup, key: World.key(key))
  }

  func prepare(
    _ worktree: Worktree, _ steps: PlannedSetup..., shouldStop: () -> Bool = { false }
  ) -> SetupResult? { prepare(worktree, steps, shouldStop: shouldStop) }

  func prepare(
    _ worktree: Worktree, _ steps: [PlannedSetup], shouldStop: () -> Bool = { false }
  ) -> SetupResult? { runner.prepare(worktree, with: steps, as: plan, shouldStop: shouldStop) }

  /// Keeps more than is kept.
  func makeSurplus(from number: UInt8 = 100) throws {
    for key in number..<(number + 25) {
      let worktree = try worktree(["a": .file("")])
      _ = prepare(worktree, Self.step("mkdir surplus", keep: ["surplus"], key: key))
    }
  }
}
