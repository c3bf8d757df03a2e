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
  /// The package's `documentation.migration_required`.
  package var migrationRequired: Bool?

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

  /// The report with the field names of the seed document, in its order.
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
      "compatibility_assessment": [
        "backward_compatibility": .null,
        "api_compatibility": .null,
        "database_migration_required": orNull(migrationRequired),
        "dependency_conflicts": .null,
      ],
      "recommendation": .string(recommendation.rawValue),
    ]
  }

  private var integrationResults: JSONValue {
    let tests = checks.filter { $0.kind == "test" }
    let counts = tests.compactMap(\.tests)
    let security = checks.filter { $0.kind == "security" }
    let findings = security.compactMap(\.tests)
    return [
      "merge_conflicts": orNull(hasMergeConflicts),
      "system_tests_passed": tests.isEmpty ? .null : .bool(tests.allSatisfy(\.verdict.holds)),
      "system_test_count": counts.isEmpty ? .null : .integer(counts.reduce(0) { $0 + $1.total }),
      "system_test_failures": counts.isEmpty ? .null : .integer(counts.reduce(0) { $0 + $1.failed }),
      "regression_detected": orNull(regressionCount.map { $0 > 0 }),
      "performance_impact": [
        "execution_time_change": .null,
        "memory_usage_change": .null,
        "overall_impact": .null,
      ],
      "security_validation": [
        "vulnerabilities_detected": findings.isEmpty ? .null : .integer(findings.reduce(0) { $0 + $1.failed }),
        "security_score": .null,
        "compliance_check": security.isEmpty
          ? .null : .string(security.allSatisfy(\.verdict.holds) ? "passed" : "failed"),
      ],
    ]
  }

  private func orNull(_ value: Bool?) -> JSONValue { value.map(JSONValue.bool) ?? .null }
}
