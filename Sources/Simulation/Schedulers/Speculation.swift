/// Builds several futures of each change, those first that are likeliest to be needed.
struct Speculation: BuildChoice {
  enum Prediction: Hashable {
    /// Every outcome is as likely as the other.
    case none
    /// Says rightly in this share of cases whether a change will land.
    case accurate(Double)
  }

  private let prediction: Prediction
  /// How likely each change that arrived is to land.
  private var likelihood: [Double]
  /// What each change that arrived will come to: what the predictor is right about, or wrong.
  private var lands: [Bool]
  private var futures: [Futures?]

  init(_ prediction: Prediction, count: Int) {
    self.prediction = prediction
    likelihood = Array(repeating: 0.5, count: count)
    lands = Array(repeating: false, count: count)
    futures = Array(repeating: nil, count: count)
  }

  mutating func arrived(_ change: Trace.Change, in line: Line) {
    guard case .accurate(let accuracy) = prediction else { return }
    lands[change] = line.trace.passes(change, on: line[change].open.filter { lands[$0] })
    let isRight = SplitMix64.unit(SplitMix64.hash(line.trace.workload.seed, 5, UInt64(change))) < accuracy
    likelihood[change] = lands[change] == isRight ? accuracy : 1 - accuracy
  }

  mutating func wanted(in line: Line, upTo max: Int) -> [Wanted] {
    var best = Heap<(likelihood: Double, change: Trace.Change, index: Int)> {
      $0.likelihood == $1.likelihood ? $0.change < $1.change : $0.likelihood > $1.likelihood
    }
    for change in line.changes {
      if futures[change]?.version != line[change].version {
        futures[change] = Futures(of: line[change], likelihood: likelihood)
      }
      if let first = futures[change]?[0] { best.insert((first.likelihood, change, 0)) }
    }
    var wanted: [Wanted] = []
    while wanted.count < max, let (_, change, index) = best.removeFirst() {
      guard let future = futures[change]?[index] else { continue }
      let wish = line.wanted(change, excluded: future.excluded)
      if line[change].results[wish.build.onto] == nil { wanted.append(wish) }
      if let next = futures[change]?[index + 1] { best.insert((next.likelihood, change, index + 1)) }
    }
    return wanted
  }
}
