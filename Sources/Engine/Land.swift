import Domain
import Git
import GitProgram
import Processes
import Store

extension Engine {
  /// Admission let no larger change in.
  private static let changesMax = 1_000_000

  /// Proves a candidate and moves its target to it, or says why not.
  func land(_ key: CandidateKey) throws {
    guard let running = integrations[key], let built = running.built else { return }
    guard let certificate = try certificate(for: running, built) else {
      let refusal = Refusal(.notRun, "not every check of the policy has a result that holds")
      return tell(key.target, .landed(key.candidate, .refused(refusal)))
    }
    // Only now may something have moved: look again before anything is promised.
    guard try objects.tip(of: SluiceRef.branch(key.target)) == built.base, try stillMerges(running, built) else {
      return try again(key, running)
    }
    let note = certificate.json.pretty + "\n"
    try writeIntent(key, certificate)
    failpoint("prom.after_intent")
    guard try move(key.target, running, certificate, note: note) else { return try again(key, running) }
    failpoint("prom.after_ref")
    try repositoryFolder.syncFileSystem()
    failpoint("prom.after_sync")
    try writeLanding(key, certificate.facts)
    failpoint("prom.after_commit")
    tell(key.target, .landed(key.candidate, .held))
  }

  /// The landing did not go through: the candidate is built and tested again on what is there now.
  ///
  /// Where the target stands as before, something else is wrong, and that is not tried for ever.
  private func again(_ key: CandidateKey, _ running: RunningIntegration) throws {
    guard try objects.tip(of: SluiceRef.branch(key.target)) != running.record.base else {
      let doubt = EngineError.landing("\(key.target) stands still, and \(running.record.id.text) could not land on it")
      return tell(key.target, .landed(key.candidate, afterBreakdown(of: running.request, doubt)))
    }
    let reason = "\(key.target) has moved: integrating again"
    try write(key, and: [event(.requeued(running.request, reason: reason), of: running.request.id)])
    tell(key.target, .landed(key.candidate, .stale))
  }

  private func certificate(for running: RunningIntegration, _ built: BuiltCandidate) throws -> Certificate? {
    let base = try built.base.map { try objects.commit($0).tree } ?? .emptyTree
    let workBase = try built.base.flatMap { try objects.mergeBases($0, built.work.stripped).first }
    let submitted = try objects.patchID(
      from: workBase.map { try objects.commit($0).tree } ?? .emptyTree, to: objects.commit(built.work.stripped).tree,
      changesMax: Self.changesMax)
    let landed = try objects.patchID(from: base, to: built.tree, changesMax: Self.changesMax)
    let facts = Certificate.Facts(
      integration: running.record.id, request: running.request, work: built.work.commit, base: built.base,
      commit: built.commit, testedTree: built.tree, submittedPatch: submitted, landedPatch: landed,
      merge: built.policy.policy.merge, policy: built.policy.id, policySource: built.policy.source,
      environment: CheckEnvironment(policy: built.policy.policy, settings: settings).text, time: clock.seconds)
    return Certificate(facts: facts, policy: built.policy.policy, checks: running.results)
  }

  /// Merges once more and compares trees: what is about to land must be what base and work make, and what was tested.
  private func stillMerges(_ running: RunningIntegration, _ built: BuiltCandidate) throws -> Bool {
    guard try objects.commit(built.commit).tree == built.tree else { return false }
    guard let base = built.base, !built.isFastForward else { return true }
    switch built.policy.policy.merge {
    case .squash, .merge:
      guard case .clean(let tree) = try merging.merge(base, built.work.stripped) else { return false }
      return tree == built.tree
    case .rebase:
      // Each rewritten commit was merged on its own; the sum must still stand on this base.
      return try objects.isAncestor(base, of: built.commit)
    }
  }

  private func writeIntent(_ key: CandidateKey, _ certificate: Certificate) throws {
    guard var running = integrations[key], let built = running.built else { return }
    running.record.state = .landing
    running.record.certificate = certificate.json.compact
    integrations[key] = running
    var changes = built.policy.policy.staging.isEmpty ? try stagedChanges(running) : []
    changes.append(.integration(running.record))
    failpoint("prom.before_intent")
    try write(key, and: changes)
  }

  /// Moves the target by compare-and-swap, with everything that belongs to it, in one transaction.
  ///
  /// The only function that moves a target: it demands the certificate of the very commit it moves to.
  private func move(
    _ target: String, _ running: RunningIntegration, _ certificate: Certificate, note: String
  ) throws -> Bool {
    let facts = certificate.facts
    let branch = SluiceRef.branch(target)
    let inbox = try objects.tip(of: SluiceRef.inbox(running.request.id))
    let lineage = SluiceRef.lineage(target: target, name: running.request.name)
    let signature = Signature(name: settings.committerName, email: settings.committerEmail, time: clock.seconds)
    // The notes ref is shared by all targets: losing it alone means writing the note again, not testing again.
    for _ in 0..<10 {
      let notes = try objects.tip(of: SluiceRef.notes)
      let newNotes = try objects.commitNotes(
        [Note(on: facts.commit, note)], onto: notes, by: signature, message: "Certify \(facts.integration.text)\n")
      var updates: [RefUpdate] = [
        facts.base.map { .move(branch, from: $0, to: facts.commit) } ?? .create(branch, facts.commit),
        .create(SluiceRef.landed(facts.integration), facts.commit),
        notes.map { .move(SluiceRef.notes, from: $0, to: newNotes) } ?? .create(SluiceRef.notes, newNotes),
        .delete(SluiceRef.staging(facts.integration), expecting: facts.commit),
        .delete(SluiceRef.candidate(facts.integration), expecting: facts.commit),
      ]
      if let inbox { updates.append(.verify(lineage, is: inbox)) }
      failpoint("prom.before_ref")
      switch try refs.commit(updates) {
      case .committed: return true
      case .lost:
        let isNotesAlone =
          try objects.tip(of: SluiceRef.notes) != notes && objects.tip(of: branch) == facts.base
          && objects.tip(of: lineage) == inbox
        guard isNotesAlone else { return false }
      }
    }
    return false
  }

  private func writeLanding(_ key: CandidateKey, _ facts: Certificate.Facts) throws {
    guard let running = integrations.removeValue(forKey: key) else { return }
    var record = running.record
    record.report = running.record.report ?? report(of: running, refusal: nil)
    let isFastForward = facts.commit == facts.pushed || running.built?.isFastForward == true
    try recordLanding(
      record, running.request,
      Landing(
        integration: record.id, submission: running.request.id, target: key.target, old: facts.base, new: facts.commit,
        at: clock.seconds), isFastForward: isFastForward)
  }

  /// Writes that a landing has happened and tells everybody; the refs have moved before this is called.
  func recordLanding(
    _ integration: Integration, _ request: SubmissionRequest, _ landing: Landing, isFastForward: Bool
  ) throws {
    guard var submission = try ledger.submission(request.id), !submission.state.isEnd else { return }
    var record = integration
    record.state = .landed
    record.endedAt = clock.seconds
    submission.state = .landed
    submission.integration = record.id
    submission.landedCommit = landing.new
    submission.endedAt = clock.seconds
    var end = SubmissionEnd(.landed, target: request.target)
    end.integration = record.id
    end.old = landing.old
    end.landed = landing.new
    end.isFastForward = isFastForward
    failpoint("prom.before_commit")
    try persist([
      .submission(submission), .integration(record), .landing(landing),
      event(.deploymentSuccess(request, landed: landing.new), of: request.id),
      event(.ended(request, end), of: request.id),
    ])
    landingsSinceMaintenance += 1
    lastLandedTarget = landing.target
    try tellPostReceive(request, landing)
  }
}
