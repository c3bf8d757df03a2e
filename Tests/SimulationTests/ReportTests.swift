import Domain
import Testing

@testable import Simulation

@Suite struct ReportTests {
  private let report: Report

  init() {
    let cells = [20.0, 40].map { rate in
      var workload = Workload()
      (workload.rate, workload.hours, workload.seed) = (rate, 2, 7)
      return Cell(workload, workers: 100, seeds: 2, contenders: [.submitQueue, .single])
    }
    report = Report(cells)
  }

  @Test func `the table has a line for each policy and says whose workload it is`() {
    let lines = report.text.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("| submitqueue") } == 2)
    #expect(lines.count { $0.hasPrefix("| single") } == 2)
    #expect(report.text.contains("seeds 7 to 8"))
    #expect(report.text.contains("no reproduction of anybody's traces"))
  }

  @Test func `the columns of the table stand below one another`() {
    let rows = report.text.split(separator: "\n").filter { $0.hasPrefix("|") }.prefix(4)
    #expect(Set(rows.map(\.count)).count == 1)
  }

  @Test func `the JSON has the same figures, normalised to the oracle`() throws {
    let cell = try #require(report.json["cells"]?.array?.first)
    #expect(cell["seeds"]?.integer == 2)
    let row = try #require(cell["policies"]?.array?.first)
    #expect(row["policy"]?.string == "submitqueue")
    #expect(try #require(row["p50_to_oracle"]?.double) >= 1)
    #expect(row["innocents_refused"]?.integer == 0)
  }

  @Test func `the plots are drawn, the one over the rate only where there are several rates`() {
    #expect(report.spread.hasPrefix("<svg") && report.spread.hasSuffix("</svg>\n"))
    #expect(report.growth?.contains("<polyline") == true)
    #expect(Report(Array(report.cells.prefix(1))).growth == nil)
  }
}
