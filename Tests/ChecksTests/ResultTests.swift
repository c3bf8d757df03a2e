import Domain
import Testing

@testable import Checks

@Suite struct `Result files` {
  @Test func `JUnit names the tests that failed, with their first lines`() throws {
    let report = try junit(
      """
      <?xml version="1.0" encoding="utf-8"?>
      <!-- written by a test -->
      <testsuites><testsuite name="pytest" errors="0" failures="1">
        <testcase classname="tests.test_a" name="test_one" time="0.1"/>
        <testcase classname="tests.test_a" name="test_two"><failure message="assert 1 == 2">line &lt;1&gt;
      line 2&#10;line 3<![CDATA[ <!DOCTYPE html> ]]></failure></testcase>
        <testcase name="alone"><skipped/></testcase>
        <testcase classname="C" name="flaky"><flakyFailure message="once"/><system-out>noise</system-out></testcase>
        <testcase classname="C" name="error"><error>boom</error></testcase>
      </testsuite></testsuites>
      """)
    #expect(report.counts == TestCounts(passed: 2, failed: 2, skipped: 1))
    #expect(
      report.failures == [
        TestFailure(
          name: "tests.test_a.test_two", output: ["assert 1 == 2", "line <1>", "line 2", "line 3 <!DOCTYPE html>"]),
        TestFailure(name: "C.error", output: ["boom"]),
      ])
  }

  @Test(arguments: [
    ("<!DOCTYPE a [<!ENTITY x 'y'>]><testsuite/>", "document types and entities are not read"),
    ("<testsuite>&x;</testsuite>", "document types and entities are not read"),
    ("<testsuite>", "it is not well-formed XML (line 1: it ends too early)"),
    ("<testsuite></testsuites>", "it is not well-formed XML (line 1: an end tag that nothing opened)"),
    ("<testsuite/><testsuite/>", "it is not well-formed XML (line 1: a second root element)"),
    ("<html/>", "its root element is html, not testsuites"),
    ("", "it is not well-formed XML (line 1: it ends too early)"),
    ("ok", "it is not well-formed XML (line 1: text outside the root element)"),
    ("<testsuite a=1/>", "it is not well-formed XML (line 1: an attribute without quotes)"),
    ("<testsuite>\u{0}</testsuite>", "it is not UTF-8"),
    (String(repeating: "<testsuite>", count: 100), "elements are nested too deep"),
  ]) func `XML that could do harm or is none is refused`(text: String, reason: String) {
    #expect(throws: ResultError(reason)) { try junit(text) }
  }

  @Test func `a hundred failures are kept, every one is counted`() throws {
    let cases = (1...250).map {
      "<testcase name='t\($0)'><failure>\(String(repeating: "l\n", count: 50))</failure></testcase>"
    }
    let report = try junit("<testsuite>\(cases.joined())</testsuite>")
    #expect(report.counts.failed == 250)
    #expect(report.failures.count == 100)
    #expect(report.failures.first?.output.count == 10)
  }

  @Test func `TAP tells its points, its directives and what follows a failure`() throws {
    let report = try tap(
      """
      TAP version 14
      1..5
      ok 1 - works
      not ok 2 - adds \\# up # time 3
        ---
        message: wrong sum
        ...
      ok 3 # SKIP no network
      not ok 4 later # TODO not yet
      # Subtest: inner
          not ok 1 - deep
          1..1
      not ok 5 - inner
      """)
    #expect(report.counts == TestCounts(passed: 1, failed: 2, skipped: 2))
    #expect(
      report.failures == [
        TestFailure(name: "adds # up # time 3", output: ["  ---", "  message: wrong sum", "  ..."]),
        TestFailure(name: "inner", output: []),
      ])
  }

  @Test func `TAP names its tests the same in every run, and times them where it can`() throws {
    let report = try tap(
      """
      TAP version 13
      # Subtest: adds
          ok 1 - inner
            ---
            duration_ms: 9
            ...
          1..1
      ok 1 - adds
        ---
        duration_ms: 12.5
        type: 'test'
        ...
      not ok 2 - fails # time=250ms
        ---
        ok 7 - only text here
        ...
      ok - # TODO
      ok 4 - four # 4 # SKIP see #12
      ok 5abc
      1..5

      """)
    #expect(
      report.cases == [
        TestCase(name: "adds", outcome: .passed, seconds: 0.0125),
        TestCase(name: "fails", outcome: .failed, seconds: 0.25), TestCase(name: "test 3", outcome: .skipped),
        TestCase(name: "four # 4", outcome: .skipped), TestCase(name: "5abc", outcome: .passed),
      ])
  }

  @Test(arguments: [
    ("ok 1\n", "it has no plan"), ("1..2\nok 1\n", "2 tests were planned and 1 told"),
    ("1..1\nok 1\nok 2\n", "1 tests were planned and 2 told"), ("1..1\n1..1\nok\n", "it has two plans"),
    ("1..1\nBail out! no database\n", "it bailed out: no database"),
    ("1..1\n    ok 1\n    Bail out! deep\nok 1\n", "it bailed out: deep"), ("1..1\nok 1 \0\n", "it is not UTF-8"),
  ]) func `TAP that ends early is refused`(text: String, reason: String) {
    #expect(throws: ResultError(reason)) { try tap(text) }
  }

  @Test(
    arguments: [
      ("echo '<testsuite><testcase name=\"a\"/></testsuite>' > $SLUICE_RESULTS/a.xml", .passed, nil),
      (
        "echo '<testsuite><testcase name=\"a\"/></testsuite>' > $SLUICE_RESULTS/a.xml; exit 1", .failed,
        "failed with exit status 1"
      ),
      (
        "echo '<testsuite><testcase name=\"a\"><failure/></testcase></testsuite>' > $SLUICE_RESULTS/a.xml", .failed,
        "failed: 1 of 1 tests, though its exit status was 0"
      ),
      ("true", .notRun, "it wrote no *.xml file into $SLUICE_RESULTS"),
      ("exit 4", .failed, "failed with exit status 4"),
      ("echo '<testsuite/>' > $SLUICE_RESULTS/a.xml", .notRun, "its junit results hold no tests"),
      (
        "printf '<testsuite>' > $SLUICE_RESULTS/a.xml", .notRun,
        "a.xml: it is not well-formed XML (line 1: it ends too early)"
      ),
      (
        "echo '<testsuite><testcase name=\"a\"><skipped/></testcase></testsuite>' > $SLUICE_RESULTS/a.xml", .notRun,
        "every test in its junit results was skipped"
      ),
      ("mkdir $SLUICE_RESULTS/a.xml", .notRun, "a.xml is a folder, not a file"),
      ("ln -s /etc/passwd $SLUICE_RESULTS/a.xml", .notRun, "a.xml is not a plain file"),
      ("mkfifo $SLUICE_RESULTS/a.xml", .notRun, "a.xml is not a plain file"),
      ("truncate -s 65M $SLUICE_RESULTS/a.xml", .notRun, "the result files are larger than 64 MiB"),
      (
        "mkdir $SLUICE_RESULTS/b; for f in a b/b; do echo '<testsuite><testcase name=\"a\"/></testsuite>' > $SLUICE_RESULTS/$f.xml; done",
        .passed, nil
      ),
    ] as [(String, Verdict, String?)]) func `result files can fail a check, never pass one`(
      command: String, verdict: Verdict, reason: String?
    ) throws
  {
    let world = try World()
    let worktree = try world.worktree(["a": .file("")])
    let result = world.run(command, on: worktree) { $0.results = .junit }
    #expect(result?.verdict == verdict)
    #expect(result?.reason == reason)
  }

  private func junit(_ text: String) throws -> TestReport {
    var report = TestReport()
    try JUnitReader.read(Array(text.utf8), into: &report)
    return report
  }

  private func tap(_ text: String) throws -> TestReport {
    var report = TestReport()
    try TAPReader.read(Array(text.utf8), into: &report)
    return report
  }
}
