import Checks
import Domain
import Store

/// A candidate that has been merged: what it consists of and how it is judged.
struct BuiltCandidate: Sendable {
  let commit: ObjectID
  let tree: ObjectID
  /// The commit it stands on: the target's tip or another candidate.
  let base: ObjectID?
  let work: Work
  let policy: JudgingPolicy
  let merge: MergeReport
  /// Whether the candidate is the pushed commit itself.
  let isFastForward: Bool
  /// The policy's checks with their keys on this tree, in the policy's order.
  var checks: [PlannedCheck]
  let setup: [PlannedSetup]
  let shape: ChangeShape?
  /// The checks whose keys are not those of its base: what its change can make a difference to.
  let touched: Set<String>
  let excuses: Excuses
  /// The conflicts that the policy settled.
  let resolutions: [AppliedResolution]
  /// The policy's reviews that its change asks for; somebody has approved it where there are any that count.
  let reviews: [Policy.Review]
  /// The checks whose verdicts were known before it was built.
  var known: Set<CheckKey> = []
}

/// What is not held against the submissions of a path.
struct Excuses: Hashable {
  /// What their packages say about the tests they take away.
  var tests: DeclaredTests
  /// The fingerprints of findings that an administrator has let pass.
  var findings: Set<String>

  mutating func formUnion(_ other: Excuses) {
    tests.formUnion(other.tests)
    findings.formUnion(other.findings)
  }

  /// What matters to a check with such results, in a fixed order.
  func words(for format: Policy.ResultFormat) -> [String] {
    switch format {
    case .junit, .tap: tests.isEmpty ? [] : tests.words
    case .sarif: findings.sorted()
    case .exit: []
    }
  }
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

/// One integration in flight: a submission on a base.
struct RunningIntegration {
  let request: SubmissionRequest
  /// The candidate it stands on; nil for the target's tip.
  let base: Engine.CandidateKey?
  var record: Integration
  var built: BuiltCandidate?
  /// Why it does not hold, where that is known without its checks.
  var refusal: Refusal?
  /// Whether it is pinned, written down and told; one that nobody needed to know of is not.
  var isTold = false
  /// Whether `staging/<id>` shows it.
  var isShown = false
  /// What it waits for on its way to the target; nil where it is on no way, or only as one of a path.
  var deployment: Deployment?
  /// What its deployment pipeline came to, contexts that did not hold included.
  var staging: [CheckResult] = []
  /// What something outside says of it: the newest word of each context.
  var contexts: [ContextName: ContextReport] = [:]
  var reportsTold = 0
  /// Stops what runs for this integration alone.
  let stop = StopFlag()
}

/// What a staged candidate waits for before it lands with all in its path.
struct Deployment {
  /// Tells it from an earlier one of the same candidate, whose answer may still be on its way.
  let number: Int
  let delivery: Policy.Delivery
  /// By the clock that never jumps.
  let deadline: Double
  /// Whether its own checks have held.
  var checksHold = false
  let stop = StopFlag()

  init(number: Int, _ delivery: Policy.Delivery, at now: Double) {
    self.number = number
    self.delivery = delivery
    deadline = now + Double(delivery.timeout.components.seconds)
  }
}

/// A check that runs.
struct RunningCheck {
  let target: String
  let planned: PlannedCheck
  let excuses: Excuses
  /// Whose submissions it decides.
  let members: [SubmissionID]
  /// Tells this run from an earlier one of the same key, whose answer may still be on its way.
  let number: Int
  /// Whether it looks once more at a failure that was seen in company.
  let isAgain: Bool
  let stop = StopFlag()
}

/// A verdict with what the setup had to say, where that kept the check from running.
struct SeenVerdict {
  var result: CheckResult
  var setupFailure: SetupFailure?
}
