extension PairedComparison {
  /// The exact distribution of Wilcoxon's signed-rank sum where candidate and base do not differ.
  ///
  /// Each rank from 1 to `count` is in the sum or not, with the same likelihood. Equal differences only make the
  /// interval that comes of it wider.
  struct SignedRank {
    /// By sum, up to half the greatest: the rest mirrors it.
    private let likelihoods: [Double]

    init(count: Int) {
      precondition((1...pairsMax).contains(count), "between one pair and \(pairsMax)")
      let half = count * (count + 1) / 4
      var likelihoods = [Double](repeating: 0, count: half + 1)
      likelihoods[0] = 1
      for rank in 1...count {
        for sum in stride(from: half, through: 0, by: -1) {
          likelihoods[sum] = (likelihoods[sum] + (sum >= rank ? likelihoods[sum - rank] : 0)) / 2
        }
      }
      self.likelihoods = likelihoods
    }

    /// How many of the sorted Walsh averages lie outside the interval at each end; nil where `tail` is less likely than
    /// the rarest sum, so that no interval is sure enough.
    func cut(tail: Double) -> Int? {
      var sum = 0.0
      var count = 0
      for likelihood in likelihoods {
        sum += likelihood
        // One unit of rounding must not cost the pair that makes 2⁻ⁿ equal to the tail.
        guard sum <= tail * (1 + 1e-9) else { break }
        count += 1
      }
      return count == 0 ? nil : count - 1
    }
  }
}
