import Domain
import Git
import GitProgram
import Processes
import Store

extension Engine {
  /// Admission let no larger change in.
  private static let changesMax = 1_000_000

  /// One of those that land together, with its proof.
  struct Member: Sendable {
    let key: CandidateKey
    let built: BuiltCandidate
    let certificate: Certificate
  }

  /// Proves a candidate and all in its path, and moves its target to it, or says why not.
  func land(_ key: CandidateKey) throws {
    let path = path(to: key)
    guard let first = path.first.flatMap({ integrations[$0] }), let tip = integrations[key]?.built else { return }
    guard path.allSatisfy({ integrations[$0]?.built?.policy.id == tip.policy.id }) else {
      return landAgain(key, "the policy has changed: integrating again")
    }
    var members: [Member] = []
    for candidate in path {
      guard let running = integrations[candidate], let built = running.built,
        let certificate = try certificate(
          for: running, built, provenBy: tip, contexts: contexts(of: key), with: path)
      else {
        let refusal = Refusal(.notRun, "not every check of the policy has a result that holds")
        path.first.map { integrations[$0]?.refusal = refusal }
        return tell(key.target, .landed(key.candidate, .refused))
      }
      members.append(Member(key: candidate, built: built, certificate: certificate))
    }
    // Only now may something have moved: look again before anything is promised.
    guard try objects.tip(of: SluiceRef.branch(key.target)) == first.record.base,
      try members.allSatisfy({ try stillMerges($0.built) })
    else { return try again(key, first) }
    try writeIntent(members)
    failpoint("prom.after_intent")
    guard settings.upstream == nil else { return landAtUpstream(key, from: first.record.base, members) }
    guard try landHere(key, members, isFact: false) else { return try again(key, first) }
  }

  /// Moves the target here and writes that down; false where it did not move.
  ///
  /// - Parameter isFact: whether it has landed at the upstream, so that nobody can withdraw it any more.
  func landHere(_ key: CandidateKey, _ members: [Member], isFact: Bool) throws -> Bool {
    let certified = members.map { CertifiedCommit($0.certificate, name: request(of: $0.key).name) }
    let base = members.first?.certificate.facts.base
    guard try move(key.target, from: base, certified, isFact: isFact) else { return false }
    failpoint("prom.after_ref")
    try repositoryFolder.syncFileSystem()
    failpoint("prom.after_sync")
    try writeLanding(members)
    failpoint("prom.after_commit")
    tell(key.target, .landed(key.candidate, .held))
    return true
  }

  /// The landing did not go through: the candidates are built again on what is there now.
  ///
  /// Where the target stands as before, something else is wrong, and that is not tried for ever.
  private func again(_ key: CandidateKey, _ first: RunningIntegration) throws {
    guard try objects.tip(of: SluiceRef.branch(key.target)) != first.record.base else {
      let doubt = EngineError.landing("\(key.target) stands still, and \(first.record.id.text) could not land on it")
      guard let refusal = afterBreakdown(of: first.request, doubt) else {
        return tell(key.target, .landed(key.candidate, .stale))
      }
      path(to: key).first.map { integrations[$0]?.refusal = refusal }
      return tell(key.target, .landed(key.candidate, .refused))
    }
    landAgain(key, "\(key.target) has moved: integrating again")
  }

  func landAgain(_ key: CandidateKey, _ reason: String) {
    for member in path(to: key).map(request) { record([event(.requeued(member, reason: reason), of: member.id)]) }
    tell(key.target, .landed(key.candidate, .stale))
  }

  private func certificate(
    for running: RunningIntegration, _ built: BuiltCandidate, provenBy tip: BuiltCandidate,
    contexts: [ContextReport], with path: [CandidateKey]
  ) throws -> Certificate? {
    let base = try built.base.map { try objects.commit($0).tree } ?? .emptyTree
    let workBase = try built.base.flatMap { try objects.mergeBases($0, built.work.stripped).first }
    let submitted = try objects.patchID(
      from: workBase.map { try objects.commit($0).tree } ?? .emptyTree, to: objects.commit(built.work.stripped).tree,
      changesMax: Self.changesMax)
    let landed = try objects.patchID(from: base, to: built.tree, changesMax: Self.changesMax)
    var facts = Certificate.Facts(
      integration: running.record.id, request: running.request, work: built.work.commit, base: built.base,
      commit: built.commit, testedTree: tip.tree, submittedPatch: submitted, landedPatch: landed,
      merge: built.policy.policy.merge, policy: built.policy.id, policySource: built.policy.source,
      environment: CheckEnvironment(policy: built.policy.policy, settings: settings).text, time: clock.seconds)
    facts.landedTree = built.tree
    facts.resolutions = built.resolutions
    facts.provenBy = tip.commit
    facts.contexts = contexts
    facts.members = path.map { request(of: $0).id }
    facts.approval = built.reviews.isEmpty ? nil : approval(of: running.request.id)
    return Certificate(
      facts: facts, policy: tip.policy.policy, checks: try results(of: tip), reviews: built.reviews)
  }

  /// Merges once more and compares trees: what is about to land must be what base and work make, and what was tested.
  private func stillMerges(_ built: BuiltCandidate) throws -> Bool {
    guard try objects.commit(built.commit).tree == built.tree else { return false }
    guard let base = built.base, !built.isFastForward else { return true }
    let rules = ResolutionRules(rules: built.policy.policy.resolve, settledAs: built.resolutions, in: objects)
    switch built.policy.policy.merge {
    case .squash, .merge:
      let again = try merging.merge(base, built.work.stripped, by: rules)
      guard case .clean(let tree, let resolutions) = again else { return false }
      return tree == built.tree && resolutions == built.resolutions
    case .rebase:
      let again = try merging.resolutionsRebasing(built.work.commit, onto: base, as: built.commit, by: rules)
      return again == built.resolutions
    }
  }

  private func writeIntent(_ members: [Member]) throws {
    for member in members {
      integrations[member.key]?.record.state = .landing
      integrations[member.key]?.record.certificate = member.certificate.json.compact
      if let running = integrations[member.key] { record([.integration(running.record)]) }
    }
    failpoint("prom.before_intent")
    try settle()
  }

  /// Moves the target by compare-and-swap, with everything that belongs to it, in one transaction.
  ///
  /// The only function that moves a target to what Sluice made: it demands the certificates of the very commits.
  func move(_ target: String, from base: ObjectID?, _ members: [CertifiedCommit], isFact: Bool) throws -> Bool {
    guard let tip = members.last?.commit else { return false }
    let branch = SluiceRef.branch(target)
    var updates: [RefUpdate] = [base.map { .move(branch, from: $0, to: tip) } ?? .create(branch, tip)]
    for member in members {
      updates += [
        .create(SluiceRef.landed(member.integration), member.commit),
        .delete(SluiceRef.staging(member.integration), expecting: member.commit),
        .delete(SluiceRef.candidate(member.integration), expecting: member.commit),
      ]
      // Whoever withdrew or replaced it meanwhile has moved these.
      if let inbox = try objects.tip(of: SluiceRef.inbox(member.submission)) {
        let lineage = SluiceRef.lineage(target: target, name: member.name)
        if try !isFact || objects.tip(of: lineage) == inbox { updates.append(.delete(lineage, expecting: inbox)) }
        updates.append(.delete(SluiceRef.inbox(member.submission), expecting: inbox))
      }
    }
    let notes = members.map { Note(on: $0.commit, $0.certificate.pretty + "\n") }
    let message = "Certify \(members.map(\.integration.text).joined(separator: ", "))\n"
    let signature = Signature(name: settings.committerName, email: settings.committerEmail, time: clock.seconds)
    // The notes ref is shared by all targets: losing it alone means writing the notes again, not testing again.
    for _ in 0..<10 {
      let old = try objects.tip(of: SluiceRef.notes)
      let new = try objects.commitNotes(notes, onto: old, by: signature, message: message)
      failpoint("prom.before_ref")
      let note = old.map { RefUpdate.move(SluiceRef.notes, from: $0, to: new) } ?? .create(SluiceRef.notes, new)
      if case .committed = try refs.commit(updates + [note]) { return true }
      let isNotesAlone = try objects.tip(of: SluiceRef.notes) != old && objects.tip(of: branch) == base
      guard isNotesAlone else { return false }
    }
    return false
  }

  private func writeLanding(_ members: [Member]) throws {
    var landings: [(SubmissionRequest, Landing)] = []
    for member in members {
      guard let running = integrations.removeValue(forKey: member.key) else { continue }
      let facts = member.certificate.facts
      let landing = Landing(
        integration: facts.integration, submission: facts.submission, target: member.key.target, old: facts.base,
        new: facts.commit, at: clock.seconds)
      recordLanding(
        running.record, running.request, landing,
        isFastForward: facts.commit == facts.pushed || member.built.isFastForward)
      lane.release(member.built.tree)
      landings.append((running.request, landing))
    }
    // Whoever was told of the landing may meet the same conflict next.
    for member in members { recordResolutions(of: member.certificate.facts, member.built) }
    failpoint("prom.before_commit")
    // Before it is written that they were told: a crash between the two tells them again, and never leaves them out.
    for (request, landing) in landings { try tellPostReceive(request, landing) }
    failpoint("prom.after_hooks")
    try flush()
    landingsSinceMaintenance += members.count
    try watchLandings(landings.map(\.1.integration))
  }

  /// Notes that a landing has happened; the refs have moved before this is called.
  func recordLanding(
    _ integration: Integration, _ request: SubmissionRequest, _ landing: Landing, isFastForward: Bool
  ) {
    guard var submission = open[request.id] else { return }
    var landed = integration
    landed.state = .landed
    landed.endedAt = clock.seconds
    submission.state = .landed
    submission.integration = landed.id
    submission.landedCommit = landing.new
    submission.endedAt = clock.seconds
    open[request.id] = submission
    prediction.learn(submission)
    var end = SubmissionEnd(.landed, target: request.target)
    end.integration = landed.id
    end.old = landing.old
    end.landed = landing.new
    end.isFastForward = isFastForward
    record([
      .submission(submission), .integration(landed), .landing(landing),
      event(.deploymentSuccess(request, landed: landing.new), of: request.id),
      event(.ended(request, end), of: request.id),
    ])
    lastLandedTarget = landing.target
    landingsSinceRefresh += 1
    landingsSinceKnown += 1
  }
}

/// A commit that was proven, with its certificate.
struct CertifiedCommit: Sendable {
  let integration: IntegrationID
  let submission: SubmissionID
  /// The lineage's name.
  let name: String
  let commit: ObjectID
  let certificate: JSONValue

  init(_ certificate: Certificate, name: String) {
    (integration, submission) = (certificate.facts.integration, certificate.facts.submission)
    self.name = name
    commit = certificate.facts.commit
    self.certificate = certificate.json
  }

  /// What an intent in the ledger was certified as; nil for what is no intent.
  init?(_ intent: Integration, name: String) throws {
    guard intent.state == .landing, let commit = intent.candidate, let text = intent.certificate else { return nil }
    (integration, submission) = (intent.id, intent.submission)
    self.name = name
    self.commit = commit
    certificate = try JSONValue.parse(Array(text.utf8))
    guard certificate["landed_commit"]?.string == commit.hex else { return nil }
  }
}
