import Domain
import Testing

@Suite struct `A performance check's paired runs` {
  private func run(seconds: Double = 1, memory: Int64? = 1_000, _ metrics: Metric...) -> CheckResult {
    var result = CheckResult(
      name: "speed", kind: "performance", verdict: .passed, seconds: seconds, key: CheckKey(digest: .emptyTree),
      peakMemory: memory)
    result.metrics = metrics
    return result
  }

  private func cost(_ value: Double, better: Metric.Better = .lower) -> Metric {
    Metric(name: "cost", value: value, unit: "ms", better: better)
  }

  /// Measures the same pair until it is decided.
  private func measured(
    _ budget: Policy.Budget, base: CheckResult, candidate: CheckResult
  ) -> (impact: PerformanceImpact, pairs: Int) {
    var measurement = PairedMeasurement(budget: budget, base: base)
    var count = 0
    while let wanted = measurement.pairsWanted {
      while count < wanted {
        measurement.add(base: .init(base), candidate: .init(candidate))
        count += 1
      }
    }
    return (measurement.impact, count)
  }

  @Test func `are as few as the doubt allows, shared by all budgets`() {
    let run = run()
    #expect(measured(.init(time: 5), base: run, candidate: run).pairs == 7)
    #expect(measured(.init(time: 5, memory: 5), base: run, candidate: run).pairs == 8)
  }

  /// The worst that a policy can ask for: ten budgets, each at its last look.
  @Test func `are bounded`() throws {
    let names = (1...8).map { "m\($0)" }
    let budget = Policy.Budget(time: 5, memory: 5, metrics: names.map { .init(name: $0, percent: 5) })
    var run = run()
    run.metrics = names.map { Metric(name: $0, value: 1, unit: "", better: .lower) }
    var measurement = PairedMeasurement(budget: budget, base: run)
    var count = 0
    while let wanted = measurement.pairsWanted {
      while count < wanted {
        // As often far slower as far faster: never decided.
        measurement.add(base: .init(run), candidate: .init(self.run(seconds: count % 2 == 0 ? 0.25 : 4)))
        count += 1
      }
    }
    #expect(count == 44)
  }

  @Test func `exceed a budget that even the least likely change is beyond`() throws {
    let (impact, _) = measured(.init(time: 5), base: run(), candidate: run(seconds: 1.3))
    #expect(impact.word == .degraded)
    let change = try #require(impact.timeChange)
    #expect(abs(change - 0.3) < 1e-9)
    let words = try #require(impact.objection)
    #expect(
      words
        == "is beyond its budget: time +30.0 % (+30.0 % to +30.0 % with 98.3 % confidence, 7 pairs of runs; 1.000 s on the base, 1.300 s now), budget +5 %"
    )
    #expect(impact.summary == "+30.0 % time (±0.0 %), budget +5 %")
  }

  @Test func `tell time and memory also where no budget asks for them`() {
    let (impact, _) = measured(
      .init(metrics: [.init(name: "cost", percent: 5)]), base: run(cost(2)),
      candidate: run(seconds: 2, memory: 500, cost(2)))
    #expect(
      impact.word == .negligible && impact.timeChange == 1 && impact.memoryChange.map { abs($0 + 0.5) < 1e-9 } == true)
    #expect(impact.summary == "+0.0 % cost (±0.0 %), budget +5 %")
  }

  @Test func `have the direction that the base says`() {
    let budget = Policy.Budget(metrics: [.init(name: "cost", percent: 5)])
    let (impact, _) = measured(budget, base: run(cost(4, better: .higher)), candidate: run(cost(2, better: .lower)))
    #expect(impact.word == .degraded)
    #expect(impact.summary == "+100.0 % loss of cost (±0.0 %), budget +5 %")
    let (better, _) = measured(budget, base: run(cost(2, better: .higher)), candidate: run(cost(4, better: .higher)))
    #expect(better.word == .improved)
  }

  @Test func `are undecided, and say so, where noise hides the budget`() throws {
    var measurement = PairedMeasurement(budget: .init(time: 5), base: run())
    var count = 0
    while let wanted = measurement.pairsWanted {
      while count < wanted {
        measurement.add(base: .init(run()), candidate: .init(run(seconds: count % 2 == 0 ? 0.95 : 1.25)))
        count += 1
      }
    }
    #expect(count == 28 && measurement.impact.word == .undecided && measurement.impact.objection == nil)
    #expect(measurement.impact.caveat?.hasPrefix("undecided, so not refused: time +") == true)
    #expect(measurement.impact.summary.hasSuffix(", budget +5 %, undecided"))
  }

  /// A ratio needs something above zero on both sides; what happened on neither has not changed.
  @Test(arguments: [
    (0.0, 0.0, PerformanceImpact.Word.negligible), (0, 1, .undecided), (1, 0, .undecided), (-1, -1, .undecided),
  ])
  func `of nothing have no ratio`(base: Double, candidate: Double, word: PerformanceImpact.Word) {
    let budget = Policy.Budget(metrics: [.init(name: "cost", percent: 5)])
    #expect(measured(budget, base: run(cost(base)), candidate: run(cost(candidate))).impact.word == word)
  }

  @Test func `of memory that was not measured are undecided`() {
    let (impact, pairs) = measured(.init(memory: 5), base: run(memory: nil), candidate: run(memory: 10))
    #expect(impact.word == .undecided && impact.memoryChange == nil && pairs == 7)
  }

  @Test func `are kept in the ledger as they are`() {
    let budget = Policy.Budget(time: 2.5, metrics: [.init(name: "cost", percent: 5)])
    let (impact, _) = measured(
      budget, base: run(memory: nil, cost(1 / 3, better: .higher)), candidate: run(seconds: 1.01, cost(0.3)))
    for impact in [impact, .unchanged, .alone(reason: "it has no base")] {
      #expect(PerformanceImpact(text: impact.json.compact) == impact)
    }
    for text in ["", "{}", "[]", #"{"compared":true}"#, #"{"compared":true,"changes":[{"quantity":"heat"}]}"#] {
      #expect(PerformanceImpact(text: text) == nil)
    }
  }

  // MARK: What follows

  private func result(_ verdict: Verdict, _ impact: PerformanceImpact?) -> CheckResult {
    var result = CheckResult(
      name: "speed", kind: "performance", verdict: verdict, reason: "r", seconds: 1, key: CheckKey(digest: .emptyTree))
    result.performance = impact
    return result
  }

  @Test func `beyond the budget are a degradation, and a run that fails by itself is a failure as any other`() {
    let (slow, _) = measured(.init(time: 5), base: run(), candidate: run(seconds: 2))
    #expect(Judgement(result(.failed, slow)).category == .performanceDegradation)
    #expect(Judgement(result(.failed, .alone(reason: "it does not hold by itself"))).category == .testFailures)
    #expect(Judgement(result(.failed, nil)).category == .performanceDegradation)
    #expect(Judgement(result(.passed, slow)).category == nil)
    #expect(Judgement(result(.timedOut, .alone(reason: "x"))).category == .timedOut)
  }

  @Test func `name the slowest tests where they are refused`() throws {
    let (slow, _) = measured(.init(time: 5, memory: 5), base: run(), candidate: run(seconds: 2))
    var judgement = Judgement(result(.failed, slow))
    judgement.slowest = [TestCase(name: "sorts", outcome: .passed, seconds: 1.5)]
    var policy = Policy()
    policy.checks = [.init(name: "speed", run: "x")]
    let refusal = try #require(CheckOutcome.refusal([judgement], of: policy, setupFailure: nil, output: []))
    #expect(refusal.details == ["+0.0 % memory (±0.0 %), budget +5 %", "slowest: sorts 1.500 s"])
  }
}
