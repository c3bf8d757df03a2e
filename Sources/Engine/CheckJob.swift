import Checks
import Domain

/// One check with the key of its verdict.
struct PlannedCheck: Sendable {
  let check: Policy.Check
  let key: CheckKey
  /// What its verdict is stored under: the key, and for a comparison also the key on the base and the budget.
  var verdictKey: CheckKey
  /// What its train knows it by: the key, and what the packages say about their tests, which can make another verdict of it.
  var judgedKey: CheckKey
  /// The same check on the base; nil where there is nothing to compare with.
  var base: BaseCheck?

  init(_ check: Policy.Check, key: CheckKey) {
    self.check = check
    self.key = key
    verdictKey = key
    judgedKey = key
  }

  /// Whether its verdict says how it compares with the base, and so depends on that too.
  var isComparison: Bool { check.budget != nil && base != nil }
}

/// A check as it stands on the target's tip.
struct BaseCheck: Sendable {
  let key: CheckKey
  let tree: ObjectID
  let setup: [PlannedSetup]
}

/// One check to run on a tree.
struct CheckJob: Sendable {
  let number: Int
  let planned: PlannedCheck
  let place: CheckPlace
  /// Whether its verdict is doubted, so that nothing of an earlier run may be used.
  let isAgain: Bool
  /// Whether the base is measured as well, since nobody has done so yet.
  let measuresBase: Bool
  let stop: StopFlag
}

/// The checks of a deployment pipeline, to run one after the other.
struct StagingJob: Sendable {
  /// Of the deployment that it belongs to.
  let number: Int
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
