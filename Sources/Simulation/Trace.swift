import Glibc

/// A workload drawn: every change with its arrival, its build time and its fate, fixed by the seed.
package struct Trace: Sendable {
  /// A change, by its place in the order of arrival.
  package typealias Change = Int

  package let workload: Workload
  /// Minutes since the start, ascending.
  let arrivals: [Double]
  /// Minutes that one build of each change takes.
  let minutes: [Double]
  let isGood: [Bool]
  private let fingerprints: [Fingerprint]

  package init(_ workload: Workload) {
    self.workload = workload
    var random = SplitMix64(seed: SplitMix64.hash(workload.seed, 1))
    var arrivals: [Double] = []
    var minutes: [Double] = []
    var isGood: [Bool] = []
    var fingerprints: [Fingerprint] = []
    var time = 0.0
    while true {
      time -= log(1 - random.unit()) * 60 / workload.rate
      guard time < workload.hours * 60 else { break }
      arrivals.append(time)
      minutes.append(Self.buildMinutes(&random))
      isGood.append(random.unit() < workload.success)
      fingerprints.append(Fingerprint(using: &random))
    }
    self.arrivals = arrivals
    self.minutes = minutes
    self.isGood = isGood
    self.fingerprints = fingerprints
  }

  package var count: Int { arrivals.count }

  func fingerprint(_ change: Change) -> Fingerprint { fingerprints[change] }

  /// Whether one of the two may change what the checks of the other see.
  func mayConflict(_ left: Change, _ right: Change) -> Bool { draw(left, right, salt: 2) < workload.conflicts }

  /// Whether the two fail together, though each is good.
  func conflicts(_ left: Change, _ right: Change) -> Bool {
    mayConflict(left, right) && draw(left, right, salt: 3) < workload.realConflicts
  }

  /// What a build of `change` on `others` comes to; whoever is not in its way may be left out.
  func passes(_ change: Change, on others: some Sequence<Change>) -> Bool {
    isGood[change] && others.allSatisfy { !conflicts(change, $0) }
  }

  private func draw(_ left: Change, _ right: Change, salt: UInt64) -> Double {
    SplitMix64.unit(SplitMix64.hash(workload.seed, salt, UInt64(min(left, right)), UInt64(max(left, right))))
  }

  private static func buildMinutes(_ random: inout SplitMix64) -> Double {
    let normal = sqrt(-2 * log(1 - random.unit())) * cos(2 * Double.pi * random.unit())
    let minutes = Workload.buildMinutesMedian * exp(Workload.buildMinutesSigma * normal)
    return min(max(minutes, Workload.buildMinutes.lowerBound), Workload.buildMinutes.upperBound)
  }
}
