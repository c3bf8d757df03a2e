/// Which changes were in flight together and may conflict, and which of these pairs were tested together.
struct Encounters {
  private let trace: Trace
  private var inFlight: [Trace.Change] = []
  /// For each change, those met that may conflict.
  private var rivals: [[Trace.Change]]
  /// For each change, those that passed with it below them: it needs no test on them any more.
  private var provenBy: [Set<Trace.Change>]

  init(_ trace: Trace) {
    self.trace = trace
    rivals = Array(repeating: [], count: trace.count)
    provenBy = Array(repeating: [], count: trace.count)
  }

  mutating func enter(_ change: Trace.Change) {
    for other in inFlight where trace.mayConflict(other, change) {
      rivals[change].append(other)
      rivals[other].append(change)
    }
    inFlight.append(change)
  }

  mutating func leave(_ change: Trace.Change) { inFlight.removeAll { $0 == change } }

  mutating func passed(_ change: Trace.Change, on others: [Trace.Change]) {
    for other in others { provenBy[other].insert(change) }
  }

  /// Of those that `isBelow`, whom a build of `change` must stand on: a tree that holds both and was tested for the other
  /// needs no test for this one too.
  func relevant(to change: Trace.Change, where isBelow: (Trace.Change) -> Bool) -> [Trace.Change] {
    rivals[change].filter { isBelow($0) && !provenBy[change].contains($0) }
  }
}
