/// What a check's result means for a candidate: by itself, and test by test beside the base.
package struct Judgement: Hashable, Sendable {
  /// One way in which tests keep a candidate from landing.
  package struct Objection: Hashable, Sendable {
    package let change: TestComparison.Change
    package let tests: [String]
  }

  /// The result with the verdict that counts; what the run itself said is in the ledger.
  package let result: CheckResult
  /// Nil where there was nothing to compare with, or nothing to compare.
  package let comparison: TestComparison?
  /// In the order of weight.
  package let objections: [Objection]

  /// What a scanner found that the base does not have; nil where nothing was scanned.
  package var newFindings: [Finding]?

  /// The slowest tests of the run, slowest first; a few.
  package var slowest: [TestCase] = []

  package var holds: Bool { result.verdict.holds }

  /// Judges a result by itself.
  package init(_ result: CheckResult) {
    self.result = result
    comparison = nil
    objections = []
  }

  /// Judges a result beside the base: what passed can fail by it, and what failed can be excused.
  ///
  /// - Parameters:
  ///   - base: the result of the same check on the base.
  ///   - blocked: the changes that keep a candidate from landing.
  package init(
    _ result: CheckResult, _ comparison: TestComparison, base: CheckResult, blocked: Set<TestComparison.Change>,
    declared: DeclaredTests
  ) {
    var judged = result
    self.comparison = comparison
    let blocking = comparison.blocking(blocked, declared: declared)
    objections = blocking.map { Objection(change: $0.change, tests: $0.tests) }
    switch result.verdict {
    case .notRun, .timedOut: break
    case .passed, .flaky:
      if !blocking.isEmpty {
        judged.verdict = .failed
        judged.reason = Self.sentence(objections, of: result)
      }
    case .failed:
      if !blocking.isEmpty {
        judged.reason = Self.sentence(objections, of: result)
      } else if result.tests?.failed ?? 0 > 0, base.verdict == .failed, Self.cause(result) == Self.cause(base) {
        // The run ended as it ends on the base, and every test that fails here fails there.
        judged.verdict = .passed
        let count = comparison[.alreadyFailing].count
        judged.reason = "\(count) test\(count == 1 ? " fails" : "s fail") as on the base"
      }
    }
    self.result = judged
  }

  /// Judges what a scanner found: what it finds on the base too was there before, and what was accepted is let pass.
  ///
  /// - Parameter base: the same scan of the base; nil where there is none, and then everything is new.
  package init(_ result: CheckResult, scannedBeside base: CheckResult?, accepted: Set<String>) {
    comparison = nil
    objections = []
    let new = result.findings.new(since: base?.findings ?? [])
    let blocking = new.filter { !accepted.contains($0.fingerprint) }
    newFindings = new
    var judged = result
    if result.verdict == .failed, !result.findings.isEmpty {
      let known = result.findings.count - new.count
      let asBefore = known == 0 ? "" : "\(known) problem\(known == 1 ? "" : "s") as on the base"
      let passed = new.count == blocking.count ? "" : "\(new.count - blocking.count) let pass by an administrator"
      if blocking.isEmpty {
        judged.verdict = .passed
        judged.reason = [asBefore, passed].filter { !$0.isEmpty }.joined(separator: ", ")
      } else {
        let found = "found \(blocking.count) new problem\(blocking.count == 1 ? "" : "s"): \(blocking.severities)"
        judged.reason = [found, asBefore, passed].filter { !$0.isEmpty }.joined(separator: ", ")
      }
    }
    self.result = judged
  }

  /// The words of an end without what is counted in them.
  private static func cause(_ result: CheckResult) -> Substring? { result.reason?.prefix { $0 != ":" } }

  /// What is wrong with the tests, in one sentence.
  package static func sentence(_ objections: [Objection], of result: CheckResult) -> String {
    func count(_ change: TestComparison.Change) -> Int { objections.first { $0.change == change }?.tests.count ?? 0 }
    func are(_ count: Int) -> String { count == 1 ? "is" : "are" }
    var parts: [String] = []
    let regressions = count(.regression)
    let known = count(.alreadyFailing)
    let failed = regressions + count(.newFailure) + known
    if failed > 0 {
      parts.append("\(failed) of \(result.tests?.total ?? failed) tests failed")
      if regressions > 0 {
        let which = regressions == failed ? "which" : "\(regressions) of which"
        parts[0] += ", \(which) pass\(regressions == 1 ? "es" : "") on the base"
      }
      if known > 0 { parts[0] += ", \(known) as on the base" }
    }
    for (change, word) in [(TestComparison.Change.missing, "gone"), (.newlySkipped, "skipped")] where count(change) > 0
    {
      let number = count(change)
      parts.append("\(number) test\(number == 1 ? "" : "s") of the base \(are(number)) \(word)")
    }
    return parts.joined(separator: ", ")
  }

  /// Whether a check that is compared with the base failed by itself, before there was anything to compare.
  private var isBroken: Bool { result.performance.map { $0.objection == nil } ?? false }

  /// Why the candidate is refused; nil where it holds.
  package var category: FailureCategory? {
    guard !holds else { return nil }
    switch (result.verdict, result.kind, objections.first?.change) {
    case (.notRun, _, _): return .notRun
    case (.timedOut, _, _): return .timedOut
    case (_, "security", _): return .securityIssue
    case (_, "performance", nil) where !isBroken: return .performanceDegradation
    case (_, _, .regression?), (_, _, .missing?), (_, _, .newlySkipped?): return .regressionDetected
    default: return .testFailures
    }
  }

  /// The result as events and `sluice show` tell it, with what the comparison found.
  package var json: JSONValue {
    var object = result.json.object ?? [:]
    object["comparison"] = comparison?.json ?? .null
    object["new_findings"] = newFindings.map { .array($0.worst.map(\.json)) } ?? .null
    object["new_findings_total"] = newFindings.map { .integer($0.count) } ?? .null
    return .object(object)
  }
}
