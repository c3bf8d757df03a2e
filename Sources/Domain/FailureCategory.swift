/// Why a push or a submission was refused: the stable words that stand in every output.
package enum FailureCategory: String, Hashable, Sendable, CaseIterable {
  case invalidPackage = "invalid_package"
  case undeclaredChanges = "undeclared_changes"
  case unauthorized
  case protectedRef = "protected_ref"
  case limitExceeded = "limit_exceeded"
  case mergeConflicts = "merge_conflicts"
  case testFailures = "test_failures"
  case regressionDetected = "regression_detected"
  case performanceDegradation = "performance_degradation"
  case securityIssue = "security_issue"
  case notRun = "not_run"
  case timedOut = "timed_out"
  case deploymentFailed = "deployment_failed"
  case infrastructure
  case manualReview = "manual_review"
  case invalidPush = "invalid_push"
}

/// A refusal: its category, one sentence (what, where, why), further lines, and what to do next.
package struct Refusal: Error, Hashable, Sendable {
  package var category: FailureCategory
  /// One sentence without the category and without a full stop.
  package var reason: String
  /// Further facts, one a line: every violation, every failing test.
  package var details: [String]
  /// The exact next command or step, where there is one.
  package var hint: String?
  /// Where a merge stopped, and why.
  package var plan: ConflictPlan?
  /// The ref that holds the work on the target as it is now, ready to fetch.
  package var rebasedRef: String?

  /// A refusal; `reason` is one sentence without a full stop, `details` are lines of their own.
  package init(_ category: FailureCategory, _ reason: String, details: [String] = [], hint: String? = nil) {
    self.category = category
    self.reason = reason
    self.details = details
    self.hint = hint
  }
}
