/// A person's word for a submission: who gave it, and when.
package struct Approval: Hashable, Sendable {
  /// By the word of the transport, or the unix user of a command on the server.
  package let by: String
  /// Seconds since 1970.
  package let at: Int64

  package init(by: String, at: Int64) {
    self.by = by
    self.at = at
  }
}

/// Where the review of a submission by people stands, as the ledger holds it; a newer version has one of its own.
package struct Review: Hashable, Sendable {
  package let submission: SubmissionID
  /// When its wait began, in seconds since 1970; nil where nobody has asked for it.
  package var askedAt: Int64?
  package var approval: Approval?

  package init(submission: SubmissionID, askedAt: Int64? = nil, approval: Approval? = nil) {
    self.submission = submission
    self.askedAt = askedAt
    self.approval = approval
  }

  /// Whether somebody has still to say yes or no.
  package var isPending: Bool { askedAt != nil && approval == nil }
}

/// What an administrator answers to a request for a review.
package enum ReviewAnswer: Hashable, Sendable {
  case approved
  case refused(reason: String)
}
