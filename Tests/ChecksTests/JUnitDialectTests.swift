import Domain
import Testing

@testable import Checks

/// The same story, told as each tool writes it.
@Suite struct `JUnit as` {
  @Test func `pytest writes it, with a failure at teardown as a second test`() throws {
    let report = try junit(
      """
      <?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" \
      failures="1" skipped="2" tests="5" time="0.321" timestamp="2025-01-02T03:04:05.678901+00:00" hostname="box">\
      <testcase classname="tests.test_sum.TestSum" name="test_add[1-2]" time="0.002" />\
      <testcase classname="tests.test_sum" name="test_wrong" time="0.010"><failure message="assert 3 == 4&#10; +  where">
      def test_wrong():
      &gt;   assert 3 == 4</failure></testcase>\
      <testcase classname="tests.test_sum" name="test_wrong" time="0.001"><error message="failed on teardown">boom</error>\
      </testcase><testcase classname="tests.test_sum" name="test_later" time="0.000"><skipped type="pytest.xfail" \
      message="not yet" /></testcase><testcase classname="tests.test_sum" name="test_off" time="0.000">\
      <skipped type="pytest.skip" message="no network">tests/test_sum.py:9: no network</skipped></testcase>\
      </testsuite></testsuites>
      """)
    #expect(
      report.cases == [
        TestCase(name: "tests.test_sum.TestSum.test_add[1-2]", outcome: .passed, seconds: 0.002),
        TestCase(name: "tests.test_sum.test_wrong", outcome: .failed, seconds: 0.010),
        TestCase(name: "tests.test_sum.test_wrong #2", outcome: .failed, seconds: 0.001),
        TestCase(name: "tests.test_sum.test_later", outcome: .skipped, seconds: 0),
        TestCase(name: "tests.test_sum.test_off", outcome: .skipped, seconds: 0),
      ])
    #expect(
      report.failures == [
        TestFailure(
          name: "tests.test_sum.test_wrong",
          output: ["assert 3 == 4", " +  where", "def test_wrong():", ">   assert 3 == 4"]),
        TestFailure(name: "tests.test_sum.test_wrong #2", output: ["failed on teardown", "boom"]),
      ])
  }

  @Test func `Surefire writes it, a suite a file, with reruns and thousands of seconds`() throws {
    let report = try junit(
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="3.0" name="org.example.CartTest"
          time="1,234.5" tests="4" errors="1" skipped="0" failures="0">
        <properties><property name="java.version" value="21"/></properties>
        <testcase name="holds" classname="org.example.CartTest" time="1,234.567"/>
        <testcase name="empties" classname="org.example.CartTest" time="0.004">
          <flakyFailure message="once" type="java.lang.AssertionError"><stackTrace><![CDATA[at x]]></stackTrace></flakyFailure>
        </testcase>
        <testcase name="pays" classname="org.example.CartTest" time="0.1">
          <error message="null" type="java.lang.NullPointerException"><![CDATA[java.lang.NullPointerException
      	at org.example.Cart.pay(Cart.java:7)]]></error>
          <rerunError message="null" type="java.lang.NullPointerException"><stackTrace>again</stackTrace></rerunError>
          <system-out><![CDATA[noise <failure>]]></system-out>
        </testcase>
        <testcase name="ships" classname="org.example.CartTest" time="fast"/>
      </testsuite>
      """)
    #expect(
      report.cases == [
        TestCase(name: "org.example.CartTest.holds", outcome: .passed, seconds: 1_234.567),
        TestCase(name: "org.example.CartTest.empties", outcome: .passed, seconds: 0.004),
        TestCase(name: "org.example.CartTest.pays", outcome: .failed, seconds: 0.1),
        TestCase(name: "org.example.CartTest.ships", outcome: .passed),
      ])
    #expect(
      report.failures.first?.output == [
        "null", "java.lang.NullPointerException", " at org.example.Cart.pay(Cart.java:7)",
      ])
  }

  @Test func `jest-junit writes it, with class and name alike and suites that did not start`() throws {
    let report = try junit(
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="jest tests" tests="3" failures="0" errors="1" time="0.832">
        <testsuite name="cart" errors="0" failures="0" skipped="1" timestamp="2025-01-02T03:04:05" time="0.5" tests="2">
          <testcase classname="cart adds up" name="cart adds up" time="0.003">
          </testcase>
          <testcase classname="cart is slow" name="cart is slow" time="0"><skipped/></testcase>
        </testsuite>
        <testsuite name="undefined" errors="1" failures="0" skipped="0" time="0" tests="1">
          <testcase classname="Test suite failed to run" name="src/pay.test.js" time="0"><error>Cannot find module</error></testcase>
        </testsuite>
      </testsuites>
      """)
    #expect(
      report.cases.map(\.name) == [
        "cart adds up", "cart is slow", "Test suite failed to run.src/pay.test.js",
      ])
    #expect(report.counts == TestCounts(passed: 1, failed: 1, skipped: 1))
  }

  @Test func `go-junit-report writes it, with packages that did not build`() throws {
    let report = try junit(
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites tests="3" failures="1" errors="1">
      \t<testsuite name="example.org/cart" tests="2" failures="1" errors="0" id="0" hostname="box" time="0.160">
      \t\t<properties><property name="go.version" value="go1.22"></property></properties>
      \t\t<testcase name="TestAdd" classname="example.org/cart" time="0.060"></testcase>
      \t\t<testcase name="TestAdd/negative_#01" classname="example.org/cart" time="0.100">
      \t\t\t<failure message="Failed"><![CDATA[    cart_test.go:11: got 3]]></failure>
      \t\t</testcase>
      \t\t<system-out><![CDATA[PASS: not really]]></system-out>
      \t</testsuite>
      \t<testsuite name="example.org/pay" tests="1" failures="0" errors="1" id="1" time="0.000">
      \t\t<testcase name="[build failed]" classname="example.org/pay" time="0.000">
      \t\t\t<error message="Build error"><![CDATA[pay.go:3:1: syntax error]]></error>
      \t\t</testcase>
      \t</testsuite>
      </testsuites>
      """)
    #expect(
      report.cases == [
        TestCase(name: "example.org/cart.TestAdd", outcome: .passed, seconds: 0.06),
        TestCase(name: "example.org/cart.TestAdd/negative_#01", outcome: .failed, seconds: 0.1),
        TestCase(name: "example.org/pay.[build failed]", outcome: .failed, seconds: 0),
      ])
  }

  @Test func `Swift Testing writes it, with characters as numbers`() throws {
    let report = try junit(
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites>
        <testsuite name="TestResults" errors="0" tests="3" failures="1" skipped="1" time="0.001664833">
          <testcase classname="CartTests.Cart" name="adds()" time="0.000832083" />
          <testcase classname="CartTests.Cart" name="`pays &#38; ships`()" time="0.2">
            <failure message="Expectation failed: (sum &#8594; 3) == 4" />
          </testcase>
          <testcase classname="CartTests" name="later()" time="0.0">
            <skipped>not yet</skipped>
          </testcase>
        </testsuite>
      </testsuites>
      """)
    #expect(
      report.cases.map(\.name) == ["CartTests.Cart.adds()", "CartTests.Cart.`pays & ships`()", "CartTests.later()"])
    #expect(report.cases.map(\.outcome) == [.passed, .failed, .skipped])
    #expect(report.failures.first?.output == ["Expectation failed: (sum → 3) == 4"])
  }

  @Test func `GoogleTest and CTest write it, with tests that did not run in attributes`() throws {
    let report = try junit(
      """
      <testsuites><testsuite name="Cart">
        <testcase name="Adds" status="run" result="completed" time="0.1" classname="Cart"/>
        <testcase name="Off" status="notrun" result="suppressed" time="0" classname="Cart"/>
        <testcase name="Skips" status="run" result="skipped" time="0" classname="Cart"/>
        <testcase name="Gone" status="disabled" classname="Cart"/>
      </testsuite></testsuites>
      """)
    #expect(report.cases.map(\.outcome) == [.passed, .skipped, .skipped, .skipped])
  }

  @Test func `a suite that could not start fails by its own name`() throws {
    let report = try junit(
      "<testsuites><testsuite name='a'><testcase name='x'/><error message='no database'/></testsuite></testsuites>")
    #expect(report.cases.map(\.name) == ["x", "a"])
    #expect(report.failures == [TestFailure(name: "a", output: ["no database"])])
  }

  @Test func `tests of one name stay apart, whatever their names`() throws {
    let names = ["a", "a", "a #2", "a", "", "", "a #3"]
    let report = try junit("<testsuite>\(names.map { "<testcase name='\($0)'/>" }.joined())</testsuite>")
    #expect(report.cases.map(\.name) == ["a", "a #2", "a #2 #2", "a #3", "unnamed", "unnamed #2", "a #3 #2"])
  }

  @Test func `more tests than are compared are refused`() throws {
    let test = "<testcase name='t'/>"
    let most = String(repeating: test, count: CheckResult.casesMax)
    #expect(try junit("<testsuite>\(most)</testsuite>").cases.count == CheckResult.casesMax)
    #expect(throws: ResultError("it tells of more than 200000 tests")) {
      try junit("<testsuite>\(most)\(test)</testsuite>")
    }
  }

  @Test(arguments: [
    ("<testsuite><testcase><testcase/></testcase></testsuite>", "it has a testcase inside a testcase"),
    ("<testsuite name='&bomb;'/>", "document types and entities are not read"),
    ("<!DOCTYPE testsuite SYSTEM 'a' [<!ENTITY a 'b'>]><testsuite/>", "document types and entities are not read"),
    ("<testsuite>&#xD800;</testsuite>", "it is not well-formed XML (line 1: a reference to no character)"),
    ("<testsuite>a & b</testsuite>", "it is not well-formed XML (line 1: a bare &)"),
    ("<testsuite a='1' a='2'/>", "it is not well-formed XML (line 1: an attribute twice)"),
    (
      "<?xml version='1.0' encoding='ISO-8859-1'?><testsuite name='ü'/>",
      "its encoding is ISO-8859-1, and UTF-8 is read"
    ),
    ("<testsuite>\n<testcase name='a", "it is not well-formed XML (line 2: it ends too early)"),
  ]) func `XML that is cut off or hostile is refused`(text: String, reason: String) {
    #expect(throws: ResultError(reason)) { try junit(text) }
  }

  @Test func `a file in another encoding is refused, and one that only says so is read`() throws {
    var report = TestReport()
    let latin: [UInt8] = Array("<testsuite name='".utf8) + [0xFC] + Array("'/>".utf8)
    #expect(throws: ResultError("it is not UTF-8")) { try JUnitReader.read(latin, into: &report) }
    let plain = try junit("<?xml version='1.0' encoding='ISO-8859-1'?><testsuite><testcase name='a'/></testsuite>")
    #expect(plain.cases.count == 1)
    let marked = try junit("\u{FEFF}<testsuite><testcase name='ü'/></testsuite>")
    #expect(marked.cases.map(\.name) == ["ü"])
  }

  private func junit(_ text: String) throws -> TestReport {
    var report = TestReport()
    try JUnitReader.read(Array(text.utf8), into: &report)
    return report
  }
}
