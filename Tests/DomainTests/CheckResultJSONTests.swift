import Domain
import Testing

@Suite struct `A check's result as JSON` {
  private func result() -> CheckResult {
    CheckResult(name: "scan", kind: "security", verdict: .failed, seconds: 1.5, key: CheckKey(digest: .emptyTree))
  }

  @Test func `says what was measured, and null for what was not`() {
    var result = result()
    for name in ["cpu_seconds", "read_bytes", "written_bytes", "coverage"] { #expect(result.json[name] == .null) }
    #expect(result.json["findings"] == [] && result.json["metrics"] == [])
    result.cpuSeconds = 2.0625
    result.readBytes = 7_000_000_000
    result.writtenBytes = 0
    result.coverage = LineCoverage(covered: 3, valid: 4)
    result.metrics = [Metric(name: "p99", value: 12.5, unit: "ms", better: .lower)]
    #expect(result.json["cpu_seconds"]?.double == 2.063)
    #expect(result.json["read_bytes"] == 7_000_000_000 && result.json["written_bytes"] == 0)
    #expect(result.json["coverage"] == ["lines_covered": 3, "lines_valid": 4])
    #expect(
      result.json["metrics"]?.compact == #"[{"name":"p99","value":12.5,"unit":"ms","better":"lower"}]"#)
  }

  @Test func `tells the worst fifty findings and how many there are, and no single tests`() throws {
    var result = result()
    result.cases = (1...1_000).map { TestCase(name: "test \($0)", outcome: .passed) }
    let small = result.json.compact.utf8.count
    result.findings = (1...500).map { number in
      Finding(
        rule: "r", severity: number == 500 ? .critical : .low, path: "a.c", line: number, message: "m",
        fingerprint: "f\(number)")
    }
    let told = try #require(result.json["findings"]?.array)
    #expect(small < 1_000 && told.count == 50)
    #expect(told.first?["severity"] == "critical" && told.first?["line"] == 500 && told.last?["line"] == 49)
    #expect(result.json["findings_total"] == 500)
  }
}
