import Domain
import GitProgram
import Store

/// What something outside, such as a continuous integration system, says of staged candidates and of landings.
///
/// The target only ever moves to the last candidate of a path, so that its contexts decide for all of it. A word about another
/// one of the path is kept for when that stands last itself.
extension Engine {
  /// Reports of one integration that are told; later ones only count.
  private static let reportsToldMax = 200

  /// Tells all that would land together what they wait for.
  func askContexts(_ key: CandidateKey, _ deployment: Deployment) {
    guard let id = integrations[key]?.record.id, !deployment.delivery.contexts.isEmpty else { return }
    let until = clock.seconds + deployment.delivery.timeout.components.seconds
    for request in path(to: key).map(request) {
      record([
        event(.contextsAwaited(request, deployment.delivery.contexts, of: id, until: until), of: request.id)
      ])
    }
  }

  /// Lets a staged candidate land where its own checks and all contexts hold; refuses it where a context speaks against it.
  func decide(_ key: CandidateKey) {
    guard let running = integrations[key], let deployment = running.deployment else { return }
    let reports = deployment.delivery.contexts.compactMap { running.contexts[$0] }
    let red = reports.filter(\.state.isRed)
    if let first = red.first {
      let results = red.compactMap { result(of: $0.context, on: key, $0) }
      integrations[key]?.staging += results
      return endDeployment(key, Refusal(.deploymentFailed, first.sentence))
    }
    guard deployment.checksHold, deployment.delivery.contexts.allSatisfy({ running.contexts[$0]?.state == .success })
    else { return }
    integrations[key]?.deployment = nil
    tell(key.target, .staged(key.candidate, .held))
  }

  /// Refuses what has waited for contexts as long as the policy lets it: no answer is no success.
  func endContextsOverdue() {
    for (key, running) in integrations {
      guard let deployment = running.deployment, deployment.deadline <= clock.monotonic else { continue }
      let missing = deployment.delivery.contexts.filter { running.contexts[$0]?.state != .success }
      guard !missing.isEmpty else { continue }
      let results = missing.compactMap { result(of: $0, on: key, running.contexts[$0]) }
      integrations[key]?.staging += results
      let names = missing.map(\.text).joined(separator: ", ")
      let limit = deployment.delivery.timeout.components.seconds
      endDeployment(
        key,
        Refusal(
          .deploymentFailed, "no answer from \(names) within \(limit) s",
          hint: "see whether it watches staging/*, then push to refs/heads/submit/\(running.request.name) again"))
    }
  }

  /// What the contexts that the policy waits for have said of a candidate, in the policy's order.
  func contexts(of key: CandidateKey) -> [ContextReport] {
    guard let running = integrations[key] else { return [] }
    return running.built?.policy.policy.delivery.contexts.compactMap { running.contexts[$0] } ?? []
  }

  /// Takes in a report from the inbox, where it stands as `entry`.
  func hear(_ report: ContextReport, of id: IntegrationID, as record: SubmissionID, entry: ObjectID) throws {
    if let (key, running) = integrations.first(where: { $0.value.record.id == id && $0.value.isShown }) {
      keep(report, on: key, running)
    } else if try takesBack(report, of: id) {
      return try rollBack(
        id, as: record, entry: entry, by: report.by, reason: "\(report.sentence) after the landing")
    }
    unpins.append(.delete(SluiceRef.inbox(record), expecting: entry))
  }

  private func keep(_ report: ContextReport, on key: CandidateKey, _ running: RunningIntegration) {
    guard running.contexts[report.context]?.saysTheSame(as: report) != true else { return }
    integrations[key]?.contexts[report.context] = report
    integrations[key]?.reportsTold += 1
    if running.reportsTold < Self.reportsToldMax {
      let told = running.deployment == nil ? [key] : path(to: key)
      for request in told.map(request) {
        record([event(.contextReported(request, report, of: running.record.id), of: request.id)])
      }
    }
    decide(key)
  }

  /// Whether a word about an integration that is no longer staged is a reason to take its landing back.
  private func takesBack(_ report: ContextReport, of id: IntegrationID) throws -> Bool {
    func isIgnored(_ why: String) -> Bool {
      log("\(report.context) says \(report.state.rawValue) of \(id.text): \(why)")
      return false
    }
    guard let landing = try landedIntegration(id) else {
      return isIgnored("it is no longer staged, and has not landed")
    }
    guard report.state.isRed else { return isIgnored("it has landed") }
    guard !landing.isRollback else { return isIgnored("it has taken a landing back, and stays") }
    let policy: Policy
    do { policy = try judgingPolicy(in: landing.base ?? landing.commit).policy } catch let refusal as Refusal {
      return isIgnored(refusal.reason)
    }
    guard let watch = policy.rollback.watch, report.at <= landing.landedAt + watch.components.seconds else {
      return isIgnored("its policy does not watch it any more")
    }
    guard
      try !ledger.hasLanded(taskOrSubmission: SubmissionName.rollback(of: id), target: landing.request.target)
    else { return isIgnored("it has been taken back already") }
    return true
  }

  /// A context that does not hold, as a result beside those of the checks.
  private func result(of context: ContextName, on key: CandidateKey, _ report: ContextReport?) -> CheckResult? {
    guard let built = integrations[key]?.built else { return nil }
    let isRed = report?.state.isRed == true
    return CheckResult(
      name: context.text, kind: "context", verdict: isRed ? .failed : .timedOut,
      reason: isRed ? report?.sentence : "no answer in time" + (report.map { ": \($0.sentence)" } ?? ""), seconds: 0,
      key: CheckKey(digest: built.commit))
  }
}
