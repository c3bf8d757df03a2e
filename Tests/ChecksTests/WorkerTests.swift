import Checks
import Domain
import Glibc
import Testing

@Suite struct `The worker itself` {
  @Test func `takes everything with it when it is killed`() async throws {
    let mark = "984\(getpid())"
    let root = try newFolder()
    defer { remove(root) }
    await #expect(processExitsWith: .signal(SIGKILL)) { [mark = mark as String, root = root as String] in
      let world = try World(root: root)
      let worktree = try world.worktree(["a": .file("")])
      let command = "trap '' TERM HUP; setsid sleep \(mark) & setsid sh -c 'sleep \(mark); true' & sleep \(mark)"
      _ = world.run(
        command, on: worktree,
        shouldStop: {
          let running = commandLines().count { $0.hasPrefix("sleep") && $0.contains(mark) }
          if running == 3 { kill(getpid(), SIGKILL) }
          return false
        })
    }
    // The kernel ends the chain of parents after the worker; nothing else has to happen.
    let deadline = ContinuousClock.now + .seconds(20)
    while commandLines().contains(where: { $0.contains(mark) }), ContinuousClock.now < deadline { sched_yield() }
    #expect(commandLines().allSatisfy { !$0.contains(mark) })
    let mounts = try #require(text(of: "/proc/self/mountinfo"))
    #expect(!mounts.contains(root))

    #expect(names(at: "\(root)/worktrees").contains { $0.hasPrefix("candidate-") })
    let world = try World(root: root)
    #expect(world.isClean)
  }

  @Test(.enabled(if: geteuid() == 0)) func `needs no privileges`() async throws {
    await #expect(processExitsWith: .success) {
      guard setgroups(0, nil) == 0, setregid(65534, 65534) == 0, setreuid(65534, 65534) == 0 else { exit(9) }
      let world = try World()
      guard world.sandbox.mode == .overlay else { exit(1) }
      let base = try world.worktree(["a": .file("a\n"), "gone": .file(""), "folder/x": .file("")])
      let worktree = try world.worktree(["a": .file("b\n"), "new": .file("")])
      let setup = world.runner.prepare(worktree, with: [.init(run: "cat a > built; rm new")], as: world.plan)
      guard setup?.verdict == .passed else { exit(2) }
      guard
        world.output("ls; cat built; id -u; unshare -Ur true; echo $?", on: worktree).hasPrefix("a\nbuilt\nb\n65534\n")
      else {
        exit(3)
      }
      guard world.run("mkdir -p x/y; echo 1 > x/y/z; mv x w; chmod 0 w; exit 3", on: worktree)?.verdict == .failed
      else { exit(4) }
      guard world.output("ls", on: base) == "a\nfolder\ngone\n" else { exit(5) }
      let (runner, plan) = (world.runner, world.plan)
      atOnce(8) { number in
        for _ in 1...5 {
          let check = Policy.Check(name: "\(number)", run: "cat built && touch \(number)")
          let result = runner.run(check, key: CheckKey(digest: .emptyTree), on: worktree, as: plan)
          guard result?.verdict == .passed else { exit(8) }
        }
      }
      let shadow = world.run("cat /etc/shadow", on: base)
      guard shadow?.verdict == .failed else { exit(6) }
      base.remove()
      worktree.remove()
      world.worktrees.sweep()
      guard world.names(in: "worktrees").allSatisfy({ $0.hasPrefix("base-") }) else { exit(7) }
      remove(world.root)
      exit(0)
    }
  }

  @Test func `tells an administrator what works`() throws {
    var settings = SandboxSettings()
    settings.readOnlyPaths = ["/nowhere/to/be/found"]
    let world = try World(settings)
    let report = world.sandbox.report(folder: "\(world.root)/worktrees")
    #expect(report.isUsable)
    #expect(
      report.lines.filter(\.isProblem).map(\.text) == [
        "sluice.sandboxReadOnly names /nowhere/to/be/found, which is not there"
      ])
    #expect(
      report.lines.contains {
        $0.text.hasPrefix("checks run in bubblewrap 0.") || $0.text.hasPrefix("checks run in bubblewrap 1.")
      })
    #expect(report.lines.contains { $0.text.hasPrefix("overlays can be mounted") })
    #expect(world.names(in: "worktrees").isEmpty)
  }

  @Test func `tells an administrator what is missing`() throws {
    var settings = SandboxSettings()
    settings.bubblewrapPaths = ["/nowhere/bwrap"]
    let world = try World(settings)
    let report = world.sandbox.report(folder: "\(world.root)/worktrees")
    #expect(!report.isUsable)
    #expect(
      report.lines.first { $0.isProblem }?.text
        == "no check can be run: bubblewrap is not installed (apt-get install bubblewrap)")
  }
}
