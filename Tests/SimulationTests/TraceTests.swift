import Testing

@testable import Simulation

@Suite struct TraceTests {
  private let trace = Trace(Workload())

  @Test func `arrivals have the rate that was asked for and come in order`() {
    #expect((2_800...3_200).contains(trace.count))
    #expect(trace.arrivals == trace.arrivals.sorted())
    #expect(trace.arrivals.allSatisfy { (0..<360).contains($0) })
  }

  @Test func `build times have their median and stay within their bounds`() {
    let sorted = trace.minutes.sorted()
    #expect((25...29).contains(sorted[sorted.count / 2]))
    #expect(sorted.allSatisfy { (4...120).contains($0) })
  }

  @Test func `pairs conflict as often as was asked for, whichever is named first`() {
    var count = 0
    for left in 0..<500 {
      for right in left + 1..<500 where trace.mayConflict(left, right) {
        count += 1
        #expect(trace.mayConflict(right, left))
        #expect(trace.conflicts(left, right) == trace.conflicts(right, left))
      }
    }
    // 124,750 pairs, of which one in a hundred may conflict.
    #expect((1_100...1_400).contains(count))
  }

  @Test func `a build passes where the change is good and none below it really conflicts`() throws {
    var workload = Workload()
    workload.realConflicts = 1
    let trace = Trace(workload)
    let good = try #require(trace.isGood.firstIndex(of: true))
    let bad = try #require(trace.isGood.firstIndex(of: false))
    let rival = try #require((0..<trace.count).first { $0 != good && trace.conflicts($0, good) })
    #expect(trace.passes(good, on: []))
    #expect(!trace.passes(good, on: [rival]))
    #expect(!trace.passes(bad, on: []))
  }
}
