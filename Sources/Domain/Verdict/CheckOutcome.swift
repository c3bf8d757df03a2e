/// What the judgements of all checks mean for a candidate.
package enum CheckOutcome {
  /// The refusal; nil where every check of the policy has a judgement that holds.
  package static func refusal(
    _ judgements: [Judgement], of policy: Policy, setupFailure: String?, output: [String]
  ) -> Refusal? {
    if let setupFailure {
      return Refusal(.notRun, "setup failed, so nothing was checked: \(setupFailure)", details: output)
    }
    let failed = judgements.filter { !$0.holds }
    guard let first = failed.first, let category = first.category else {
      let missing = policy.checks.map(\.name).filter { name in !judgements.contains { $0.result.name == name } }
      return missing.isEmpty ? nil : Refusal(.notRun, "\(missing.joined(separator: ", ")) did not run")
    }
    var refusal = Refusal(
      category, sentence(first), details: failed.dropFirst().map { "\($0.result.name): \(sentence($0))" })
    refusal.details += failed.flatMap { judgement in judgement.objections.flatMap(lines) }
    refusal.details += failed.flatMap(performanceLines)
    let changes = Set(failed.flatMap(\.objections).map(\.change))
    if changes.isSubset(of: [.missing, .newlySkipped]), let change = changes.first {
      let field = change == .missing ? "tests_removed" : "tests_skipped"
      refusal.hint = "bring them back, or say that it is meant: name them in the package's documentation.\(field)"
    }
    return refusal
  }

  private static let testsShown = 10
  private static let slowestShown = 5

  /// Where the time goes, for what takes too much.
  private static func performanceLines(_ judgement: Judgement) -> [String] {
    guard judgement.category == .performanceDegradation else { return [] }
    return (judgement.result.performance?.furtherLines ?? [])
      + judgement.slowest.prefix(slowestShown).map {
        "slowest: \(Printable.line($0.name, max: 200)) \(Event.decimal($0.seconds ?? 0, places: 3)) s"
      }
  }

  private static func lines(_ objection: Judgement.Objection) -> [String] {
    let word: String
    switch objection.change {
    case .regression: word = "regression"
    case .missing: word = "gone"
    case .newlySkipped: word = "skipped"
    // The lines of the check itself name what failed.
    default: return []
    }
    let shown = objection.tests.prefix(testsShown).map { "\(word): \(Printable.line($0, max: 200))" }
    let rest = objection.tests.count - shown.count
    return shown + (rest > 0 ? ["… and \(rest) more"] : [])
  }

  private static func sentence(_ judgement: Judgement) -> String {
    let result = judgement.result
    switch result.verdict {
    case .notRun: return "\(result.name) could not be run: \(result.reason ?? "no reason is known")"
    case .timedOut: return "\(result.name) \(result.reason ?? "took too long")"
    case .failed, .passed, .flaky:
      if !judgement.objections.isEmpty { return Judgement.sentence(judgement.objections, of: result) }
      if let tests = result.tests, tests.failed > 0 {
        return "\(tests.failed) of \(tests.total) tests failed"
      }
      return "\(result.name) \(result.reason ?? "failed")"
    }
  }
}
