/// When to look at paired runs, and what to do after each look: as few pairs as the answer needs.
///
/// Looking several times is several chances to be wrong. Each of the planned looks may therefore be wrong with its equal
/// part of what is allowed in all (Bonferroni), so that all intervals together hold with the stated confidence whatever
/// look the plan ends at. There is no look beyond the last.
/// - Source: Dunn, "Multiple comparisons among means" (1961); Jennison and Turnbull, "Group sequential methods" (2000).
package struct PairedComparisonPlan: Hashable, Sendable {
  package enum Step: Hashable, Sendable {
    /// The answer is open: measure until there are so many pairs.
    case measure(pairs: Int)
    /// The budget is exceeded beyond noise.
    case block(PairedComparison)
    /// The change keeps to the budget, or the most that is measured could not show that it does not.
    case pass(PairedComparison)
  }

  package let confidence: Double
  /// The numbers of pairs at which to look, each twice the one before.
  package let looks: [Int]

  /// - Parameter looks: at 95 % one look is at 6 pairs; three are at 7, 14 and 28. Where a fifth of all pairs is spoilt, three
  ///   find nine of ten slowdowns by 30 %; a fourth would find nearly all, and double the longest measurement of whatever
  ///   is merely noisy.
  package init(confidence: Double = 0.95, looks: Int = 3) {
    precondition((1...4).contains(looks), "between one look and four")
    self.confidence = confidence
    let first = PairedComparison.pairsMin(confidence: Self.confidence(confidence, of: looks))
    self.looks = (0..<looks).map { min(first << $0, PairedComparison.pairsMax) }
  }

  /// The confidence of the interval at each look.
  package var lookConfidence: Double { Self.confidence(confidence, of: looks.count) }

  /// What follows from the pairs measured so far.
  ///
  /// Only pairs up to a planned look are judged: whoever measured more, or stopped in between, cannot choose the moment.
  package func step(after pairs: [PairedComparison.Pair], budget: Double) -> Step {
    for look in looks {
      guard pairs.count >= look, let comparison = comparison(pairs.prefix(look)) else { return .measure(pairs: look) }
      switch comparison.answer(budget: budget) {
      case .exceeded: return .block(comparison)
      case .kept: return .pass(comparison)
      case .undecided: if look == looks.last { return .pass(comparison) }
      }
    }
    preconditionFailure("the last look ends it")
  }

  private func comparison(_ pairs: ArraySlice<PairedComparison.Pair>) -> PairedComparison? {
    PairedComparison(pairs, confidence: lookConfidence)
  }

  private static func confidence(_ confidence: Double, of looks: Int) -> Double {
    1 - (1 - confidence) / Double(looks)
  }
}
