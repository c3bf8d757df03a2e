package import Domain

/// What a JUnit report counts, for those who ran the tests themselves.
package enum ReportedTests {
  /// A report that does not read; the text says why.
  package struct Unreadable: Error, Hashable, Sendable {
    package let reason: String
  }

  /// Counts the tests of one JUnit file.
  package static func count(junit bytes: [UInt8]) throws(Unreadable) -> TestCounts {
    var report = TestReport()
    do { try JUnitReader.read(bytes, into: &report) } catch { throw Unreadable(reason: error.reason) }
    return report.counts
  }
}
