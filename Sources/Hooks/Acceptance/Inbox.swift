import Domain
import GitProgram
import Glibc
import Processes

/// What became of an admitted submission.
struct Acceptance: Sendable {
  let request: SubmissionRequest
  /// Whether it was entered now; otherwise the very same is in flight already and is followed.
  let isNew: Bool
}

/// The durable queue of submissions: refs that point at tags, written in one transaction each.
struct Inbox {
  let context: ReceiveContext
  let questions: ObjectQuestions
  let refs: RefTransactions

  /// How often a lost race is run again: each loss means that somebody else's push to the same name has won.
  private static let triesMax = 20

  /// Enters a submission, or finds the same one in flight.
  ///
  /// - Parameter replacing: a stored submit ref that this transaction takes away, where there is no `proc-receive`.
  func accept(
    _ work: AdmittedWork, options: SubmissionOptions, at now: WallClock, replacing stored: (String, ObjectID)? = nil
  ) throws(Refusal) -> Acceptance {
    let lineage = SluiceRef.lineage(target: work.target, name: work.name.text)
    for attempt in 0..<Self.triesMax {
      // Most names are new, and a transaction that finds one taken loses: that is cheaper than to look each time.
      let present = try attempt == 0 && !isStoredLoose(lineage) ? nil : inFlight(work.name, target: work.target)
      if let present {
        try checkOwner(of: present.request)
        if present.request.pushed == work.pushed.id, present.request.options == options {
          return Acceptance(request: present.request, isNew: false)
        }
      }
      let request = self.request(work, options, at: now, superseding: present?.request)
      let tag = try answering {
        try context.git.stageRecord(
          .submission(request), about: work.pushed.id, work.pushed.kind, at: now.seconds)
      }
      var updates: [RefUpdate] = [
        .create(SluiceRef.inbox(request.id), tag.id),
        present.map { .move(lineage, from: $0.tag, to: tag.id) } ?? .create(lineage, tag.id),
      ]
      if let stored { updates.append(.delete(stored.0, expecting: stored.1)) }
      failpoint("proc.before_commit")
      switch try answering({ try refs.commit(updates, storing: tag) }) {
      case .committed:
        failpoint("proc.after_pin")
        return Acceptance(request: request, isNew: true)
      case .lost(let words): try checkName(work.name, words)
      }
    }
    throw Refusal(.infrastructure, "submit/\(work.name) is being pushed to all the time", hint: "push again")
  }

  /// Enters that the submission in flight under a name is withdrawn.
  func cancel(_ name: SubmissionName, target: String, at now: WallClock) throws(Refusal) -> SubmissionRequest {
    for _ in 0..<Self.triesMax {
      guard let present = try inFlight(name, target: target) else {
        throw Refusal(.invalidPush, "nothing is in flight under submit/\(name)")
      }
      try checkOwner(of: present.request)
      let id = now.newSubmissionID()
      let tag = try answering {
        try context.git.stageRecord(
          .cancel(id: id, submission: present.request.id, identity: context.identity, at: now.seconds),
          about: present.tag, .tag, at: now.seconds)
      }
      let updates: [RefUpdate] = [
        .create(SluiceRef.inbox(id), tag.id),
        .verify(SluiceRef.lineage(target: target, name: name.text), is: present.tag),
      ]
      if case .committed = try answering({ try refs.commit(updates, storing: tag) }) { return present.request }
    }
    throw Refusal(.infrastructure, "submit/\(name) is being pushed to all the time", hint: "push again")
  }

  /// Takes a stored submit ref away that needs no entry of its own.
  func forget(_ stored: (String, ObjectID)?) throws(Refusal) {
    guard let stored else { return }
    _ = try answering { try refs.commit([.delete(stored.0, expecting: stored.1)]) }
  }

  /// Makes what was entered durable; nothing may be told to the pusher before.
  func sync() throws(Refusal) {
    try answering {
      let folder = try Descriptor(opening: context.place.repository, 0)
      try folder.syncFileSystem()
    }
    failpoint("proc.after_sync")
  }

  /// The submission that is in flight under a name, and the tag that holds its record.
  private func inFlight(
    _ name: SubmissionName, target: String
  ) throws(Refusal) -> (request: SubmissionRequest, tag: ObjectID)? {
    try answering {
      guard let head = try questions.ref(SluiceRef.lineage(target: target, name: name.text)) else { return nil }
      let message = try questions.tag(head.id).message
      guard case .submission(let request)? = InboxRecord(json: try JSONValue.parse(message)) else {
        throw Refusal(.infrastructure, "the record of submit/\(name) does not read")
      }
      return (request, head.id)
    }
  }

  private func isStoredLoose(_ ref: String) -> Bool { access("\(context.place.repository)/\(ref)", F_OK) == 0 }

  private func checkOwner(of present: SubmissionRequest) throws(Refusal) {
    guard present.identity != context.identity, !context.isAdministrator else { return }
    throw Refusal(
      .unauthorized,
      "submit/\(present.name) is in flight for \(Printable.line(present.identity, max: 80)), you are \(context.identity)",
      hint: "push under another name")
  }

  private func request(
    _ work: AdmittedWork, _ options: SubmissionOptions, at now: WallClock, superseding old: SubmissionRequest?
  ) -> SubmissionRequest {
    SubmissionRequest(
      id: now.newSubmissionID(), name: work.name.text, target: work.target, pushed: work.pushed.id,
      embedding: work.embedding, taskID: work.taskID, agentID: work.agentID, identity: context.identity,
      options: options, acceptedAt: now.seconds, supersedes: old?.id)
  }

  /// Tells a lost race, which is run again, from two names of which one is a folder of the other.
  private func checkName(_ name: SubmissionName, _ words: String) throws(Refusal) {
    if let other = Self.other(in: words) {
      throw Refusal(
        .invalidPush, "submit/\(name) and submit/\(other) cannot be in flight together: one is a folder of the other",
        hint: "push under another name")
    }
    let isRace = ["but expected", "already exists", "unable to resolve", ".lock"].contains { words.contains($0) }
    guard isRace else { throw Refusal(.infrastructure, words) }
  }

  /// The other name in git's `'refs/…/a/b' exists; cannot create 'refs/…/a'`.
  private static func other(in words: String) -> String? {
    let parts = words.split(separator: "'", omittingEmptySubsequences: false)
    guard let index = parts.firstIndex(where: { $0.hasPrefix(" exists; cannot create") }), index > 0 else { return nil }
    return parts[index - 1].split(separator: "/").dropFirst(4).joined(separator: "/")
  }
}
