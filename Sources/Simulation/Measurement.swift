import Glibc

/// What one policy made of one trace.
package struct Measurement: Hashable, Sendable {
  /// Minutes from arrival to landing or refusal, ascending, of all changes.
  package let turnarounds: [Double]
  package let landed: Int
  package let refused: Int
  /// Changes that were refused although they are good and really conflict with nothing that landed.
  package let innocents: Int
  /// Runs of checks that were started; what was stopped before its end counts as one.
  package let builds: Int
  package let landingsPerHour: Double
  /// The share of the workers' time in which they built, up to the last end.
  package let load: Double

  init(_ world: World) {
    let trace = world.trace
    let stuck = world.fates.count { $0 == nil }
    precondition(stuck == 0, "\(stuck) changes never ended")
    turnarounds = (0..<trace.count).map { world.endedAt[$0] - trace.arrivals[$0] }.sorted()
    landed = world.landings.count
    refused = trace.count - landed
    innocents = (0..<trace.count).count { world.isInnocent($0) }
    builds = world.runs
    let hours = trace.workload.hours
    landingsPerHour = Double(world.landings.count { world.endedAt[$0] <= hours * 60 }) / hours
    let end = world.endedAt.max() ?? 0
    load = end > 0 ? world.busyMinutes / (end * Double(world.workers)) : 0
  }

  package var changes: Int { turnarounds.count }
  package var buildsPerChange: Double { Double(builds) / Double(max(changes, 1)) }
  package var buildsPerLanding: Double { Double(builds) / Double(max(landed, 1)) }

  /// The turnaround that `share` of the changes do not exceed.
  package func turnaround(_ share: Double) -> Double {
    guard !turnarounds.isEmpty else { return 0 }
    return turnarounds[min(max(Int((share * Double(turnarounds.count)).rounded(.up)) - 1, 0), turnarounds.count - 1)]
  }
}
