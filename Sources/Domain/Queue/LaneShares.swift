/// Whose turn it is where several repositories share lanes: a weighted round robin over those that have work waiting.
///
/// Each start moves a repository back by one over its weight, and the one that is furthest in front goes next (stride
/// scheduling, Waldspurger 1995). One that comes back begins where the others are: nobody saves turns up.
///
/// - Bound: `lanes` run at a time, of one repository no more than its own limit.
package struct LaneShares: Sendable {
  /// What one repository may take.
  package struct Share: Hashable, Sendable {
    /// Turns beside those of the others, from 1 to `weightMax`.
    package var weight: Int
    /// Lanes at a time.
    package var lanes: Int

    package init(weight: Int, lanes: Int) {
      self.weight = weight
      self.lanes = lanes
    }
  }

  package static let weightMax = 100

  private struct Standing {
    let share: Share
    var waiting = 0
    var running = 0
    /// How far it has come; the least goes next.
    var pass = 0
    /// When it began to wait, to settle a tie.
    var arrival = 0
  }

  private let lanes: Int
  private var standings: [String: Standing] = [:]
  private var running = 0
  /// How far the last one that was started had come.
  private var pass = 0
  private var arrivals = 0
  /// How far a repository of weight 1 goes with one start.
  private static let stride = 1_000_000

  package init(lanes: Int) { self.lanes = lanes }

  /// Notes one more piece of work of a repository.
  package mutating func wait(_ repository: String, _ share: Share) {
    var standing = standings[repository] ?? Standing(share: share)
    if standing.waiting == 0 {
      standing.pass = max(standing.pass, pass)
      standing.arrival = arrivals
      arrivals += 1
    }
    standing.waiting += 1
    standings[repository] = standing
  }

  /// Starts the next piece of work; nil where no lane is free, or nobody waits who may have one.
  package mutating func next() -> String? {
    guard running < lanes else { return nil }
    let ready = standings.filter { $0.value.waiting > 0 && $0.value.running < $0.value.share.lanes }
    guard let (repository, first) = ready.min(by: { Self.goesBefore($0.value, $1.value) }) else { return nil }
    var standing = first
    pass = standing.pass
    standing.pass += Self.stride / standing.share.weight
    standing.waiting -= 1
    standing.running += 1
    standings[repository] = standing
    running += 1
    return repository
  }

  /// Notes that a piece of work that `next` started has ended.
  package mutating func end(_ repository: String) {
    guard var standing = standings[repository], standing.running > 0 else { return }
    standing.running -= 1
    standings[repository] = standing
    running -= 1
    forget(repository)
  }

  /// Takes back all that a repository has waiting.
  package mutating func withdraw(_ repository: String) {
    standings[repository]?.waiting = 0
    forget(repository)
  }

  /// Lets go of one that is no further than the rest, so that none is kept for ever.
  private mutating func forget(_ repository: String) {
    if let standing = standings[repository], standing.waiting == 0, standing.running == 0, standing.pass <= pass {
      standings[repository] = nil
    }
    // What is kept only to remember how far it has come counts no more once nobody else is there.
    if standings.values.allSatisfy({ $0.waiting == 0 && $0.running == 0 }) { standings = [:] }
  }

  private static func goesBefore(_ left: Standing, _ right: Standing) -> Bool {
    (left.pass, left.arrival) < (right.pass, right.arrival)
  }
}
