import Checks
import Domain
import Glibc
import Synchronization
import Testing

@Suite struct `Many at once` {
  @Test(arguments: modes) func `eight candidates are made and run at the same time, each with its own files`(
    mode: Sandbox.Mode
  ) throws {
    let world = try World(mode)
    let trees = (0..<8).map { number in
      world.content.store(["same": .file("same\n"), "own": .file("\(number)\n"), "f/\(number)": .file("")])
    }
    let (content, worktrees, runner, plan) = (world.content, world.worktrees, world.runner, world.plan)
    let seen = Mutex<[Int: Verdict]>([:])
    atOnce(8) { number in
      var content = content
      do {
        let worktree = try worktrees.make(trees[number], from: &content)
        var check = Policy.Check(name: "check-\(number)", run: "")
        check.run = "test \"$(cat own; cat same; ls f; ls | wc -l)\" = \"\(number)\nsame\n\(number)\n3\" && touch left"
        for _ in 1...3 {
          let result = runner.run(check, key: CheckKey(digest: .emptyTree), on: worktree, as: plan)
          seen.withLock { $0[number] = $0[number].map { $0 == .passed ? result?.verdict : $0 } ?? result?.verdict }
        }
        worktree.remove()
      } catch {
        Issue.record(error)
      }
    }
    #expect(seen.withLock { $0 } == Dictionary(uniqueKeysWithValues: (0..<8).map { ($0, .passed) }))
    // They waited for the one base that all of them needed.
    #expect(world.names(in: "worktrees").count { $0.hasPrefix("base-") } == 1)
    #expect(world.isClean)
  }

  @Test(arguments: modes) func `checks of one candidate run at the same time and see nothing of one another`(
    mode: Sandbox.Mode
  ) throws {
    let world = try World(mode)
    let worktree = try world.worktree(["a": .file("a\n")])
    let setup = [Policy.Setup(run: "echo built > built")]
    #expect(world.runner.prepare(worktree, with: setup, as: world.plan)?.verdict == .passed)
    let (runner, plan) = (world.runner, world.plan)
    let key = CheckKey(digest: .emptyTree)

    // None of them ends before all of them run.
    let running = Mutex<Set<Int>>([])
    let mark = "982\(getpid())"
    atOnce(6) { number in
      let check = Policy.Check(name: "long-\(number)", run: "echo \(number) > mine; sleep \(mark)")
      let result = runner.run(check, key: key, on: worktree, as: plan) {
        running.withLock { running in
          running.insert(number)
          return running.count == 6
        }
      }
      #expect(result == nil)
    }
    #expect(running.withLock { $0.count } == 6)

    let verdicts = Mutex<[Verdict?]>([])
    atOnce(6) { number in
      let command = "ls | tr '\\n' ' ' | grep -x 'a built ' && cat built && rm a && echo \(number) > mine && ls"
      let result = runner.run(Policy.Check(name: "short-\(number)", run: command), key: key, on: worktree, as: plan)
      verdicts.withLock { $0.append(result?.verdict) }
    }
    #expect(verdicts.withLock { $0 } == Array(repeating: .passed, count: 6))
    worktree.remove()
    #expect(world.isClean)
  }

  @Test(arguments: modes) func `a candidate that is let go of keeps its files until its last command has ended`(
    mode: Sandbox.Mode
  ) throws {
    let world = try World(mode)
    let worktree = try world.worktree(["a": .file("a\n")])
    let verdict = world.run("for i in 1 2 3 4 5 6 7 8; do sleep 0.05; cat a; done", on: worktree) {
      $0.timeout = .seconds(20)
    } shouldStop: {
      worktree.remove()
      return false
    }?.verdict
    #expect(verdict == .passed)
    #expect(world.isClean)
  }

  @Test func `a folder that holds no more than a change waits for a quiet moment`() throws {
    let world = try World()
    try world.worktree(["a": .file("a\n")]).remove()
    #expect(world.names(in: "worktrees").contains { $0.hasPrefix("candidate-") })
    world.worktrees.sweep()
    #expect(!world.names(in: "worktrees").contains { $0.hasPrefix("candidate-") })
  }
}
