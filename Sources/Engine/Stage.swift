import Domain
import Git
import GitProgram
import Processes
import Store

extension Engine {
  /// Shows a proven candidate as `staging/<id>` and runs the deployment checks of the policy on it.
  func stage(_ key: CandidateKey) throws {
    guard var running = integrations[key], let built = running.built else { return }
    _ = try refs.commit([.create(SluiceRef.staging(running.record.id), built.commit)])
    failpoint("prom.after_staging")
    running.record.state = .staged
    integrations[key] = running
    if built.policy.policy.staging.isEmpty {
      // Its events are written with the intent to land: one durable write less on every landing.
      return tell(key.target, .staged(key.candidate, .held))
    }
    try write(key, and: try stagedChanges(running))
    lane.run(job(key, running, built.policy.policy.staging, purpose: .staging))
  }

  /// What becomes true when a candidate is staged.
  func stagedChanges(_ running: RunningIntegration) throws -> [LedgerChange] {
    let request = running.request
    guard var submission = try ledger.submission(request.id) else { return [] }
    submission.state = .staged
    return [
      .submission(submission), .integration(running.record),
      event(.integrationSuccess(request, integration: running.record.id), of: request.id),
      event(.deploymentStarted(request, integration: running.record.id), of: request.id),
    ]
  }

  /// Drops a candidate that will not land: stops its checks and removes its refs.
  func abandon(_ key: CandidateKey) throws {
    guard var running = integrations[key] else { return }
    running.stop.raise()
    if running.record.endedAt == nil {
      running.record.state = .abandoned
      running.record.endedAt = clock.seconds
    }
    try write(key, and: [.integration(running.record)])
    integrations[key] = nil
    try removeRefs(of: running.record.id)
  }

  /// Removes the staging ref and the pin of an integration, where they exist.
  func removeRefs(of integration: IntegrationID) throws {
    var updates: [RefUpdate] = []
    for name in [SluiceRef.staging(integration), SluiceRef.candidate(integration)] {
      if let tip = try objects.tip(of: name) { updates.append(.delete(name, expecting: tip)) }
    }
    if !updates.isEmpty { _ = try refs.commit(updates) }
  }
}
