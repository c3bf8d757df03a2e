import Domain
import Git
import GitProgram
import Processes
import Store

extension Engine {
  /// Enters what the inbox holds and the ledger does not: the only way in, and the same after a crash.
  func importInbox() throws {
    var entries: [SubmissionRequest] = []
    var commands: [InboxRecord] = []
    var kept: [SubmissionID: ObjectID] = [:]
    for (name, tag) in try objects.references(under: SluiceRef.inboxSpace) {
      guard let id = SubmissionID(String(name.dropFirst(SluiceRef.inboxSpace.count))), open[id] == nil else {
        continue
      }
      guard let record = try record(in: tag), record.id == id else {
        try setAside(name, tag)
        continue
      }
      if let awaited = record.concerned, unsettled[awaited] != nil { continue }
      if case .submission(let request) = record {
        entries.append(request)
      } else {
        commands.append(record)
        // What may take a landing back stays, as the submission that it becomes.
        if record.mayTakeBack { kept[id] = tag } else { unpins.append(.delete(name, expecting: tag)) }
      }
    }
    // Ids of the same second have no order: a gate is shut before somebody goes through, and who is called off has come.
    for command in commands where command.isGate { obey(command) }
    if !entries.isEmpty { resetRadar() }
    for request in entries {
      if let landing = try request.options.rollsBack.flatMap(landedIntegration) {
        try enter(request, takingBack: landing)
      } else {
        try enter(request)
      }
    }
    for command in commands where !command.isGate { obey(command) }
    for command in commands {
      switch command {
      case .rollback(let id, let integration, let reason, let identity, _):
        try rollBack(integration, as: id, entry: kept[id], by: identity, reason: reason)
      case .status(let id, let integration, let report):
        if let entry = kept[id] { try hear(report, of: integration, as: id, entry: entry) }
      default: break
      }
    }
  }

  func record(in tag: ObjectID) throws -> InboxRecord? {
    let message = try objects.tag(tag).message
    do { return InboxRecord(json: try JSONValue.parse(message)) } catch { return nil }
  }

  /// Takes a record that this version cannot read out of the way, so that the inbox goes on; nothing is deleted.
  private func setAside(_ name: String, _ tag: ObjectID) throws {
    let aside = SluiceRef.quarantineSpace + name.dropFirst(SluiceRef.inboxSpace.count)
    _ = try refs.commit([.create(aside, tag), .delete(name, expecting: tag)])
  }

  func enter(_ request: SubmissionRequest) throws {
    let known = try ledger.submission(request.id)
    if known != nil { try journal.repair(ledger.events(of: request.id, after: 0), of: request.id) }
    // A crash came between the end and the tidying up.
    if known?.state.isEnd == true { return leave(request) }
    failpoint("recon.before_insert")
    open[request.id] = known ?? Submission(request: request)
    if !request.options.acceptedFindings.isEmpty { accepted[request.id] = request.options.acceptedFindings }
    if known != nil { reviews.resume(try ledger.review(of: request.id)) }
    arrivals += 1
    let queue = trains[request.target, default: Train()]
    let position = queue.order.count + 1
    toldPositions[request.id] = position
    if known == nil {
      let eta = etaSeconds(position, request.target)
      record([
        .entered(request), event(.received(request), of: request.id),
        event(.queued(request, position: position, of: position, etaSeconds: eta), of: request.id),
      ])
    }
    if let old = request.supersedes, let older = open[old]?.request {
      tell(older.target, .superseded(old, by: request.id))
    }
    if try answerKnown(request) { return tell(request.target, .ended(request.id, .landed)) }
    var end = SubmissionEnd(.rejected, target: request.target)
    let waitsFor: Set<SubmissionID>
    do { waitsFor = try dependencies(of: request) } catch let refusal as Refusal {
      end.refusal = refusal
      finish(request, end)
      return tell(request.target, .ended(request.id, .rejected))
    }
    awaitUpstream(for: request.target)
    tell(
      request.target,
      .enqueued(
        Train.Entry(
          submission: request.id, agent: request.agentID, priority: request.options.priority, arrival: arrivals,
          isDryRun: request.options.isDryRun, waitsFor: waitsFor,
          likelihood: prediction.likelihood(agent: request.agentID, known?.shape))))
    if known?.isPromoted == true { tell(request.target, .promoted(request.id)) }
    if known == nil { warn(request) }
  }

  /// The submissions in flight that must land before this one, by the names it gives: task ids or submission ids.
  private func dependencies(of request: SubmissionRequest) throws -> Set<SubmissionID> {
    var waitsFor: Set<SubmissionID> = []
    for name in request.options.dependsOn {
      let found = inFlight(name, besides: request)
      if let circle = found.lazy.compactMap({ self.chain(from: $0, to: request, seen: []) }).first {
        throw Refusal(
          .invalidPush, "it depends on itself: \(([request] + circle).map(Self.words).joined(separator: " needs "))",
          hint: "push one of them without depends-on")
      }
      if !found.isEmpty {
        waitsFor.formUnion(found.map(\.id))
      } else if try !ledger.hasLanded(taskOrSubmission: name, target: request.target) {
        throw Refusal(
          .invalidPush,
          "it depends on \(Printable.line(name, max: 200)), which has neither landed on \(request.target) nor is in flight",
          hint: "push what it depends on first")
      }
    }
    return waitsFor
  }

  private func inFlight(_ name: String, besides request: SubmissionRequest) -> [SubmissionRequest] {
    open.values.map(\.request).filter {
      $0.id != request.id && $0.target == request.target && ($0.id.text == name || $0.taskID == name)
    }
  }

  /// The chain of dependencies that leads from one submission to another; nil where none does.
  private func chain(
    from start: SubmissionRequest, to end: SubmissionRequest, seen: Set<SubmissionID>
  ) -> [SubmissionRequest]? {
    guard !seen.contains(start.id) else { return nil }
    for name in start.options.dependsOn {
      if name == end.taskID || name == end.id.text || name == end.supersedes?.text { return [start, end] }
      for next in inFlight(name, besides: start) {
        if let rest = chain(from: next, to: end, seen: seen.union([start.id])) { return [start] + rest }
      }
    }
    return nil
  }

  private static func words(_ request: SubmissionRequest) -> String { Printable.line(request.taskID, max: 100) }

  /// Ends a submission whose answer is known already: its very object has landed before.
  private func answerKnown(_ request: SubmissionRequest) throws -> Bool {
    guard !request.options.isRetry,
      let earlier = try ledger.landedSubmission(name: request.name, target: request.target, pushed: request.pushed),
      let landed = earlier.landedCommit, let tip = try objects.tip(of: SluiceRef.branch(request.target)),
      try objects.isAncestor(landed, of: tip)
    else { return false }
    var end = SubmissionEnd(.landed, target: request.target)
    end.integration = earlier.integration
    end.landed = landed
    end.isRepeat = true
    end.isFastForward = landed == request.pushed
    finish(request, end)
    return true
  }

  private func obey(_ command: InboxRecord) {
    switch command {
    case .submission: preconditionFailure("submissions are entered, not obeyed")
    case .rollback, .status: break
    case .cancel(_, let submission, _, _):
      if let request = open[submission]?.request { tell(request.target, .cancelled(submission)) }
    case .promote(_, let submission, _, _):
      guard var promoted = open[submission] else { return }
      promoted.isPromoted = true
      open[submission] = promoted
      record([.submission(promoted)])
      tell(promoted.request.target, .promoted(submission))
    case .review(_, let submission, let answer, let identity, let at):
      review(submission, answer, by: identity, at: at)
    case .resend(_, let notice, _, _): record([.resend(notice, at: clock.seconds)])
    case .gate(_, let target, let gate, let identity, _):
      record([.gate(target: target, gate)] + notices(of: gate, target, by: identity))
      setGate(target, gate)
    }
  }

  /// What is told of a gate that changes: that it leaves only urgent work through, and that it is open again.
  private func notices(of gate: Train.Gate, _ target: String, by identity: String) -> [LedgerChange] {
    let before = gates[target] ?? .open
    let who = Printable.line(identity, max: 100)
    switch (before, gate) {
    case (.open, .urgentOnly), (.closed, .urgentOnly):
      return notices(
        of: .freeze, target: target, message: "\(target) is frozen by \(who): only urgent submissions are integrated")
    case (.urgentOnly, .open):
      return notices(of: .recovery, target: target, message: "\(target) is open again: \(who) has ended the freeze")
    default: return []
    }
  }
}

extension InboxRecord {
  /// The submission that it would end or replace; nil where there is none.
  fileprivate var concerned: SubmissionID? {
    switch self {
    case .submission(let request): request.supersedes
    case .cancel(_, let submission, _, _): submission
    default: nil
    }
  }

  fileprivate var isGate: Bool { if case .gate = self { true } else { false } }

  fileprivate var mayTakeBack: Bool {
    switch self {
    case .rollback, .status: true
    default: false
    }
  }
}
