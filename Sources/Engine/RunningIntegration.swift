import Domain
import Store

/// A candidate that has been merged: what it consists of and how it is judged.
struct BuiltCandidate: Sendable {
  let commit: ObjectID
  let tree: ObjectID
  /// The target's tip it stands on.
  let base: ObjectID?
  let work: Work
  let policy: JudgingPolicy
  let merge: MergeReport
  /// Whether the candidate is the pushed commit itself.
  let isFastForward: Bool
}

/// The policy a candidate is judged by, and where it was read.
struct JudgingPolicy: Sendable {
  let policy: Policy
  /// The blob id of its bytes.
  let id: ObjectID
  /// `.sluice.yml`, or the path of the administrator's file.
  let source: String
}

/// How the merge went, in the words of the push output.
struct MergeReport: Sendable {
  let outcome: String
  let milliseconds: Double
}

/// One integration in flight.
struct RunningIntegration {
  let request: SubmissionRequest
  var record: Integration
  var built: BuiltCandidate?
  /// Results so far, in the policy's order once complete.
  var results: [CheckResult] = []
  /// What has become true and is written with the next durable write, which each costs several syncs.
  var unwritten: [LedgerChange] = []
  /// Stops the checks of this integration.
  let stop = StopFlag()
}
