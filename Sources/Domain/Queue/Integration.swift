/// Where one integration of a submission stands.
package enum IntegrationState: String, Hashable, Sendable {
  case merging, checking, staged
  /// The intent to move the target is written; the target may or may not have moved.
  case landing
  case landed, verified, failed, abandoned
}

/// One try at a submission: a candidate on a base, its checks, its end.
package struct Integration: Hashable, Sendable {
  package let id: IntegrationID
  package let submission: SubmissionID
  /// The target's tip it stands on; nil where the target does not exist yet.
  package let base: ObjectID?
  package var candidate: ObjectID?
  package var state: IntegrationState
  package let startedAt: Int64
  package var endedAt: Int64?
  package var checks: [CheckResult]
  /// The seed document's integration-results JSON, compact; nil until it is known.
  package var report: String?
  /// The certificate's JSON, compact; nil until the candidate is proven.
  package var certificate: String?

  package init(id: IntegrationID, submission: SubmissionID, base: ObjectID?, startedAt: Int64) {
    self.id = id
    self.submission = submission
    self.base = base
    self.startedAt = startedAt
    state = .merging
    checks = []
  }
}

/// A move of a target that Sluice made.
package struct Landing: Hashable, Sendable {
  package let integration: IntegrationID
  package let submission: SubmissionID
  package let target: String
  package let old: ObjectID?
  package let new: ObjectID
  /// Seconds since 1970.
  package let at: Int64

  package init(
    integration: IntegrationID, submission: SubmissionID, target: String, old: ObjectID?, new: ObjectID, at: Int64
  ) {
    self.integration = integration
    self.submission = submission
    self.target = target
    self.old = old
    self.new = new
    self.at = at
  }
}
