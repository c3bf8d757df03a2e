import Domain
import Testing

@Suite struct TrainTests {
  @Test func `submissions land in the order they came`() {
    var world = TrainWorld()
    let ids = ["a", "b", "c"].map { world.enqueue($0) }
    world.settle()
    #expect(world.landed == ids)
    #expect(world.train.isEmpty)
  }

  @Test func `each stands on the ones ahead, and they run at the same time`() {
    var world = TrainWorld()
    let a = world.enqueue("a")
    let b = world.enqueue("b")
    #expect(world.runs == [[a], [a, b]])
    world.release(a)
    world.release(a, b)
    #expect(world.landings == [[a], [b]])
    #expect(world.runs.count == 2, "nothing is tested twice")
  }

  @Test func `a candidate that passes proves everything in its path`() {
    var world = TrainWorld()
    let a = world.enqueue("a")
    let b = world.enqueue("b")
    world.release(a, b)
    #expect(world.landings == [[a, b]])
    #expect(world.stopped == 1)
  }

  @Test func `a failed head is refused and the one behind it lands`() {
    var world = TrainWorld()
    let head = world.enqueue("head", .init(isBad: true))
    let next = world.enqueue("next")
    world.release(head)
    #expect(world.ends == [head: .rejected])
    world.release(next)
    #expect(world.ends == [head: .rejected, next: .landed])
  }

  /// What is compared with the target weighs those ahead as well, until they have landed.
  @Test func `a comparison that fails behind another is made again when that one has landed`() {
    var world = TrainWorld(workers: 2)
    world.areComparisons = true
    let a = world.enqueue("a")
    let b = world.enqueue("b")
    world.flakes.insert(world.key(0, [a, b]))
    world.release(a, b)
    world.release(a)
    #expect(world.ends == [a: .landed], "what was measured beside the old base refuses nobody")
    world.settle()
    #expect(world.ends == [a: .landed, b: .landed])
  }

  @Test func `a failure in the middle evicts its owner and waits for nobody`() {
    var world = TrainWorld(workers: 3)
    let a = world.enqueue("a")
    let bad = world.enqueue("bad", .init(isBad: true))
    let c = world.enqueue("c")
    world.release(a, bad)
    #expect(world.runs.contains([a, c]), "the one behind is rebuilt at once")
    #expect(world.ends.isEmpty, "nobody is refused with something unproven ahead")
    world.release(a)
    #expect(world.ends == [a: .landed, bad: .rejected])
    world.release(a, c)
    #expect(world.ends[c] == .landed)
  }

  @Test func `a check of a later stage runs when the earlier ones have passed, and the first failure ends it`() {
    var world = TrainWorld(workers: 3)
    world.isStaged = true
    let good = world.enqueue("good", .init(areas: [0, 1]))
    #expect(world.running.count == 1)
    world.settle()
    #expect(world.runs.count == 2)
    #expect(world.ends == [good: .landed])
    let bad = world.enqueue("bad", .init(areas: [0, 1, 2], isBad: true))
    world.settle()
    #expect(world.runs.count == 3, "nothing later is run")
    #expect(world.ends[bad] == .rejected)
  }

  @Test func `the first failure stops what cannot change the verdict`() {
    var world = TrainWorld(workers: 3)
    let bad = world.enqueue("bad", .init(areas: [0, 1, 2], isBad: true))
    #expect(world.running.count == 3)
    if let first = world.running.keys.first { world.finish(first) }
    #expect(world.ends == [bad: .rejected])
    #expect(world.stopped == 2)
  }

  @Test func `a conflict with something unproven waits for its fate`() {
    var world = TrainWorld()
    let cause = world.enqueue("cause", .init(isBad: true))
    let victim = world.enqueue("victim", .init(conflictsWith: [cause]))
    let other = world.enqueue("other")
    #expect(world.ends.isEmpty)
    world.settle()
    #expect(world.ends == [cause: .rejected, victim: .landed, other: .landed])
  }

  @Test func `a conflict with what landed is refused`() {
    var world = TrainWorld()
    let first = world.enqueue("first")
    let second = world.enqueue("second", .init(conflictsWith: [first]))
    world.settle()
    #expect(world.ends == [first: .landed, second: .rejected])
  }

  @Test func `eight that come at once on two workers land in three rounds`() {
    var world = TrainWorld()
    let ids = (1...8).map { world.enqueue("s\($0)") }
    var rounds = 0
    while !world.running.isEmpty {
      rounds += 1
      for key in Array(world.running.keys) where world.running[key] != nil { world.finish(key) }
    }
    #expect(world.landed == ids)
    #expect(rounds <= 3)
  }

  @Test func `a batch that fails is narrowed down to the one at fault`() {
    var world = TrainWorld(workers: 1)
    let first = world.enqueue("first")
    let ids = (1...5).map { world.enqueue("s\($0)", .init(isBad: $0 == 3)) }
    world.release(first)
    #expect(world.runs.last == [first] + ids, "all that wait are tested as one, on what is about to land")
    world.settle()
    #expect(world.ends.filter { $0.value == .rejected }.map(\.key) == [ids[2]])
    #expect(world.landed == [first] + [ids[0], ids[1], ids[3], ids[4]])
  }

  @Test func `of two that fail only together the later one is refused`() {
    var world = TrainWorld(workers: 1)
    let first = world.enqueue("first")
    let early = world.enqueue("early")
    let between = world.enqueue("between")
    let late = world.enqueue("late", .init(breaksWith: [early]))
    world.release(first)
    world.settle()
    #expect(world.ends == [first: .landed, early: .landed, between: .landed, late: .rejected])
  }

  @Test func `a batch failure that does not come again alone evicts nobody`() {
    var world = TrainWorld(workers: 1)
    let first = world.enqueue("first")
    let ids = (1...3).map { world.enqueue("s\($0)") }
    world.flakes.insert(world.key(0, [first] + ids))
    world.release(first)
    world.settle()
    #expect(world.landed == [first] + ids)
  }

  @Test func `what touches nothing that is being tested ahead does not wait for it`() {
    var world = TrainWorld(workers: 3)
    let slow = world.enqueue("slow", .init(areas: [0]))
    let quick = world.enqueue("quick", .init(areas: [1]))
    world.release(quick)
    #expect(world.landings == [[quick]])
    #expect(world.stopped == 0, "the check of the one ahead goes on: its inputs are the same")
    world.release(slow)
    #expect(world.landed == [quick, slow])
    #expect(world.runs.count == 2)
  }

  @Test func `idle workers look at how it would be if the one ahead failed`() {
    var world = TrainWorld(workers: 3)
    let head = world.enqueue("head", .init(isBad: true))
    let next = world.enqueue("next")
    #expect(world.runs == [[head], [head, next], [next]])
    world.release(next)
    world.release(head)
    #expect(world.ends == [head: .rejected, next: .landed], "its answer was known already")
  }

  @Test func `a higher priority goes first, and proven work is not thrown away`() {
    var world = TrainWorld(workers: 1)
    let first = world.enqueue("first")
    let low = world.enqueue("low", priority: .low)
    let urgent = world.enqueue("urgent", priority: .urgent)
    #expect(world.train.order == [urgent, first, low])
    #expect(world.running.values.contains([urgent]), "an urgent one takes the worker of what is farthest back")
    world.settle()
    #expect(world.landed == [urgent, first, low])
  }

  @Test func `nobody waits for ever behind higher priorities`() {
    var world = TrainWorld(workers: 1, window: 1)
    let low = world.enqueue("low", priority: .low)
    var behind = 0
    for number in 0..<100 {
      _ = world.enqueue("high\(number)", priority: .high)
      for key in Array(world.running.keys) { world.finish(key) }
      if world.ends[low] == nil { behind += 1 }
    }
    #expect(world.ends[low] == .landed)
    #expect(behind < 60)
  }

  @Test func `a dry run that passes is verified, lands nothing, and nobody stands on it`() {
    var world = TrainWorld()
    let id = world.enqueue("dry", .init(isDryRun: true))
    let next = world.enqueue("next")
    #expect(world.runs == [[id], [next]])
    world.settle()
    #expect(world.ends == [id: .verified, next: .landed])
    #expect(world.landed == [next])
  }

  @Test func `withdrawing the head lets the ones behind go on without it`() {
    var world = TrainWorld()
    let head = world.enqueue("head")
    let next = world.enqueue("next")
    world.tell(.cancelled(head))
    world.settle()
    #expect(world.ends == [head: .cancelled, next: .landed])
    #expect(world.landed == [next])
  }

  @Test func `a stack lands in one move of the target`() {
    var world = TrainWorld(workers: 1)
    let first = world.enqueue("first")
    let base = world.enqueue("base")
    let top = world.enqueue("top", .init(waitsFor: [base]))
    world.release(first)
    world.settle()
    #expect(world.landings == [[first], [base, top]])
  }

  @Test func `what depends on a refused submission is refused, and so is what depends on that`() {
    var world = TrainWorld()
    let base = world.enqueue("base", .init(isBad: true))
    let middle = world.enqueue("middle", .init(waitsFor: [base]))
    let top = world.enqueue("top", .init(waitsFor: [middle]))
    let other = world.enqueue("other")
    world.settle()
    #expect(world.ends == [base: .rejected, middle: .rejected, top: .rejected, other: .landed])
  }

  @Test func `what depends on an old version waits for the new one`() {
    var world = TrainWorld(workers: 1)
    let first = world.enqueue("first")
    let old = world.enqueue("old")
    let new = TrainWorld.submission("new")
    let top = world.enqueue("top", .init(waitsFor: [old]))
    world.truths[top]?.waitsFor = [new]
    world.tell(.superseded(old, by: new))
    _ = world.enqueue("new")
    world.settle()
    #expect(world.landed == [first, new, top])
  }

  @Test func `nothing stands on a changed policy until it has landed`() {
    var world = TrainWorld()
    let change = world.enqueue("change", .init(changesPolicy: true))
    let next = world.enqueue("next")
    #expect(world.runs == [[change]])
    world.settle()
    #expect(world.landings == [[change], [next]])
  }

  @Test func `an agent does not fill the window beyond its share`() {
    var world = TrainWorld(workers: 2, perAgent: 1)
    let one = world.enqueue("one", agent: "busy")
    let two = world.enqueue("two", agent: "busy")
    let three = world.enqueue("three", agent: "calm")
    #expect(world.runs == [[one], [one, three]])
    world.settle()
    #expect(world.landed == [one, three, two])
  }

  @Test func `a paused train finishes what runs and starts nothing`() {
    var world = TrainWorld(workers: 1)
    let head = world.enqueue("head")
    let next = world.enqueue("next")
    world.tell(.gate(.closed))
    world.settle()
    #expect(world.landed == [head])
    #expect(world.train.order == [next])
    world.tell(.gate(.open))
    world.settle()
    #expect(world.landed == [head, next])
  }

  @Test func `a frozen train lets urgent submissions through`() {
    var world = TrainWorld()
    world.tell(.gate(.urgentOnly))
    let normal = world.enqueue("normal")
    let urgent = world.enqueue("urgent", priority: .urgent)
    world.settle()
    #expect(world.landed == [urgent])
    world.tell(.gate(.open))
    world.settle()
    #expect(world.landed == [urgent, normal])
  }

  @Test func `what was promoted goes before everything else`() {
    var world = TrainWorld(workers: 1)
    let running = world.enqueue("running")
    let urgent = world.enqueue("urgent", priority: .urgent)
    let favourite = world.enqueue("favourite", priority: .low)
    world.tell(.promoted(favourite))
    #expect(world.train.order == [favourite, urgent, running])
    world.settle()
    #expect(world.landed.first == favourite)
  }

  @Test func `a target that was moved makes everything new, and checks with the same inputs go on`() {
    var world = TrainWorld()
    let a = world.enqueue("a")
    world.tell(.moved)
    #expect(world.stopped == 0)
    world.settle()
    #expect(world.landed == [a])
    #expect(world.runs.count == 1)
  }

  @Test func `what waits for people is passed over, and takes its old place when they have answered`() {
    var world = TrainWorld(workers: 1)
    let head = world.enqueue("head")
    let reviewed = world.enqueue("reviewed", .init(isReviewed: true))
    let needy = world.enqueue("needy", .init(waitsFor: [reviewed]))
    let next = world.enqueue("next")
    #expect(world.train.order == [head, needy, next])
    world.settle()
    #expect(world.landed == [head, next])
    world.approve(reviewed)
    #expect(world.train.order == [reviewed, needy])
    world.settle()
    #expect(world.landed == [head, next, reviewed, needy])
    #expect(world.train.isEmpty)
  }

  @Test func `a person's no ends what waits, and whoever depends on it`() {
    var world = TrainWorld()
    let reviewed = world.enqueue("reviewed", .init(isReviewed: true))
    let needy = world.enqueue("needy", .init(waitsFor: [reviewed]))
    world.tell(.refused(reviewed, Refusal(.manualReview, "no")))
    #expect(world.ends == [reviewed: .rejected, needy: .rejected])
    #expect(world.train.isEmpty)
  }

  @Test func `whoever is parked is looked at again when the target is moved or a policy lands`() {
    var world = TrainWorld()
    let reviewed = world.enqueue("reviewed", .init(isReviewed: true))
    world.approved.insert(reviewed)
    world.tell(.moved)
    world.settle()
    #expect(world.landed == [reviewed])
    let other = world.enqueue("other", .init(isReviewed: true))
    let policy = world.enqueue("policy", .init(changesPolicy: true))
    world.approved.insert(other)
    world.settle()
    #expect(world.landed == [reviewed, policy, other], "\(world.landings)")
  }
}
