import Domain
import Simulation
import Testing

@Suite struct `Paired runs of base and candidate` {
  /// Runs of about a second with noise of 5 %; where it is heavy, one in ten takes up to five times as long.
  private struct Runs {
    var random: SplitMix64
    var isHeavy = false

    init(seed: UInt64, isHeavy: Bool = false) {
      random = SplitMix64(seed: SplitMix64.hash(seed, 77))
      self.isHeavy = isHeavy
    }

    /// Close to a bell curve: twelve lots and no logarithm.
    mutating func bell() -> Double { (0..<12).reduce(-6) { sum, _ in sum + random.unit() } }

    mutating func seconds(_ mean: Double) -> Double {
      let usual = mean * max(0.5, 1 + 0.05 * bell())
      return isHeavy && random.unit() < 0.1 ? usual * (1 + 4 * random.unit()) : usual
    }

    mutating func pairs(_ count: Int, slower: Double) -> [PairedComparison.Pair] {
      (0..<count).compactMap { _ in PairedComparison.Pair(base: seconds(1), candidate: seconds(1 + slower)) }
    }

    /// Measures as a plan asks, to its end.
    mutating func end(of plan: PairedComparisonPlan, slower: Double, budget: Double) -> PairedComparisonPlan.Step {
      var measured: [PairedComparison.Pair] = []
      while case .measure(let count) = plan.step(after: measured, budget: budget) {
        measured += pairs(count - measured.count, slower: slower)
      }
      return plan.step(after: measured, budget: budget)
    }
  }

  private func pairs(_ ratios: [Double]) -> [PairedComparison.Pair] {
    ratios.compactMap { PairedComparison.Pair(base: 1, candidate: $0) }
  }

  // MARK: The statistic

  /// Worked by hand: of the Walsh averages of six log ratios, the least and the greatest end the interval.
  @Test func `are estimated by the median of Walsh averages, and bounded by those that the test does not reject`()
    throws
  {
    let comparison = try #require(PairedComparison(pairs([1, 2, 4, 8, 16, 32])))
    #expect(abs(comparison.estimate - (5.656_854_249_492_381 - 1)) < 1e-12)
    #expect(abs(comparison.lower - 0) < 1e-12)
    #expect(abs(comparison.upper - 31) < 1e-12)
  }

  /// The published critical values of the signed-rank test, two-sided 5 %: with n pairs, sums up to these are rejected.
  @Test(arguments: [(6, 0), (7, 2), (8, 3), (9, 5), (10, 8), (12, 13), (15, 25), (20, 52), (25, 89), (30, 137)])
  func `have the interval that printed tables give`(count: Int, critical: Int) throws {
    // Powers of two make every Walsh average a rank that can be read off: with i and j, (i + j) / 2.
    let ratios = (0..<count).map { Double(sign: .plus, exponent: $0, significand: 1) }
    let comparison = try #require(PairedComparison(pairs(ratios)))
    let averages = (0..<count).flatMap { i in (i..<count).map { Double(i + $0) / 2 } }.sorted()
    let half = Double(sign: .plus, exponent: Int(averages[critical]), significand: 1)
    let expected = averages[critical].truncatingRemainder(dividingBy: 1) == 0 ? half : half * 2.0.squareRoot()
    #expect(abs(comparison.lower + 1 - expected) < 1e-9 * expected)
  }

  @Test func `need so many pairs that chance alone is rarer than the doubt allowed`() throws {
    #expect(PairedComparison.pairsMin(confidence: 0.90) == 5)
    #expect(PairedComparison.pairsMin(confidence: 0.95) == 6)
    #expect(PairedComparison.pairsMin(confidence: 0.99) == 8)
    let few = try #require(PairedComparison(pairs([3, 3.1, 3.2, 3.3, 3.4])))
    #expect(few.answer(budget: 0.05) == .undecided)
    #expect(few.lower == -.infinity)
  }

  @Test func `say nothing where nothing was measured`() {
    #expect(PairedComparison([]) == nil)
    for (base, candidate) in [(0.0, 1.0), (1.0, 0.0), (-1, 1), (.nan, 1), (1, .infinity)] {
      #expect(PairedComparison.Pair(base: base, candidate: candidate) == nil)
    }
  }

  @Test func `that are all equal have not changed`() throws {
    let comparison = try #require(PairedComparison(pairs([Double](repeating: 1, count: 10))))
    #expect([comparison.lower, comparison.estimate, comparison.upper] == [0, 0, 0])
    #expect(comparison.answer(budget: 0) == .kept)
  }

  @Test func `are not moved by a few outliers`() throws {
    let ratios = [1.0, 1.01, 0.99, 1.02, 0.98, 1.0, 1.01, 0.99, 1.0, 1.0, 50, 80]
    let comparison = try #require(PairedComparison(pairs(ratios)))
    #expect(abs(comparison.estimate) < 0.02)
    #expect(comparison.answer(budget: 0.05) != .exceeded)
  }

  @Test func `are judged by ratios, so that the unit does not matter`() throws {
    var runs = Runs(seed: 1)
    let seconds = runs.pairs(12, slower: 0.1)
    let bytes = seconds.compactMap { PairedComparison.Pair(base: $0.base * 1e9, candidate: $0.candidate * 1e9) }
    let (left, right) = (try #require(PairedComparison(seconds)), try #require(PairedComparison(bytes)))
    #expect(abs(left.estimate - right.estimate) < 1e-12)
    #expect(abs(left.lower - right.lower) < 1e-12)
  }

  /// The true change lies outside an interval of 95 % in one of twenty experiments at most.
  @Test(arguments: [false, true]) func `hold the true change as often as they say`(isHeavy: Bool) throws {
    let missed = try (UInt64(1)...2_000).count { seed in
      var runs = Runs(seed: seed, isHeavy: isHeavy)
      let comparison = try #require(PairedComparison(runs.pairs(12, slower: 0.2)))
      return comparison.lower > 0.2 || comparison.upper < 0.2
    }
    #expect(missed < 2_000 * 6 / 100, "\(missed) of 2000")
    #expect(missed > 2_000 * 2 / 100, "intervals far too wide: \(missed) of 2000")
  }

  // MARK: The plan

  @Test func `are looked at few times, each with its share of the doubt`() {
    let plan = PairedComparisonPlan()
    #expect(plan.looks == [7, 14, 28])
    #expect(abs(plan.lookConfidence - (1 - 0.05 / 3)) < 1e-12)
    #expect(PairedComparisonPlan(looks: 1).looks == [6])
    #expect(plan.step(after: [], budget: 0.05) == .measure(pairs: 7))
  }

  @Test func `are judged at planned looks alone`() {
    let slow = pairs([Double](repeating: 2, count: 13))
    let plan = PairedComparisonPlan()
    #expect(plan.step(after: Array(slow.prefix(6)), budget: 0.05) == .measure(pairs: 7))
    #expect(plan.step(after: Array(slow.prefix(7)), budget: 0.05) == plan.step(after: slow, budget: 0.05))
    let open = pairs((0..<13).map { $0 < 7 ? ($0 < 6 ? 1.2 : 0.9) : 2 })
    #expect(plan.step(after: open, budget: 0.05) == .measure(pairs: 14))
  }

  /// How many of the plans from so many seeds end in a block.
  private func blocks(_ seeds: Int, looks: Int = 3, isHeavy: Bool = false, slower: Double) -> Int {
    let plan = PairedComparisonPlan(looks: looks)
    return (1...UInt64(seeds)).count { seed in
      var runs = Runs(seed: seed, isHeavy: isHeavy)
      if case .block = runs.end(of: plan, slower: slower, budget: 0.05) { return true }
      return false
    }
  }

  @Test func `that are thirty percent slower are caught`() { #expect(blocks(500, slower: 0.3) == 500) }

  /// Where a fifth of all pairs is spoilt, three looks find nine of ten, and a fourth look nearly all.
  @Test func `that are thirty percent slower are caught among outliers, given pairs enough`() {
    #expect(blocks(500, isHeavy: true, slower: 0.3) >= 440)
    #expect(blocks(500, looks: 4, isHeavy: true, slower: 0.3) >= 490)
  }

  @Test(arguments: [false, true]) func `that only differ by noise are let through`(isHeavy: Bool) {
    #expect(blocks(200, isHeavy: isHeavy, slower: 0) < 2)
    #expect(blocks(2_000, isHeavy: isHeavy, slower: 0) < 20)
  }

  /// Right at the budget every block is a false one: looks together may err half as often as is allowed for both sides.
  @Test func `that use up the budget exactly are blocked no more often than the doubt allowed`() {
    #expect(blocks(2_000, slower: 0.05) < 60)
  }
}
