import Domain
import Git
import GitProgram
import Processes
import Store

extension Engine {
  /// Ends a submission as its train decided.
  func end(_ submission: SubmissionID, _ state: SubmissionState, _ refusal: Refusal?) throws {
    guard let request = requests[submission] else { return }
    // A landing wrote its own end, in the same breath as the facts it rests on.
    guard state != .landed else { return try tidy(request) }
    var end = SubmissionEnd(state, target: request.target)
    end.integration = try ledger.submission(submission)?.integration
    end.refusal = refusal
    try finish(request, end)
  }

  /// Writes an end that no landing wrote, tells it, and tidies up.
  func finish(_ request: SubmissionRequest, _ end: SubmissionEnd) throws {
    guard var submission = try ledger.submission(request.id), !submission.state.isEnd else { return try tidy(request) }
    submission.state = end.state
    submission.category = end.refusal?.category
    submission.reason = end.refusal?.reason
    submission.landedCommit = end.landed
    submission.integration = end.integration ?? submission.integration
    submission.endedAt = clock.seconds
    var changes: [LedgerChange] = [.submission(submission)]
    if let refusal = end.refusal, end.state == .rejected {
      let failed = refusal.category == .deploymentFailed
      changes.append(
        event(
          failed
            ? .deploymentFailed(request, refusal: refusal) : .integrationFailed(request, refusal: refusal),
          of: request.id))
    }
    changes.append(event(.ended(request, end), of: request.id))
    try persist(changes)
    try tidy(request)
  }

  /// Takes an ended submission out of the inbox and clears its lineage, where that is still its own.
  func tidy(_ request: SubmissionRequest) throws {
    requests[request.id] = nil
    toldPositions[request.id] = nil
    breakdowns[request.id] = nil
    failpoint("clean.before")
    let inbox = SluiceRef.inbox(request.id)
    let lineage = SluiceRef.lineage(target: request.target, name: request.name)
    // A push to the same name may hold the lineage's lock or take it over: look again, a few times.
    for _ in 0..<5 {
      guard let tag = try objects.tip(of: inbox) else { break }
      var updates: [RefUpdate] = []
      if try objects.tip(of: lineage) == tag { updates.append(.delete(lineage, expecting: tag)) }
      updates.append(.delete(inbox, expecting: tag))
      if case .lost(let words) = try refs.commit(updates) { log("\(request.id.text) is still in the inbox: \(words)") }
    }
    failpoint("clean.after")
  }
}
