/// How important a submission is: the queue is ordered by priority, then by arrival.
package enum Priority: String, Hashable, Sendable, CaseIterable, Comparable {
  case low, normal, high, urgent

  package static func < (left: Priority, right: Priority) -> Bool { left.rank < right.rank }

  var rank: Int {
    switch self {
    case .low: 0
    case .normal: 1
    case .high: 2
    case .urgent: 3
    }
  }
}

/// In which of the three embeddings the work package came.
package enum Embedding: String, Hashable, Sendable {
  /// `.sluice/package.json` in the tree of the pushed commit.
  case file
  /// The message of a pushed annotated tag.
  case tag
  /// A pushed blob, whose `diff_package` is the work.
  case blob
}

/// Where a submission stands. The last six are ends: exactly one of them is reached, once.
package enum SubmissionState: String, Hashable, Sendable, CaseIterable {
  case queued, integrating, staged
  case landed, verified, rejected, superseded, cancelled, quarantined

  package var isEnd: Bool {
    switch self {
    case .queued, .integrating, .staged: false
    case .landed, .verified, .rejected, .superseded, .cancelled, .quarantined: true
    }
  }
}

/// What a push asked for, as it stands in the inbox: written once by the hook, never changed.
package struct SubmissionRequest: Hashable, Sendable {
  package let id: SubmissionID
  /// The lineage: what follows `submit/` in the pushed ref.
  package let name: String
  /// The branch to land on, without `refs/heads/`.
  package let target: String
  /// The object that was pushed: a commit, an annotated tag or a blob.
  package let pushed: ObjectID
  package let embedding: Embedding
  package let taskID: String
  package let agentID: String
  /// Who pushed, by the transport's word.
  package let identity: String
  package let options: SubmissionOptions
  /// Seconds since 1970 at acceptance, by the server's clock.
  package let acceptedAt: Int64
  /// The submission this one takes the place of, where one was in flight under the same name.
  package let supersedes: SubmissionID?

  package init(
    id: SubmissionID, name: String, target: String, pushed: ObjectID, embedding: Embedding, taskID: String,
    agentID: String, identity: String, options: SubmissionOptions, acceptedAt: Int64, supersedes: SubmissionID?
  ) {
    self.id = id
    self.name = name
    self.target = target
    self.pushed = pushed
    self.embedding = embedding
    self.taskID = taskID
    self.agentID = agentID
    self.identity = identity
    self.options = options
    self.acceptedAt = acceptedAt
    self.supersedes = supersedes
  }
}

/// The push options that change what is done with a submission.
package struct SubmissionOptions: Hashable, Sendable {
  package var priority: Priority
  package var isDryRun: Bool
  package var isRetry: Bool
  /// Task or submission ids that must have landed first.
  package var dependsOn: [String]
  /// The fingerprints of findings that an administrator lets pass: no pusher can say so.
  package var acceptedFindings: Set<String> = []
  /// The landing that it takes back, where Sluice itself has made it.
  package var rollsBack: IntegrationID?

  package init(priority: Priority = .normal, isDryRun: Bool = false, isRetry: Bool = false, dependsOn: [String] = []) {
    self.priority = priority
    self.isDryRun = isDryRun
    self.isRetry = isRetry
    self.dependsOn = dependsOn
  }
}

/// A submission as the ledger holds it.
package struct Submission: Hashable, Sendable {
  package let request: SubmissionRequest
  package var state: SubmissionState
  /// The newest integration of it.
  package var integration: IntegrationID?
  /// Why it ended in `rejected` or `quarantined`.
  package var category: FailureCategory?
  /// The sentence that goes with the end.
  package var reason: String?
  package var landedCommit: ObjectID?
  /// Seconds since 1970 of the end.
  package var endedAt: Int64?
  /// Whether an administrator has put it before everything else.
  package var isPromoted = false
  /// What it changes, known once it was merged.
  package var shape: ChangeShape?

  package init(request: SubmissionRequest, state: SubmissionState = .queued) {
    self.request = request
    self.state = state
  }

  package var id: SubmissionID { request.id }
}
