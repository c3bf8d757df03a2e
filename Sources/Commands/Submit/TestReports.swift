import Checks
import Domain

extension TestCounts {
  /// Adds up the JUnit reports of a test run; nil where there are none.
  init?(reports paths: [String]) throws(CommandFailure) {
    guard !paths.isEmpty else { return nil }
    self.init()
    for path in paths {
      let bytes = try Disk.read(path, max: 64 << 20)
      let counts: TestCounts
      do { counts = try ReportedTests.count(junit: bytes) } catch {
        throw .refused("the test report \(path) does not read: \(error.reason)")
      }
      passed += counts.passed
      failed += counts.failed
      skipped += counts.skipped
    }
  }
}
