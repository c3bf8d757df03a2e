import Domain
import Testing

@testable import Checks

@Suite struct `Beside the tests` {
  private static let tests = "echo '<testsuite><testcase name=\"a\"/></testsuite>' > $SLUICE_RESULTS/a.xml; "

  private func run(_ command: String, as format: Policy.ResultFormat = .junit) throws -> CheckResult? {
    let world = try World()
    let worktree = try world.worktree(["a": .file("")])
    return world.run(command, on: worktree) { $0.results = format }
  }

  @Test func `coverage is read, and does not disturb the tests`() throws {
    let result = try run(
      Self.tests + """
        cat > $SLUICE_RESULTS/coverage.xml <<'END'
        <?xml version="1.0" ?>
        <!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
        <coverage version="7.2" lines-valid="40" lines-covered="30" line-rate="0.75"><packages/></coverage>
        END
        """)
    #expect(result?.verdict == .passed)
    #expect(result?.tests == TestCounts(passed: 1))
    #expect(result?.coverage == LineCoverage(covered: 30, valid: 40))
    let alone = try run("echo '<coverage lines-valid=\"1\" lines-covered=\"1\"/>' > $SLUICE_RESULTS/coverage.xml")
    #expect(alone?.verdict == .notRun)
    #expect(alone?.reason == "it wrote no *.xml file of tests into $SLUICE_RESULTS")
    let beside = try run("echo '<coverage lines-valid=\"2\" lines-covered=\"1\"/>' > $SLUICE_RESULTS/c.xml", as: .exit)
    #expect(beside?.verdict == .passed)
    #expect(beside?.coverage == LineCoverage(covered: 1, valid: 2))
  }

  @Test func `coverage without totals is counted from the lines of its classes`() throws {
    var coverage: LineCoverage?
    let text = """
      <coverage line-rate="0.5"><packages><package><classes><class>
        <methods><method><lines><line number="1" hits="4"/></lines></method></methods>
        <lines><line number="1" hits="4"/><line number="2" hits="0"/><line number="3" hits="1"/></lines>
      </class></classes></package></packages></coverage>
      """
    try CoverageReader.read(Array(text.utf8), into: &coverage)
    try CoverageReader.read(Array("<coverage lines-valid='10' lines-covered='7'/>".utf8), into: &coverage)
    #expect(coverage == LineCoverage(covered: 9, valid: 13))
    #expect(throws: ResultError("its lines-covered and lines-valid are not numbers that fit together")) {
      try CoverageReader.read(Array("<coverage lines-valid='1' lines-covered='7'/>".utf8), into: &coverage)
    }
  }

  @Test func `a check's own measurements are kept, in every format`() throws {
    let command =
      #"echo '[{"name":"p99","value":12.5,"unit":"ms","better":"lower"},{"name":"rate","value":3e3,"better":"higher"}]' > $SLUICE_RESULTS/metrics.json"#
    let expected = [
      Metric(name: "p99", value: 12.5, unit: "ms", better: .lower),
      Metric(name: "rate", value: 3_000, unit: "", better: .higher),
    ]
    #expect(try run(command, as: .exit)?.metrics == expected)
    #expect(try run(Self.tests + command)?.metrics == expected)
    let wrapped = #"echo '{"metrics":[{"name":"n","value":1}]}' > $SLUICE_RESULTS/metrics.json"#
    #expect(try run(wrapped, as: .exit)?.metrics == [Metric(name: "n", value: 1, unit: "", better: .lower)])
  }

  @Test(arguments: [
    ("echo '[' >", "it is not JSON (line 2, column 1 (/0): expected a JSON value, found the end of the text)"),
    ("echo '{}' >", "it is neither an array nor an object with an array named metrics"),
    (#"echo '[{"name":"a"}]' >"#, "a has no number as its value"),
    (#"echo '[{"name":"a","value":"1"}]' >"#, "a has no number as its value"),
    (#"echo '[{"value":1}]' >"#, "/0 has no name"),
    (#"echo '[{"name":"a","value":1,"better":"more"}]' >"#, "better is neither lower nor higher at a"),
    (#"echo '[{"name":"a","value":1},{"name":"a","value":2}]' >"#, "it has two metrics named a"),
    ("truncate -s 2M", "it is larger than 1 MiB"),
  ]) func `measurements that are not understood are none`(command: String, reason: String) throws {
    let result = try run("\(command) $SLUICE_RESULTS/metrics.json", as: .exit)
    #expect(result?.verdict == .notRun)
    #expect(result?.reason == "metrics.json: \(reason)")
    // What failed has failed, whatever it says beside.
    #expect(try run("\(command) $SLUICE_RESULTS/metrics.json; exit 3", as: .exit)?.verdict == .failed)
  }

  /// Computes for a while, by the clock of its own process.
  private static let burn = "while ((times)[0] < 0.3) { $x += $_ for 1..20000 }"

  @Test func `what a command used is measured over all it started, children and orphans too`() throws {
    let world = try World()
    let worktree = try world.worktree(["burn": .file(Self.burn)])
    let result = try #require(
      world.run("sh -c 'perl burn'; (setsid perl burn; true) & wait; head -c 3000000 /dev/zero > x", on: worktree))
    let cpu = try #require(result.cpuSeconds)
    #expect(cpu >= 0.6 && cpu < 3, "\(cpu)")
    let read = try #require(result.readBytes)
    let written = try #require(result.writtenBytes)
    #expect(read >= 3_000_000 && read < 30_000_000, "\(read)")
    #expect(written >= 3_000_000 && written < 6_000_000, "\(written)")
    let idle = try #require(world.run("true", on: worktree))
    #expect((idle.cpuSeconds ?? 1) < 0.3 && (idle.writtenBytes ?? 1_000_000) < 1_000_000)
  }

  @Test func `a command that is ended at its limit has used what it used`() throws {
    let world = try World()
    let worktree = try world.worktree(["a": .file("")])
    let result = world.run("while :; do :; done", on: worktree) { $0.timeout = .milliseconds(600) }
    #expect(result?.verdict == .timedOut)
    #expect((result?.cpuSeconds ?? 0) > 0.05)
  }

  @Test func `attempts add up`() throws {
    let world = try World()
    let worktree = try world.worktree(["burn": .file(Self.burn)])
    let result = world.run("perl burn; exit 1", on: worktree) { $0.retries = 2 }
    #expect((result?.cpuSeconds ?? 0) >= 0.9)
  }
}
