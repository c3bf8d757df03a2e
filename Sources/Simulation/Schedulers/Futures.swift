import Glibc

/// The outcomes that those ahead of a change may come to, the likeliest first, thought up as far as they are asked for.
struct Futures {
  struct Future {
    let likelihood: Double
    /// Who is taken to fail.
    let excluded: [Trace.Change]
  }

  private struct Step {
    /// The logarithm of how much less likely this is than the likeliest.
    let cost: Double
    /// Which of `flips` turn out differently than is likeliest, ascending.
    let flipped: [Int]
  }

  /// Of the place that this was made for.
  let version: Int
  /// Those ahead, the least certain first, with what it costs to think the other of them.
  private let flips: [(change: Trace.Change, cost: Double, isLikely: Bool)]
  private let likelihood: Double
  private var found: [Future] = []
  private var frontier = Heap<Step> { $0.cost < $1.cost }

  init(of place: Line.Place, likelihood: [Double]) {
    version = place.version
    flips = place.open.map { change in
      let lands = likelihood[change]
      return (change, abs(log(lands / (1 - lands))), lands >= 0.5)
    }.sorted { ($0.cost, $0.change) < ($1.cost, $1.change) }
    self.likelihood = place.open.reduce(1) { $0 * max(likelihood[$1], 1 - likelihood[$1]) }
    frontier.insert(Step(cost: 0, flipped: []))
  }

  /// The future at `index`; nil when there are no more.
  subscript(index: Int) -> Future? {
    mutating get {
      while found.count <= index, let step = frontier.removeFirst() { find(step) }
      return index < found.count ? found[index] : nil
    }
  }

  /// Every set of flips is reached once: from the set without its last flip, or with the last flip one earlier.
  private mutating func find(_ step: Step) {
    let flipped = Set(step.flipped)
    found.append(
      Future(
        likelihood: likelihood * exp(-step.cost),
        excluded: flips.indices.filter { flips[$0].isLikely == flipped.contains($0) }.map { flips[$0].change }))
    let next = (step.flipped.last ?? -1) + 1
    guard next < flips.count else { return }
    frontier.insert(Step(cost: step.cost + flips[next].cost, flipped: step.flipped + [next]))
    guard let last = step.flipped.last else { return }
    let cost = step.cost - flips[last].cost + flips[next].cost
    frontier.insert(Step(cost: cost, flipped: step.flipped.dropLast() + [next]))
  }
}
