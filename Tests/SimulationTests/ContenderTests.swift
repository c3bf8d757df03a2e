import Testing

@testable import Simulation

@Suite struct ContenderTests {
  private func workload(seed: UInt64, _ change: (inout Workload) -> Void = { _ in }) -> Workload {
    var workload = Workload()
    workload.rate = 40
    workload.hours = 2
    workload.conflicts = 0.05
    workload.realConflicts = 0.2
    workload.seed = seed
    change(&workload)
    return workload
  }

  @Test(arguments: Contender.allCases) func `a seed gives the same result every time`(contender: Contender) {
    let trace = Trace(workload(seed: 1))
    #expect(contender.run(trace, workers: 20) == contender.run(trace, workers: 20))
    #expect(contender.run(trace, workers: 20) != contender.run(Trace(workload(seed: 2)), workers: 20))
  }

  @Test(arguments: Contender.allCases, UInt64(1)...6)
  func `every change ends once, and none is refused for another's fault`(contender: Contender, seed: UInt64) {
    let trace = Trace(workload(seed: seed) { $0.success = seed.isMultiple(of: 2) ? 0.95 : 0.7 })
    let workers = [1, 3, 200][Int(seed % 3)]
    let measurement = contender.run(trace, workers: workers)
    #expect(measurement.landed + measurement.refused == trace.count)
    #expect(measurement.innocents == 0)
  }

  @Test(arguments: Contender.allCases) func `changes that cannot conflict take as long as their build`(
    contender: Contender
  ) {
    let trace = Trace(workload(seed: 1) { $0.conflicts = 0 })
    let measurement = contender.run(trace, workers: 500)
    #expect(zip(measurement.turnarounds, trace.minutes.sorted()).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(measurement.builds == trace.count)
    #expect(measurement.refused == trace.isGood.count { !$0 })
  }

  @Test(arguments: UInt64(1)...5) func `the oracle builds everything once and nobody who keeps the order is faster`(
    seed: UInt64
  ) {
    let trace = Trace(workload(seed: seed))
    let oracle = Contender.oracle.run(trace, workers: 500)
    #expect(oracle.builds == trace.count)
    for contender in [Contender.submitQueue, .speculateAll, .optimistic, .single] {
      #expect(contender.run(trace, workers: 500).turnaround(0.5) >= oracle.turnaround(0.5))
    }
  }

  @Test func `one at a time builds every change once`() {
    let trace = Trace(workload(seed: 3))
    #expect(Contender.single.run(trace, workers: 4).builds == trace.count)
  }

  @Test func `batches of what conflicts save builds when everything is good`() {
    let trace = Trace(workload(seed: 4) { ($0.success, $0.realConflicts, $0.conflicts) = (1, 0, 0.5) })
    let measurement = Contender.batch.run(trace, workers: 4)
    #expect(measurement.buildsPerChange < 0.6)
    #expect(measurement.landed == trace.count)
  }

  @Test func `failures cost an optimist more builds than a pessimist`() {
    let trace = Trace(workload(seed: 5) { $0.success = 0.8 })
    #expect(Contender.optimistic.run(trace, workers: 500).builds > Contender.single.run(trace, workers: 500).builds)
  }

  @Test(arguments: Contender.allCases) func `a flaky run is tried again and refuses nobody`(contender: Contender) {
    let steady = Trace(workload(seed: 6))
    let flaky = Trace(workload(seed: 6) { ($0.flakes, $0.retries) = (0.1, 20) })
    let measurement = contender.run(flaky, workers: 500)
    #expect(measurement.innocents == 0)
    #expect(measurement.buildsPerChange > contender.run(steady, workers: 500).buildsPerChange)
  }

  @Test func `without retries a flaky run refuses the innocent, and that is counted`() {
    let trace = Trace(workload(seed: 7) { ($0.flakes, $0.retries) = (0.3, 0) })
    #expect(Contender.single.run(trace, workers: 500).innocents > 0)
  }
}
