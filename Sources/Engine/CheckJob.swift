import Checks
import Domain

/// One check with the key of its verdict.
struct PlannedCheck: Sendable {
  let check: Policy.Check
  let key: CheckKey
}

/// One check to run on a tree.
struct CheckJob: Sendable {
  let number: Int
  let planned: PlannedCheck
  let place: CheckPlace
  /// Whether its verdict is doubted, so that nothing of an earlier run may be used.
  let isAgain: Bool
  let stop: StopFlag
}

/// The checks of a deployment pipeline, to run one after the other.
struct StagingJob: Sendable {
  let key: Engine.CandidateKey
  let checks: [PlannedCheck]
  let place: CheckPlace
  let stop: StopFlag
}

/// Where a job runs: a tree, prepared as its policy says.
struct CheckPlace: Sendable {
  let integration: IntegrationID
  let tree: ObjectID
  let setup: [PlannedSetup]
  let sandbox: Policy.Sandbox
}
