import Domain
import Git
import GitProgram
import Processes
import Store

extension Engine {
  /// Ends a submission as its train decided.
  func end(_ submission: SubmissionID, _ state: SubmissionState, _ refusal: Refusal?) {
    guard let known = open[submission] else { return }
    // A landing wrote its own end, in the same breath as the facts it rests on.
    guard state != .landed else { return leave(known.request) }
    var end = SubmissionEnd(state, target: known.request.target)
    end.integration = known.integration
    end.refusal = refusal
    if state == .quarantined { end.refusal = quarantines.removeValue(forKey: submission)?.refusal }
    finish(known.request, end)
  }

  /// Notes why a submission goes into quarantine, and tells it at once.
  func isolate(_ running: RunningIntegration, _ quarantine: Quarantine) throws {
    let request = running.request
    quarantines[request.id] = quarantine
    open[request.id]?.integration = running.record.id
    var record = running.record
    record.state = .failed
    record.endedAt = clock.seconds
    record.report = try report(of: running, refusal: quarantine.refusal).json.compact
    self.record([.integration(record), event(.quarantined(request, findings: quarantine.findings), of: request.id)])
  }

  /// Notes an end that no landing wrote.
  ///
  /// - Parameter feedback: the document for its agent, where an integration failed; else it says what the refusal says.
  func finish(_ request: SubmissionRequest, _ end: SubmissionEnd, feedback: IntegrationFeedback? = nil) {
    guard var submission = open[request.id] else { return }
    submission.state = end.state
    submission.category = end.refusal?.category
    submission.reason = end.refusal?.reason
    submission.landedCommit = end.landed
    submission.integration = end.integration ?? submission.integration
    submission.endedAt = clock.seconds
    prediction.learn(submission)
    conflictsRefused.note(submission)
    var changes: [LedgerChange] = [.submission(submission)]
    if let refusal = end.refusal, end.state == .rejected {
      let failed = refusal.category == .deploymentFailed
      let feedback = feedback ?? self.feedback(on: request, refusal)
      changes.append(
        event(
          failed
            ? .deploymentFailed(request, refusal: refusal, feedback)
            : .integrationFailed(request, refusal: refusal, feedback),
          of: request.id))
    }
    record(changes)
    if end.state == .rejected, SubmissionName.isRollback(request.name) { freeze(afterFailureOf: request) }
    record([event(.ended(request, end), of: request.id)])
    leave(request)
  }

  /// The document where no integration failed: what the refusal says, and what the target is tested with.
  private func feedback(on request: SubmissionRequest, _ refusal: Refusal) -> IntegrationFeedback {
    var feedback = IntegrationFeedback.withoutIntegration(request, refusal, repository: place.repository)
    do {
      if let tip = try objects.tip(of: SluiceRef.branch(request.target)) {
        feedback.test = try judgingPolicy(in: tip).policy.checks.first { $0.kind == "test" }?.run
      }
    } catch { log("\(request.id) is refused without its policy's test: \(error)") }
    return feedback
  }

  /// Lets go of an ended submission; its record leaves the inbox once its end is durable.
  func leave(_ request: SubmissionRequest) {
    open[request.id] = nil
    toldPositions[request.id] = nil
    breakdowns[request.id] = nil
    scans[request.id] = nil
    accepted[request.id] = nil
    reviews.forget(request.id)
    ended.append(request)
  }

  /// Takes ended submissions out of the inbox and clears their lineages, where these are still their own.
  func tidy() throws {
    guard !ended.isEmpty || !unpins.isEmpty else { return }
    failpoint("clean.before")
    let requests = ended
    ended = []
    var updates = unpins
    unpins = []
    for request in requests { updates += try leaving(request) }
    if !updates.isEmpty, case .lost = try refs.commit(updates) {
      // One that moved meanwhile must not keep the others.
      for update in updates where !update.isOfInbox { _ = try refs.commit([update]) }
      for request in requests { try tidy(request) }
    }
    failpoint("clean.after")
  }

  /// A push to the same name may hold the lineage's lock or take it over: looks again, a few times.
  private func tidy(_ request: SubmissionRequest) throws {
    for _ in 0..<5 {
      let updates = try leaving(request)
      guard !updates.isEmpty else { return }
      if case .lost(let words) = try refs.commit(updates) { log("\(request.id.text) is still in the inbox: \(words)") }
    }
  }

  private func leaving(_ request: SubmissionRequest) throws -> [RefUpdate] {
    let inbox = SluiceRef.inbox(request.id)
    let lineage = SluiceRef.lineage(target: request.target, name: request.name)
    guard let tag = try objects.tip(of: inbox) else { return [] }
    var updates: [RefUpdate] = []
    // What is in quarantine stays where an administrator finds it.
    if try ledger.submission(request.id)?.state == .quarantined,
      try objects.tip(of: SluiceRef.quarantine(request.id)) == nil
    {
      updates.append(.create(SluiceRef.quarantine(request.id), tag))
    }
    if try objects.tip(of: lineage) == tag { updates.append(.delete(lineage, expecting: tag)) }
    return updates + [.delete(inbox, expecting: tag)]
  }
}

extension RefUpdate {
  fileprivate var isOfInbox: Bool {
    guard case .delete(let name, _) = self else { return false }
    return name.hasPrefix(SluiceRef.inboxSpace) || name.hasPrefix(SluiceRef.lineageSpace)
  }
}
