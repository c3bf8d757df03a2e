/// How one measured quantity of a candidate compares with the base, from runs made in pairs.
///
/// The estimate is the Hodges–Lehmann estimate of the log ratio: the median of the means of all two differences, each
/// with itself too (the Walsh averages). The interval inverts the exact Wilcoxon signed-rank test: the sorted Walsh
/// averages between the ranks that the test would not reject. A third of all pairs may be spoilt by outliers and the
/// estimate moves little; nothing is assumed of the noise but that it strikes both sides of a pair alike.
/// - Source: Hollander, Wolfe, Chicken, "Nonparametric Statistical Methods", 3rd edition, sections 3.1 to 3.3;
///   Hodges and Lehmann, "Estimates of location based on rank tests" (1963).
package struct PairedComparison: Hashable, Sendable {
  /// The base and the candidate measured one after the other, in seconds, bytes or any other unit above zero.
  package struct Pair: Hashable, Sendable {
    package let base: Double
    package let candidate: Double

    /// Nil where a measurement is not a finite number above zero: what did not measurably happen has no ratio.
    package init?(base: Double, candidate: Double) {
      guard base > 0, candidate > 0, base.isFinite, candidate.isFinite else { return nil }
      self.base = base
      self.candidate = candidate
    }
  }

  /// What can be said of a budget.
  package enum Answer: String, Hashable, Sendable {
    /// Even the least change in the interval is above the budget.
    case exceeded
    /// Even the greatest change in the interval keeps to the budget.
    case kept
    /// The budget lies inside the noise.
    case undecided
  }

  /// Pairs beyond these are not looked at.
  package static let pairsMax = 200

  /// The relative change, 0.05 for 5 % more.
  package let estimate: Double
  /// The ends of the interval; the whole line where there are too few pairs for the confidence.
  package let lower: Double
  package let upper: Double
  /// What the interval covers the true change with, at least.
  package let confidence: Double
  package let pairCount: Int

  /// Compares; nil where there are no pairs.
  package init?(_ pairs: some Collection<Pair>, confidence: Double = 0.95) {
    precondition(confidence > 0 && confidence < 1, "a confidence is a share")
    let differences = pairs.prefix(Self.pairsMax).map { Logarithm.natural($0.candidate) - Logarithm.natural($0.base) }
    guard !differences.isEmpty else { return nil }
    self.confidence = confidence
    pairCount = differences.count
    let averages = Self.walshAverages(differences)
    estimate = Self.change(Self.median(averages))
    let cut = SignedRank(count: differences.count).cut(tail: (1 - confidence) / 2)
    lower = cut.map { Self.change(averages[$0]) } ?? -.infinity
    upper = cut.map { Self.change(averages[averages.count - 1 - $0]) } ?? .infinity
  }

  /// Whether the quantity grew by more than `budget`, 0.05 for 5 %, beyond what noise explains.
  package func answer(budget: Double) -> Answer {
    lower > budget ? .exceeded : upper <= budget ? .kept : .undecided
  }

  /// The fewest pairs that give any interval of this confidence: 6 for 95 %, 8 for 99 %.
  package static func pairsMin(confidence: Double) -> Int {
    (1...pairsMax).first { SignedRank(count: $0).cut(tail: (1 - confidence) / 2) != nil } ?? pairsMax
  }

  /// The means of every two differences, each with itself too, sorted.
  private static func walshAverages(_ differences: [Double]) -> [Double] {
    var averages: [Double] = []
    averages.reserveCapacity(differences.count * (differences.count + 1) / 2)
    for (index, difference) in differences.enumerated() {
      for other in differences[index...] { averages.append((difference + other) / 2) }
    }
    return averages.sorted()
  }

  private static func median(_ sorted: [Double]) -> Double {
    (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  private static func change(_ logRatio: Double) -> Double { Logarithm.exponential(logRatio) - 1 }
}
