import Domain
import Foundation
import Testing

/// Many submissions at once: who lands, who is refused, and who is tested how often.
@Suite struct TrainStories {
  private static func base(run: String = World.gatedTest, workers: Int = 2, _ more: String = "") -> Base {
    .judged(
      by:
        "version: 1\nqueue: { workers: \(workers) }\nchecks:\n  tests:\n    run: |\n      \(run)\n    results: junit\n\(more)"
    )
  }

  /// Work that adds one test case, which passes or fails.
  private static func work(_ name: String, fails: Bool = false, _ more: [String: Work.Content] = [:]) -> Work {
    Work(name, ["cases/\(name)": fails ? "FAIL\n" : "fine\n"].merging(more) { $1 })
  }

  @Test func `a head that fails is refused, and the one behind it lands`() async throws {
    try await World.run(Self.base()) { world in
      let base = try await world.client.fetch()
      let bad = try await world.client.start(Self.work("bad", fails: true).with { $0.parent = base })
      try await bad.says("integrating on")
      let good = try await world.client("bob").start(Self.work("good").with { $0.parent = base })
      try await good.says("integrating on")
      try world.release("bad")
      Push(try await bad.ended()).expectRefused("test_failures", "1 of 3 tests failed")
      try world.release("good")
      #expect(Push(try await good.ended()).status == 0)
      #expect(try await world.server.history() == ["base", "Work on good"])
    }
  }

  @Test func `of eight pushed at once with one bad among them seven land`() async throws {
    try await World.run(Self.base()) { world in
      let pushes = try await Self.pushAtOnce(1...8, in: world) { Self.work("w\($0)", fails: $0 == 4) }
      #expect(pushes.filter { $0.status == 0 }.count == 7, "\(pushes)")
      let refused = try #require(pushes.first { $0.status != 0 })
      refused.expectRefused("test_failures", "cases.w4")
      #expect(try await world.server.history().count == 1 + 7)
    }
  }

  @Test func `fifty pushers are answered each for their own`() async throws {
    try await World.run(Self.base(run: "sh test.sh")) { world in
      let bad: Set<Int> = [7, 8, 23, 40]
      let pushes = try await Self.pushAtOnce(1...50, in: world) { Self.work("w\($0)", fails: bad.contains($0)) }
      for (number, push) in zip(1...50, pushes) {
        #expect((push.status == 0) == !bad.contains(number), "\(number): \(push)")
      }
      #expect(try await world.server.history().count == 1 + 46)
    }
  }

  @Test func `as many checks run at the same time as there are workers, however few processors`() async throws {
    let workers = 6
    let run = "touch $SLUICE_RESULTS/started; until [ -e GATE/go ]; do sleep 0.05; done; sh test.sh"
    try await World.run(Self.base(run: run, workers: workers)) { world in
      let base = try await world.client.fetch()
      var clients: [TestClient] = []
      for number in 1...workers { clients.append(try await world.client("agent\(number)")) }
      var pushes: [Program] = []
      for (number, client) in zip(1...workers, clients) {
        pushes.append(try await client.start(Work("w\(number)", ["new/\(number)": "x\n"]).with { $0.parent = base }))
      }
      let worktrees = world.server.repository + "/sluice/worktrees"
      func started() -> Int {
        let files = FileManager.default.enumerator(atPath: worktrees)?.compactMap { $0 as? String } ?? []
        return files.count { $0.hasSuffix("/results/started") }
      }
      let deadline = ContinuousClock.now + .seconds(60)
      while started() < workers, ContinuousClock.now < deadline { await Task.yield() }
      #expect(started() == workers)
      try world.release()
      #expect(try await Self.answers(pushes).allSatisfy { $0.status == 0 })
    }
  }

  @Test func `two that break only together: the later one is refused`() async throws {
    let run = "if [ -e left -a -e right ]; then echo both; exit 1; fi; sh test.sh"
    try await World.run(Self.base(run: run, workers: 1)) { world in
      let changes: [[String: Work.Content]] = [["left": "x\n"], ["middle": "x\n"], ["right": "x\n"], ["last": "x\n"]]
      let pushes = try await Self.pushTogether(
        changes.enumerated().map { Work("p\($0.offset)", $0.element) }, in: world)
      #expect(pushes.status == 1)
      #expect(try await world.server.history() == ["base", "Work on p0", "Work on p1", "Work on p3"])
    }
  }

  @Test func `a conflict whose cause fails is no conflict`() async throws {
    try await World.run(Self.base()) { world in
      let base = try await world.client.fetch()
      let cause = Self.work("cause", fails: true, ["a.txt": "theirs\n"]).with { $0.parent = base }
      let first = try await world.client.start(cause)
      try await first.says("integrating on")
      let victim = Self.work("victim", ["a.txt": "ours\n"]).with { $0.parent = base }
      let second = try await world.client("bob").start(victim)
      try await second.says("position 2 of 2")
      try world.release("cause", "victim")
      Push(try await first.ended()).expectRefused("test_failures")
      #expect(Push(try await second.ended()).status == 0)
      #expect(try await world.server.file("a.txt") == "ours\n")
    }
  }

  @Test func `a conflict whose cause lands is refused, and told what landed`() async throws {
    try await World.run(Self.base()) { world in
      let base = try await world.client.fetch()
      let first = try await world.client.start(Self.work("cause", ["a.txt": "theirs\n"]).with { $0.parent = base })
      try await first.says("integrating on")
      let victim = Self.work("victim", ["a.txt": "ours\n"]).with { $0.parent = base }
      let second = try await world.client("bob").start(victim)
      try await second.says("position 2 of 2")
      try world.release("cause", "victim")
      #expect(Push(try await first.ended()).status == 0)
      Push(try await second.ended()).expectRefused(
        "merge_conflicts", "conflict in a.txt", "landed meanwhile", "Work on cause")
    }
  }

  @Test func `what is withdrawn in the middle leaves the others where they were`() async throws {
    try await World.run(Self.base(workers: 3)) { world in
      var pushes: [Program] = []
      for name in ["first", "middle", "last"] {
        pushes.append(try await world.client(name).start(Self.work(name)))
        try await pushes.last?.says("integrating on")
      }
      let cancelled = try await world.client("middle").push([":refs/heads/submit/middle"])
      #expect(cancelled.status == 0, "\(cancelled)")
      try world.release("first", "middle", "last")
      let answers = try await Self.answers(pushes)
      #expect(answers.map(\.status) == [0, 1, 0], "\(answers)")
      #expect(try await world.server.history() == ["base", "Work on first", "Work on last"])
    }
  }

  @Test func `an urgent submission overtakes what waits`() async throws {
    try await World.run(Self.base(workers: 1)) { world in
      let first = try await world.client.start(Self.work("first"))
      try await first.says("integrating on")
      let second = try await world.client("bob").start(Self.work("second"))
      try await second.says("position 2 of 2")
      let urgent = try await world.client("eve").start(Self.work("urgent"), "priority=urgent")
      try await urgent.says("integrating on")
      try world.release("first", "second", "urgent")
      let answers = try await Self.answers([first, second, urgent])
      #expect(answers.allSatisfy { $0.status == 0 }, "\(answers)")
      #expect(try await world.server.history().prefix(2) == ["base", "Work on urgent"])
    }
  }

  @Test func `a check whose inputs did not change is not run again, and nobody waits for others' inputs`() async throws
  {
    let policy = """
      version: 1
      queue: { workers: 2 }
      checks:
        left: { run: 'until [ -e GATE/go ]; do sleep 0.02; done', inputs: [left/**] }
        right: { run: 'test ! -e right/bad', inputs: [right/**] }
      """
    try await World.run(.judged(by: policy)) { world in
      try world.release()
      let first = try await world.client.submit(Work("first", ["left/a": "1\n", "right/b": "1\n"]))
      #expect(first.status == 0, "\(first)")
      try world.hold()
      let slow = try await world.client.start(Work("slow", ["left/a": "x\n"]))
      try await slow.says("integrating on")
      let quick = try await world.client("bob").submit(Work("quick", ["right/b": "x\n"]))
      #expect(quick.status == 0, "it waits for nobody whose inputs are not its own: \(quick)")
      try world.release()
      #expect(Push(try await slow.ended()).status == 0)
      #expect(try await world.server.history() == ["base", "Work on first", "Work on quick", "Work on slow"])
    }
  }

  @Test func `a batch that times out blames only the one that hangs`() async throws {
    let policy = """
      version: 1
      queue: { workers: 1 }
      checks:
        tests: { run: 'if [ -e hangs ]; then sleep 60; fi; sh test.sh', results: junit, timeout: 2s }
      """
    try await World.run(.judged(by: policy)) { world in
      let works = [Work("t0", ["x0": "x\n"]), Work("t1", ["hangs": "x\n"]), Work("t2", ["x2": "x\n"])]
      let push = try await Self.pushTogether(works, in: world)
      #expect(push.status == 1)
      #expect(push.text.contains("timed_out"), "\(push)")
      #expect(try await world.server.history() == ["base", "Work on t0", "Work on t2"])
    }
  }

  @Test func `a stack lands in one move of the target`() async throws {
    try await World.run(Self.base(run: "sh test.sh", workers: 2)) { world in
      let base = try await world.client.fetch()
      let lower = Work("lower", ["lower": "x\n"]).with { $0.parent = base }
      let upper = Work("upper", ["upper": "x\n"]).with { $0.parent = base }
      _ = try await world.server.sluice("pause")
      let first = try await world.client.start(lower)
      try await first.says("position 1 of 1")
      let second = try await world.client("bob").start(upper, "depends-on=lower")
      try await second.says("position 2 of 2")
      _ = try await world.server.sluice("resume")
      let answers = try await Self.answers([first, second])
      #expect(answers.allSatisfy { $0.status == 0 }, "\(answers)")
      let moves = try await world.server.git("reflog", "show", "--format=%H", "refs/heads/main").split(separator: "\n")
      let landed = try await world.server.history()
      #expect(moves.count == 1 && landed.count == 3, "\(moves)")
    }
  }

  @Test func `a circle of dependencies is refused with the chain`() async throws {
    try await World.run { world in
      _ = try await world.server.sluice("pause")
      let one = try await world.client.start(Work("one", ["1": "1\n"]))
      try await one.says("position 1 of 1")
      let two = try await world.client("bob").start(Work("two", ["2": "x\n"]), "depends-on=one")
      try await two.says("position 2 of 2")
      let again = try await world.client.submit(Work("one", ["1": "2\n"]), "depends-on=two")
      again.expectRefused("invalid_push", "it depends on itself: one needs two needs one")
      _ = try await world.server.sluice("resume")
      // Whoever waited for the old version waits for the new one, which is refused.
      #expect(try await Self.answers([one, two]).map(\.status) == [1, 1])
    }
  }

  @Test func `a pass at the second attempt is a flake: shown, counted by test, and not taken for an answer`()
    async throws
  {
    let run = "[ $SLUICE_ATTEMPT = 2 ] || echo FAIL > cases/one; sh test.sh"
    let policy = "version: 1\nchecks:\n  tests: { run: '\(run)', results: junit, retries: 1 }\n"
    try await World.run(.judged(by: policy)) { world in
      let object = try await world.client.make(Work("shaky", ["s": "x\n"]))
      let verified = try await world.client.push(["\(object):refs/heads/submit/shaky"], ["dry-run"])
      #expect(verified.text.contains("(flaky: passed on retry)"), "\(verified)")
      let landed = try await world.client.push(["\(object):refs/heads/submit/shaky"])
      #expect(landed.status == 0 && !landed.text.contains("(known)"), "\(landed)")
      let stats = try await world.server.json("stats")
      #expect(stats["flaky_tests"]?.array?.first?["name"]?.string == "cases.one", "\(stats)")
    }
  }

  @Test func `frozen, a target lets urgent submissions through and nothing else`() async throws {
    try await World.run { world in
      _ = try await world.server.sluice("freeze")
      let normal = try await world.client.start(Work("normal", ["n": "x\n"]))
      try await normal.says("position 1 of 1")
      let urgent = try await world.client("eve").submit(Work("urgent", ["u": "x\n"]), "priority=urgent")
      #expect(urgent.status == 0, "\(urgent)")
      _ = try await world.server.sluice("resume")
      #expect(Push(try await normal.ended()).status == 0)
      #expect(try await world.server.history() == ["base", "Work on urgent", "Work on normal"])
    }
  }

  @Test func `what an administrator promotes goes first`() async throws {
    try await World.run { world in
      _ = try await world.server.sluice("pause")
      let one = try await world.client.start(Work("one", ["1": "x\n"]))
      try await one.says("position 1 of 1")
      let two = try await world.client("bob").start(Work("two", ["2": "x\n"]))
      try await two.says("position 2 of 2")
      let promoted = try await world.server.sluice("promote", "two")
      #expect(promoted.status == 0, "\(promoted.text)")
      _ = try await world.server.sluice("resume")
      #expect(try await Self.answers([one, two]).allSatisfy { $0.status == 0 })
      #expect(try await world.server.history() == ["base", "Work on two", "Work on one"])
    }
  }

  /// Pushes by as many agents at the same time, all on the same commit; their answers in order.
  private static func pushAtOnce(
    _ numbers: ClosedRange<Int>, in world: World, _ work: @escaping @Sendable (Int) -> Work
  ) async throws -> [Push] {
    let base = try await world.client.fetch()
    var clients: [TestClient] = []
    for number in numbers {
      try world.release("w\(number)")
      clients.append(try await world.client("agent\(number)"))
    }
    return try await withThrowingTaskGroup(of: (Int, Push).self) { group in
      for (number, client) in zip(numbers, clients) {
        group.addTask { (number, try await client.submit(work(number).with { $0.parent = base })) }
      }
      return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  /// One push of several submissions.
  private static func pushTogether(_ works: [Work], in world: World) async throws -> Push {
    let base = try await world.client.fetch()
    var refspecs: [String] = []
    for work in works {
      let object = try await world.client.make(work.with { $0.parent = base })
      refspecs.append("\(object):\(work.pushedRef)")
    }
    return try await world.client.push(refspecs)
  }

  private static func answers(_ pushes: [Program]) async throws -> [Push] {
    var answers: [Push] = []
    for push in pushes { answers.append(Push(try await push.ended())) }
    return answers
  }
}
