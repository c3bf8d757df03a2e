/// The answer to one integration: the seed document's "Integration Validation Results", field for field.
///
/// What nobody measured is null, never a guess.
package struct IntegrationReport: Hashable, Sendable {
  package let integration: IntegrationID
  package let submission: SubmissionID
  /// Seconds since 1970.
  package let validatedAt: Int64
  /// The target's tip the candidate stands on.
  package let base: ObjectID?
  package let checks: [CheckResult]
  /// Why the integration failed; nil where it succeeded.
  package var failure: FailureCategory?
  /// Nil where no merge was tried.
  package var hasMergeConflicts: Bool?
  /// Whether the checks hold on the base itself; nil where nobody ran them there.
  package var baseTestsPassed: Bool?
  /// Tests that hold on the base and fail on the candidate; nil where they were not compared.
  package var regressionCount: Int?
  /// How much longer the checks took than on the base, and how much more memory; 0.1 is ten percent. Nil where that is not known.
  package var timeChange: Double?
  package var memoryChange: Double?
  /// What its performance checks have shown, in a word; nil where none was compared with the base.
  package var impact: PerformanceImpact.Word?
  /// Findings of scanners that the base does not have; nil where nothing was scanned.
  package var newFindings: [Finding]?
  package var compatibility = Compatibility()
  /// What the agent is told where it failed; nil where it did not.
  package var feedback: IntegrationFeedback?

  package init(_ integration: Integration, validatedAt: Int64, failure: FailureCategory?) {
    self.integration = integration.id
    submission = integration.submission
    self.validatedAt = validatedAt
    base = integration.base
    checks = integration.checks
    self.failure = failure
  }

  /// The words of the report's last field.
  package enum Recommendation: String, Hashable, Sendable {
    case approve = "approve_for_deployment"
    case resolveConflicts = "resolve_conflicts"
    case fixTests = "fix_test_failures"
    case fixRegressions = "fix_regressions"
    case optimize = "optimize_performance"
    case fixSecurity = "fix_security_issues"
    case fixDeployment = "fix_deployment"
    case correctSubmission = "correct_submission"
    case reduceChange = "reduce_change"
    case retry
    case manualReview = "manual_review"
  }

  package var recommendation: Recommendation {
    switch failure {
    case nil: .approve
    case .mergeConflicts?: .resolveConflicts
    case .testFailures?, .timedOut?: .fixTests
    case .regressionDetected?: .fixRegressions
    case .performanceDegradation?: .optimize
    case .securityIssue?: .fixSecurity
    case .deploymentFailed?: .fixDeployment
    case .invalidPackage?, .undeclaredChanges?, .invalidPush?, .protectedRef?: .correctSubmission
    case .limitExceeded?: .reduceChange
    case .infrastructure?: .retry
    case .notRun?, .unauthorized?, .manualReview?: .manualReview
    }
  }

  /// The report with the field names of the seed document, in its order, and behind them where the assessment comes from and
  /// what an agent needs to come back with a better push.
  package var json: JSONValue {
    [
      "integration_id": .string(integration.text),
      "agent_submission_id": .string(submission.text),
      "validation_timestamp": .string(Timestamp.rfc3339(validatedAt)),
      "status": failure == nil ? "success" : "failure",
      "main_branch_state": [
        "commit_hash": base.map(\.hex).json,
        "branch_health": baseTestsPassed.map { $0 ? "healthy" : "failing" }.json,
        "existing_tests_passed": orNull(baseTestsPassed),
      ],
      "integration_results": integrationResults,
      "compatibility_assessment": compatibility.json,
      "recommendation": .string(recommendation.rawValue),
      "compatibility_sources": compatibility.sources,
      "feedback": feedback?.json ?? .null,
    ]
  }

  private var integrationResults: JSONValue {
    let tests = checks.filter { $0.kind == "test" }
    let counts = tests.compactMap(\.tests)
    let security = checks.filter { $0.kind == "security" }
    return [
      "merge_conflicts": orNull(hasMergeConflicts),
      "system_tests_passed": tests.isEmpty ? .null : .bool(tests.allSatisfy(\.verdict.holds)),
      "system_test_count": counts.isEmpty ? .null : .integer(counts.reduce(0) { $0 + $1.total }),
      "system_test_failures": counts.isEmpty ? .null : .integer(counts.reduce(0) { $0 + $1.failed }),
      "regression_detected": orNull(regressionCount.map { $0 > 0 }),
      "performance_impact": [
        "execution_time_change": timeChange.map(Self.percent).json,
        "memory_usage_change": memoryChange.map(Self.percent).json,
        "overall_impact": overallImpact.json,
      ],
      "security_validation": [
        // A finding of low severity says that somebody may want to look.
        "vulnerabilities_detected": newFindings.map { .integer($0.count { $0.severity > .low }) } ?? .null,
        "security_score": newFindings.map { .string(SecurityScore(new: $0).rawValue) } ?? .null,
        "compliance_check": newFindings == nil && security.isEmpty
          ? .null
          : .string(security.allSatisfy(\.verdict.holds) && failure != .securityIssue ? "passed" : "failed"),
      ],
    ]
  }

  private static func percent(_ change: Double) -> String {
    (change < 0 ? "" : "+") + Event.decimal(change * 100, places: 1) + "%"
  }

  /// Change below which nobody notices: runs of the very same code differ by as much.
  private static let negligible = 0.05

  /// What was measured in pairs; without that the worse of time and memory, in a word.
  private var overallImpact: String? {
    if let impact { return impact.rawValue }
    guard let worst = [timeChange, memoryChange].compactMap({ $0 }).max() else { return nil }
    if worst >= Self.negligible { return "degraded" }
    return worst <= -Self.negligible ? "improved" : "negligible"
  }

  private func orNull(_ value: Bool?) -> JSONValue { value.map(JSONValue.bool) ?? .null }
}
