import Domain

/// One check with the key of its verdict.
struct PlannedCheck: Sendable {
  let check: Policy.Check
  let key: CheckKey
}

/// What a lane needs to run checks on a candidate.
struct CheckJob: Sendable {
  let key: Engine.CandidateKey
  let purpose: CheckPurpose
  let integration: IntegrationID
  let tree: ObjectID
  let policy: Policy
  let checks: [PlannedCheck]
  let stop: StopFlag

  /// The job without the checks whose verdicts are known.
  func without(known: [CheckResult]) -> CheckJob {
    let names = Set(known.map(\.name))
    return CheckJob(
      key: key, purpose: purpose, integration: integration, tree: tree, policy: policy,
      checks: checks.filter { !names.contains($0.check.name) }, stop: stop)
  }
}
