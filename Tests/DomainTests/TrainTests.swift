import Domain
import Testing

/// A world that answers a train's effects, one at a time, and remembers what happened.
private struct TrainWorld {
  var train = Train()
  var effects: [Train.Effect] = []
  var ends: [SubmissionID: SubmissionState] = [:]
  var landed: [SubmissionID] = []
  var members: [Train.Candidate.ID: SubmissionID] = [:]
  /// Candidates whose checks held.
  var proven: Set<Train.Candidate.ID> = []
  var arrivals = 0

  mutating func tell(_ event: Train.Event) { effects += train.apply(event) }

  mutating func enqueue(
    _ name: String, priority: Priority = .normal, isDryRun: Bool = false, after: Set<SubmissionID> = []
  ) -> SubmissionID {
    let id = submission(name)
    arrivals += 1
    tell(.enqueued(.init(submission: id, priority: priority, arrival: arrivals, isDryRun: isDryRun, waitsFor: after)))
    return id
  }

  /// Performs the oldest effect; `outcome` decides what each stage comes to.
  mutating func step(_ outcome: (Train.Effect) -> Train.Outcome) {
    guard !effects.isEmpty else { return }
    let effect = effects.removeFirst()
    switch effect {
    case .build(let candidate):
      members[candidate.id] = candidate.members[0]
      tell(.built(candidate.id, outcome(effect)))
    case .check(let id):
      let result = outcome(effect)
      if result == .held { proven.insert(id) }
      tell(.checked(id, result))
    case .stage(let id): tell(.staged(id, outcome(effect)))
    case .land(let id):
      let result = outcome(effect)
      if result == .held, let member = members[id] {
        #expect(proven.contains(id), "only what was proven lands")
        landed.append(member)
      }
      tell(.landed(id, result))
    case .abandon: break
    case .end(let submission, let state, let refusal):
      #expect(ends[submission] == nil, "a submission ends once")
      #expect((state == .rejected) == (refusal != nil), "only a refusal has a reason")
      ends[submission] = state
    }
  }

  mutating func settle(_ outcome: (Train.Effect) -> Train.Outcome = { _ in .held }) {
    for _ in 0..<10_000 where !effects.isEmpty { step(outcome) }
    #expect(effects.isEmpty, "the queue drains")
  }

  func submission(_ name: String) -> SubmissionID {
    guard let id = SubmissionID("sub-1-\(name)") else { preconditionFailure("a test names ids well") }
    return id
  }
}

private let failure = Refusal(.testFailures, "1 of 1 tests failed")

@Suite struct TrainTests {
  @Test func `submissions land in the order they came`() {
    var world = TrainWorld()
    let ids = ["a", "b", "c"].map { world.enqueue($0) }
    world.settle()
    #expect(world.landed == ids)
    #expect(world.train.isEmpty)
  }

  @Test func `a higher priority is served before those that wait, and never before what runs`() {
    var world = TrainWorld()
    let first = world.enqueue("first")
    let normal = world.enqueue("normal")
    let low = world.enqueue("low", priority: .low)
    let urgent = world.enqueue("urgent", priority: .urgent)
    #expect(world.train.order == [first, urgent, normal, low])
    world.settle()
    #expect(world.landed == [first, urgent, normal, low])
  }

  @Test func `a failed head is refused and the one behind it lands`() {
    var world = TrainWorld()
    let head = world.enqueue("head")
    let next = world.enqueue("next")
    let bad = world.train.integrating
    world.settle { effect in
      if case .check(let id) = effect, id.number == 1 { return .refused(failure) }
      return .held
    }
    #expect(bad == head)
    #expect(world.ends == [head: .rejected, next: .landed])
  }

  @Test func `a dry run that passes is verified and lands nothing`() {
    var world = TrainWorld()
    let id = world.enqueue("dry", isDryRun: true)
    world.settle()
    #expect(world.ends == [id: .verified])
    #expect(world.landed.isEmpty)
  }

  @Test func `a candidate whose target moved is tried again in its old place`() {
    var world = TrainWorld()
    let head = world.enqueue("head")
    let next = world.enqueue("next")
    world.settle { effect in
      if case .land(let id) = effect, id.number == 1 { return .stale }
      return .held
    }
    #expect(world.landed == [head, next])
  }

  @Test func `withdrawing what runs abandons its candidate and starts the next`() {
    var world = TrainWorld()
    let head = world.enqueue("head")
    let next = world.enqueue("next")
    world.step { _ in .held }
    world.tell(.superseded(head, by: next))
    world.settle()
    #expect(world.ends == [head: .superseded, next: .landed])
    #expect(world.landed == [next])
  }

  @Test func `a landing in progress is not called back`() {
    var world = TrainWorld()
    let id = world.enqueue("a")
    while world.effects.contains(where: { if case .land = $0 { false } else { true } }) { world.step { _ in .held } }
    world.tell(.cancelled(id))
    world.settle()
    #expect(world.ends == [id: .landed])
  }

  @Test func `a landing that failed after a withdrawal ends as withdrawn`() {
    var world = TrainWorld()
    let id = world.enqueue("a")
    while world.effects.contains(where: { if case .land = $0 { false } else { true } }) { world.step { _ in .held } }
    world.tell(.cancelled(id))
    world.settle { effect in if case .land = effect { .stale } else { .held } }
    #expect(world.ends == [id: .cancelled])
  }

  @Test func `what depends on another waits for it, whatever its priority`() {
    var world = TrainWorld()
    world.tell(.paused)
    let base = world.enqueue("base")
    let top = world.enqueue("top", priority: .urgent, after: [base])
    world.tell(.resumed)
    world.settle()
    #expect(world.landed == [base, top])
  }

  @Test func `what depends on a refused submission is refused, and so is what depends on that`() {
    var world = TrainWorld()
    let base = world.enqueue("base")
    let middle = world.enqueue("middle", after: [base])
    let top = world.enqueue("top", after: [middle])
    let other = world.enqueue("other")
    world.settle { effect in
      if case .check(let id) = effect, id.number == 1 { return .refused(failure) }
      return .held
    }
    #expect(world.ends == [base: .rejected, middle: .rejected, top: .rejected, other: .landed])
  }

  @Test func `what depends on an old version waits for the new one`() {
    var world = TrainWorld()
    let old = world.enqueue("old")
    let top = world.enqueue("top", after: [old])
    let new = world.submission("new")
    world.tell(.superseded(old, by: new))
    _ = world.enqueue("new")
    world.settle()
    #expect(world.landed == [new, top])
  }

  @Test func `a paused train finishes what runs and starts nothing`() {
    var world = TrainWorld()
    let head = world.enqueue("head")
    let next = world.enqueue("next")
    world.tell(.paused)
    world.settle()
    #expect(world.landed == [head])
    #expect(world.train.order == [next])
    world.tell(.resumed)
    world.settle()
    #expect(world.landed == [head, next])
  }

  @Test func `every submission ends exactly once, and only what was proven lands`() {
    for seed in UInt64(1)...2_000 { history(seed) }
  }

  /// One random history of pushes, withdrawals, pauses and outcomes.
  private func history(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var world = TrainWorld()
    var all: [SubmissionID] = []
    for number in 0..<30 {
      switch Int.random(in: 0..<6, using: &random) {
      case 0...2:
        let priority = Priority.allCases.randomElement(using: &random) ?? .normal
        all.append(world.enqueue("s\(number)", priority: priority, isDryRun: Bool.random(using: &random)))
      case 3:
        if let victim = all.randomElement(using: &random), world.ends[victim] == nil {
          world.tell(
            Bool.random(using: &random) ? .superseded(victim, by: world.submission("newer")) : .cancelled(victim))
        }
      case 4: world.tell(Bool.random(using: &random) ? .paused : .resumed)
      default:
        for _ in 0..<Int.random(in: 1..<8, using: &random) {
          let draw = Int.random(in: 0..<10, using: &random)
          world.step { _ in draw == 0 ? .refused(failure) : draw == 1 ? .stale : .held }
        }
      }
    }
    world.tell(.resumed)
    world.settle()
    #expect(Set(world.ends.keys) == Set(all), "seed \(seed)")
    #expect(world.train.isEmpty)
    #expect(Set(world.landed) == Set(world.ends.filter { $0.value == .landed }.keys))
    #expect(Set(world.landed).count == world.landed.count, "nothing lands twice")
  }
}

/// A generator whose numbers follow from a seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
