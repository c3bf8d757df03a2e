/// What the paired runs of a performance check have shown so far, and how many more they have to be.
///
/// Each budget is an experiment of its own and may be wrong with its equal part of what is allowed in all (Bonferroni), so
/// that a check with many budgets blocks by chance no more often than one with a single budget.
/// - Source: `PairedComparison` for the statistic, `PairedComparisonPlan` for when to look.
package struct PairedMeasurement: Sendable {
  /// One side of a pair: what a single run has measured.
  package struct Run: Sendable {
    fileprivate let seconds: Double
    fileprivate let memory: Int64?
    fileprivate let metrics: [Metric]

    package init(_ result: CheckResult) {
      seconds = result.seconds
      memory = result.peakMemory
      metrics = result.metrics
    }

    fileprivate func value(of quantity: MeasuredChange.Quantity) -> Double? {
      switch quantity {
      case .time: seconds
      case .memory: memory.map(Double.init)
      case .metric(let name, _): metrics.first { $0.name == name }?.value
      }
    }
  }

  private struct Series: Sendable {
    let quantity: MeasuredChange.Quantity
    let unit: String
    let budget: Double?
    var base: [Double?] = []
    var candidate: [Double?] = []

    /// More is worse in every pair; nil where a run has no ratio to its partner.
    var pairs: [PairedComparison.Pair]? {
      var pairs: [PairedComparison.Pair] = []
      for case (let base?, let candidate?) in zip(base, candidate) {
        let pair: PairedComparison.Pair?
        switch quantity {
        // What happened on neither side has not changed.
        case .metric where base == 0 && candidate == 0: pair = .init(base: 1, candidate: 1)
        case .metric(_, .higher): pair = .init(base: candidate, candidate: base)
        case .time, .memory, .metric(_, .lower): pair = .init(base: base, candidate: candidate)
        }
        if let pair { pairs.append(pair) }
      }
      return pairs.count == base.count ? pairs : nil
    }
  }

  /// How often at most a check whose true changes use up their budgets exactly would be judged wrongly, on either side.
  package static let doubt = 0.05

  private let plan: PairedComparisonPlan
  private var series: [Series] = []

  /// - Parameter base: a run on the base, which says what its metrics are called and which direction is better: the candidate,
  ///   which is to be judged, cannot turn that round.
  package init(budget: Policy.Budget, base: CheckResult) {
    let metrics = budget.metrics.compactMap { budgeted in
      base.metrics.first { $0.name == budgeted.name }.map { metric in
        Series(
          quantity: .metric(metric.name, better: metric.better), unit: metric.unit, budget: budgeted.percent / 100)
      }
    }
    series =
      [
        Series(quantity: .time, unit: "s", budget: budget.time.map { $0 / 100 }),
        Series(quantity: .memory, unit: "B", budget: budget.memory.map { $0 / 100 }),
      ] + metrics
    let count = series.count { $0.budget != nil }
    plan = PairedComparisonPlan(confidence: 1 - Self.doubt / Double(max(count, 1)))
  }

  package mutating func add(base: Run, candidate: Run) {
    for index in series.indices {
      series[index].base.append(base.value(of: series[index].quantity))
      series[index].candidate.append(candidate.value(of: series[index].quantity))
    }
  }

  /// How many pairs there have to be before the next look; nil where every budget is decided, or one is exceeded.
  package var pairsWanted: Int? {
    var wanted: Int?
    for series in series {
      guard let budget = series.budget, let pairs = series.pairs else { continue }
      switch plan.step(after: pairs, budget: budget) {
      case .block: return nil
      case .pass: continue
      case .measure(let count): wanted = min(wanted ?? count, count)
      }
    }
    return wanted
  }

  package var impact: PerformanceImpact { .compared(series.map(change)) }

  private func change(_ series: Series) -> MeasuredChange {
    MeasuredChange(
      series.quantity, unit: series.unit, base: Self.median(series.base), candidate: Self.median(series.candidate),
      estimate: estimate(series), budget: series.budget)
  }

  private func estimate(_ series: Series) -> MeasuredChange.Estimate? {
    guard let pairs = series.pairs else { return nil }
    if let budget = series.budget {
      // A budget is judged at its own look, however long others were measured.
      switch plan.step(after: pairs, budget: budget) {
      case .block(let comparison), .pass(let comparison): return .init(comparison)
      case .measure: break
      }
    }
    return PairedComparison(pairs, confidence: plan.lookConfidence).map(MeasuredChange.Estimate.init)
  }

  private static func median(_ values: [Double?]) -> Double? {
    let sorted = values.compactMap(\.self).sorted()
    return sorted.isEmpty ? nil : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}
