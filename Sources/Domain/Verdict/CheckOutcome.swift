/// What the results of all checks mean for a candidate.
package enum CheckOutcome {
  /// The refusal; nil where every check of the policy has a result that holds.
  package static func refusal(
    _ results: [CheckResult], of policy: Policy, setupFailure: String?, output: [String]
  ) -> Refusal? {
    if let setupFailure {
      return Refusal(.notRun, "setup failed, so nothing was checked: \(setupFailure)", details: output)
    }
    let failed = results.filter { !$0.verdict.holds }
    guard let first = failed.first else {
      let missing = policy.checks.map(\.name).filter { name in !results.contains { $0.name == name } }
      return missing.isEmpty ? nil : Refusal(.notRun, "\(missing.joined(separator: ", ")) did not run")
    }
    return Refusal(
      category(of: first), sentence(first), details: failed.dropFirst().map { "\($0.name): \(sentence($0))" })
  }

  private static func category(of result: CheckResult) -> FailureCategory {
    switch result.verdict {
    case .notRun: .notRun
    case .timedOut: .timedOut
    case .failed, .passed, .flaky:
      switch result.kind {
      case "security": .securityIssue
      case "performance": .performanceDegradation
      default: .testFailures
      }
    }
  }

  private static func sentence(_ result: CheckResult) -> String {
    switch result.verdict {
    case .notRun: return "\(result.name) could not be run: \(result.reason ?? "no reason is known")"
    case .timedOut: return "\(result.name) \(result.reason ?? "took too long")"
    case .failed, .passed, .flaky:
      if let tests = result.tests, tests.failed > 0 {
        return "\(tests.failed) of \(tests.total) tests failed"
      }
      return "\(result.name) \(result.reason ?? "failed")"
    }
  }
}
