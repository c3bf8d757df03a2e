import Domain
import Simulation
import Testing

/// Random histories by seed: whatever happens in whatever order, what must hold holds.
@Suite struct TrainHistoryTests {
  @Test(arguments: 0..<20)
  func `every submission ends once, by its own merit, in an order that respects dependencies`(block: Int) {
    for seed in 0..<1_000 { history(UInt64(block * 1_000 + seed)) }
  }

  private func history(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var world = TrainWorld(
      workers: Int.random(in: 1...4, using: &random), window: Int.random(in: 2...12, using: &random),
      batch: Int.random(in: 1...6, using: &random), perAgent: Int.random(in: 0..<4, using: &random) == 0 ? 2 : nil)
    world.isStaged = Int.random(in: 0..<3, using: &random) == 0
    var all: [SubmissionID] = []
    for number in 0..<14 {
      switch Int.random(in: 0..<10, using: &random) {
      case 0...4: all.append(push(number, behind: all, &world, &random))
      case 5:
        if let victim = all.randomElement(using: &random), world.ends[victim] == nil {
          world.tell(Bool.random(using: &random) ? .cancelled(victim) : .promoted(victim))
        }
      case 6:
        world.tell([.gate(.closed), .gate(.open), .gate(.urgentOnly), .moved][Int.random(in: 0..<4, using: &random)])
      default:
        for _ in 0..<Int.random(in: 1...3, using: &random) { answer(&world, &random) }
      }
    }
    world.tell(.gate(.open))
    for _ in 0..<1_000 where !world.running.isEmpty { answer(&world, &random) }
    let isDrained = world.train.isEmpty && Set(world.ends.keys) == Set(all)
    #expect(isDrained, "seed \(seed): \(world.train.order)")
    #expect(Set(world.landed) == Set(world.ends.filter { $0.value == .landed }.keys), "seed \(seed)")
    #expect(Set(world.landed).count == world.landed.count, "seed \(seed): nothing lands twice")
  }

  /// A check answers, whichever; now and then it fails without reason while others are in its tree.
  private func answer(_ world: inout TrainWorld, _ random: inout SplitMix64) {
    let keys = world.running.keys.sorted { $0.description < $1.description }
    guard let key = keys.randomElement(using: &random) else { return }
    world.finish(key)
  }

  private func push(
    _ number: Int, behind all: [SubmissionID], _ world: inout TrainWorld, _ random: inout SplitMix64
  ) -> SubmissionID {
    var truth = TrainWorld.Truth()
    truth.areas = Set((0..<3).filter { _ in Bool.random(using: &random) })
    if truth.areas.isEmpty { truth.areas = [0] }
    truth.isBad = Int.random(in: 0..<5, using: &random) == 0
    truth.isDryRun = Int.random(in: 0..<10, using: &random) == 0
    truth.changesPolicy = Int.random(in: 0..<12, using: &random) == 0
    if let other = all.randomElement(using: &random) {
      switch Int.random(in: 0..<8, using: &random) {
      case 0: truth.breaksWith = [other]
      case 1: truth.conflictsWith = [other]
      case 2 where world.ends[other] == nil: truth.waitsFor = [other]
      default: break
      }
    }
    return world.enqueue(
      "s\(number)", priority: Priority.allCases.randomElement(using: &random) ?? .normal,
      agent: ["x", "y"].randomElement(using: &random) ?? "x", truth)
  }
}
