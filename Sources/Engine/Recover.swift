import Domain
import Git
import GitProgram
import Processes
import Store

extension Engine {
  /// Reads where things stand after whatever ended the last engine, and makes them whole.
  ///
  /// Landings whose refs moved are written down; everything else in flight goes back to its queue by the inbox, which
  /// still holds it; refs and folders of integrations that no longer run are removed.
  func recover() throws {
    failpoint("recon.begin")
    for (target, gate) in try ledger.gates() { setGate(target, gate) }
    let past = try ledger.endedSubmissions(limit: Prediction.pastMax)
    prediction = Prediction(past.reversed(), try ledger.checkSeconds(newest: Prediction.pastMax))
    for submission in past.reversed() { conflictsRefused.note(submission) }
    for submission in try ledger.openSubmissions() { try recover(submission) }
    try settle()
    try watchNewestLandings()
    try repairJournals(of: past)
    failpoint("recon.after_scan")
    try clearLineages()
    for space in ["refs/heads/staging/", "refs/sluice/candidate/"] {
      // Of what may have landed at the upstream nothing is given up yet.
      let kept = Set(unsettled.values.map { space + $0.id.text })
      for (name, tip) in try objects.references(under: space) where !kept.contains(name) {
        _ = try refs.commit([.delete(name, expecting: tip)])
      }
    }
  }

  /// Writes what a crash kept out of the journals of those that ended last, whom nobody looks at again.
  ///
  /// - Parameter ended: newest first; what one write of the ledger ended is among them.
  private func repairJournals(of ended: [Submission]) throws {
    guard let newest = ended.first?.endedAt else { return }
    for submission in ended where (submission.endedAt ?? 0) > newest - Self.secondsRepaired {
      try journal.repair(ledger.events(of: submission.id, after: 0), of: submission.id)
    }
  }

  /// What one write of the ledger ended lies within so many seconds.
  private static let secondsRepaired: Int64 = 60

  /// Clears lineages that name a submission that has ended: nothing is in flight under them.
  private func clearLineages() throws {
    for (name, tag) in try objects.references(under: "refs/sluice/lineage/") {
      guard let record = try record(in: tag), let submission = try ledger.submission(record.id), submission.state.isEnd
      else { continue }
      _ = try refs.commit([.delete(name, expecting: tag)])
    }
  }

  private func recover(_ submission: Submission) throws {
    let request = submission.request
    for integration in try ledger.integrations(of: submission.id) where integration.endedAt == nil {
      if integration.state == .landing, let landing = try finishedLanding(integration, request) {
        open[request.id] = submission
        recordLanding(integration, request, landing, isFastForward: landing.new == request.pushed)
        try tellPostReceive(request, landing)
        try flush()
        landingsSinceMaintenance += 1
        return leave(request)
      }
      if integration.state == .landing, settings.upstream != nil {
        unsettled[submission.id] = integration
        continue
      }
      giveUp(integration)
    }
    guard try objects.tip(of: SluiceRef.inbox(submission.id)) == nil else { return }
    open[request.id] = submission
    // Withdrawn on its way to the upstream: what it came to there is asked first.
    if unsettled[submission.id] == nil { finishUnrecorded(request) }
  }

  /// Ends a submission whose record is gone.
  func finishUnrecorded(_ request: SubmissionRequest) {
    var end = SubmissionEnd(.rejected, target: request.target)
    end.refusal = Refusal(
      .infrastructure, "its record \(SluiceRef.inbox(request.id)) has been removed from the repository",
      hint: "push it again")
    finish(request, end)
  }

  /// Writes that an integration comes to nothing.
  func giveUp(_ integration: Integration) {
    var abandoned = integration
    abandoned.state = .abandoned
    abandoned.endedAt = clock.seconds
    record([.integration(abandoned)])
  }

  /// The landing that an intent describes, where its transaction went through.
  private func finishedLanding(_ integration: Integration, _ request: SubmissionRequest) throws -> Landing? {
    guard let commit = integration.candidate, try objects.tip(of: SluiceRef.landed(integration.id)) == commit,
      let tip = try objects.tip(of: SluiceRef.branch(request.target)),
      try tip == commit || objects.isAncestor(commit, of: tip)
    else { return nil }
    return Landing(
      integration: integration.id, submission: request.id, target: request.target, old: integration.base, new: commit,
      at: clock.seconds)
  }
}
