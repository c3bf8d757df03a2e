/// One workload on one number of workers, played under several policies from several seeds.
package struct Cell: Sendable {
  /// What a policy made of the cell.
  package struct Row: Sendable {
    package let contender: Contender
    /// One for each seed.
    package let measurements: [Measurement]
    fileprivate let oracle: [Measurement]
  }

  package let workload: Workload
  package let workers: Int
  package let seeds: Int
  package let rows: [Row]

  /// Plays `workload` from `seeds` seeds, the first of which is its own; the Oracle is always played along.
  package init(
    _ workload: Workload, workers: Int, seeds: Int, contenders: [Contender], progress: (String) -> Void = { _ in }
  ) {
    self.workload = workload
    self.workers = workers
    self.seeds = seeds
    let traces = (0..<UInt64(seeds)).map { offset in
      var seeded = workload
      seeded.seed = workload.seed &+ offset
      return Trace(seeded)
    }
    let oracle = traces.map { Contender.oracle.run($0, workers: workers) }
    rows = contenders.map { contender in
      progress("\(Int(workload.rate)) changes/h, \(workers) workers: \(contender.rawValue)")
      let measurements = contender == .oracle ? oracle : traces.map { contender.run($0, workers: workers) }
      return Row(contender: contender, measurements: measurements, oracle: oracle)
    }
  }
}

extension Cell.Row {
  /// The mean over all seeds.
  package func mean(_ value: (Measurement) -> Double) -> Double {
    measurements.reduce(0) { $0 + value($1) } / Double(max(measurements.count, 1))
  }

  /// The mean over all seeds of what a share of the changes do not exceed, in units of the Oracle's on the same seed.
  package func ratio(_ share: Double) -> Double {
    let ratios = zip(measurements, oracle).map {
      $0.turnaround(share) / max($1.turnaround(share), .leastNormalMagnitude)
    }
    return ratios.reduce(0, +) / Double(max(ratios.count, 1))
  }

  package var innocents: Int { measurements.reduce(0) { $0 + $1.innocents } }
}
