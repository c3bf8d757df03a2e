import Domain
import GitProgram
import Glibc
import Processes

/// The server's inbox as commands write to it: the same records that pushes write, read by the same worker.
struct ServerInbox {
  let repository: ServerRepository
  let git: GitProgram
  let settings: ServerSettings
  let caller: Caller
  private let refs: RefTransactions

  init(_ repository: ServerRepository) throws(CommandFailure) {
    self.repository = repository
    caller = Caller()
    do {
      git = try GitProgram(repository: repository.path)
      settings = try git.settings()
    } catch let error as SettingError {
      throw .unreachable("git config \(error.key) is '\(error.value)', expected \(error.expected)")
    } catch { throw .unreachable("\(error)") }
    refs = RefTransactions(git: git)
  }

  /// The submission in flight under an id, or under a name on one of the targets.
  func inFlight(_ text: String) throws(CommandFailure) -> (request: SubmissionRequest, tag: ObjectID) {
    if let id = SubmissionID(text) {
      if let found = try record(at: SluiceRef.inbox(id)) { return found }
    } else if let name = SubmissionName(text) {
      for target in try QueueStatus.targets(repository, others: []) {
        if let found = try record(at: SluiceRef.lineage(target: target, name: name.text)) { return found }
      }
    }
    throw .refused("nothing is in flight as \(Printable.line(text, max: 80))", hint: "sluice status lists what is")
  }

  /// Enters that a submission is withdrawn.
  func cancel(_ request: SubmissionRequest, tag: ObjectID) throws(CommandFailure) {
    guard caller.identity == request.identity || caller.isAdministrator(settings) else {
      throw .refused(
        "unauthorized: \(request.id) is \(Printable.line(request.identity, max: 80))'s, you are \(caller.identity)")
    }
    let now = WallClock.now()
    let id = now.newSubmissionID()
    let record = InboxRecord.cancel(id: id, submission: request.id, identity: caller.identity, at: now.seconds)
    try enter(record, about: tag, .tag, at: now, with: [.verify(SluiceRef.inbox(request.id), is: tag)])
  }

  /// Enters an ended submission once more, as a new one that takes no answer from before.
  func retry(_ old: SubmissionRequest) throws(CommandFailure) -> SubmissionRequest {
    guard caller.identity == old.identity || caller.isAdministrator(settings) else {
      throw .refused(
        "unauthorized: \(old.id) is \(Printable.line(old.identity, max: 80))'s, you are \(caller.identity)")
    }
    return try enterAgain(old, accepting: [], with: [])
  }

  /// Enters a submission in quarantine once more, with what an administrator lets pass of what was found in it.
  func release(_ old: SubmissionRequest, accepting findings: [String]) throws(CommandFailure) -> SubmissionRequest {
    try demandAdministrator()
    return try enterAgain(old, accepting: Set(findings), with: [try leavingQuarantine(old)])
  }

  /// Lets go of a submission in quarantine.
  func discard(_ request: SubmissionRequest) throws(CommandFailure) {
    try demandAdministrator()
    do {
      if case .lost(let words) = try refs.commit([try leavingQuarantine(request)]) {
        throw CommandFailure.refused("it has changed meanwhile: \(Printable.line(words, max: 200))")
      }
    } catch let failure as CommandFailure { throw failure } catch { throw .unreachable("\(error)") }
  }

  private func leavingQuarantine(_ request: SubmissionRequest) throws(CommandFailure) -> RefUpdate {
    let name = SluiceRef.quarantine(request.id)
    do {
      guard let head = try ObjectQuestions(git).ref(name) else {
        throw CommandFailure.refused("\(request.id) is in quarantine no more")
      }
      return .delete(name, expecting: head.id)
    } catch let failure as CommandFailure { throw failure } catch { throw .unreachable("\(error)") }
  }

  private func enterAgain(
    _ old: SubmissionRequest, accepting findings: Set<String>, with updates: [RefUpdate]
  ) throws(CommandFailure) -> SubmissionRequest {
    let now = WallClock.now()
    var options = old.options
    options.isRetry = true
    options.acceptedFindings = findings
    let request = SubmissionRequest(
      id: now.newSubmissionID(), name: old.name, target: old.target, pushed: old.pushed, embedding: old.embedding,
      taskID: old.taskID, agentID: old.agentID, identity: old.identity, options: options, acceptedAt: now.seconds,
      supersedes: nil)
    let kind = try repository.run(["cat-file", "-t", old.pushed.hex])
    guard let kind = ObjectKind(rawValue: kind.line) else {
      throw .refused("the work of \(old.id) is not kept any more", hint: "push it again")
    }
    let lineage = SluiceRef.lineage(target: old.target, name: old.name)
    try enter(.submission(request), about: old.pushed, kind, at: now, with: updates) { .create(lineage, $0) }
    return request
  }

  /// Enters that a submission goes before everything else.
  func promote(_ request: SubmissionRequest, tag: ObjectID) throws(CommandFailure) {
    try demandAdministrator()
    let now = WallClock.now()
    let record = InboxRecord.promote(
      id: now.newSubmissionID(), submission: request.id, identity: caller.identity, at: now.seconds)
    try enter(record, about: tag, .tag, at: now, with: [.verify(SluiceRef.inbox(request.id), is: tag)])
  }

  /// Enters that a landing is to be taken back.
  ///
  /// - Returns: the id of the submission that will do so.
  func rollBack(
    _ integration: IntegrationID, on target: String, reason: String
  ) throws(CommandFailure) -> SubmissionID {
    try demandAdministrator()
    let lineage = SluiceRef.lineage(target: target, name: SubmissionName.rollback(of: integration))
    if let running = try self.record(at: lineage) {
      throw .refused("\(integration.text) is being rolled back already", hint: "sluice watch \(running.request.id)")
    }
    let now = WallClock.now()
    let record = InboxRecord.rollback(
      id: now.newSubmissionID(), integration, reason: reason, identity: caller.identity, at: now.seconds)
    try enterAlone(record, at: now)
    return record.id
  }

  /// Enters what an administrator says of a submission.
  func answer(_ answer: ReviewAnswer, about request: SubmissionRequest, tag: ObjectID) throws(CommandFailure) {
    try demandAdministrator()
    let now = WallClock.now()
    let record = InboxRecord.review(
      id: now.newSubmissionID(), submission: request.id, answer, identity: caller.identity, at: now.seconds)
    try enter(record, about: tag, .tag, at: now, with: [.verify(SluiceRef.inbox(request.id), is: tag)])
  }

  /// Enters what something outside says of an integration.
  ///
  /// - Parameter staged: the commit that its staging ref still has to show; nil for one that has landed.
  /// - Returns: the id of the record, which becomes that of a rollback.
  func report(
    _ report: ContextReport, of integration: IntegrationID, staged: ObjectID?
  ) throws(CommandFailure) -> SubmissionID {
    let now = WallClock.now()
    let record = InboxRecord.status(id: now.newSubmissionID(), integration, report)
    if let staged {
      let stands = RefUpdate.verify(SluiceRef.staging(integration), is: staged)
      try enter(record, about: staged, .commit, at: now, with: [stands])
    } else {
      try enterAlone(record, at: now)
    }
    return record.id
  }

  /// The commit that an integration's staging ref shows; nil where it is not staged.
  func staged(_ integration: IntegrationID) throws(CommandFailure) -> ObjectID? {
    do { return try ObjectQuestions(git).ref(SluiceRef.staging(integration))?.id } catch {
      throw .unreachable("\(error)")
    }
  }

  func demandReporter() throws(CommandFailure) {
    guard caller.isAdministrator(settings) || settings.reporters.contains(caller.identity) else {
      throw .refused(
        "unauthorized: \(caller.identity) is no reporter (git config sluice.reporter) and no administrator")
    }
  }

  private func demandAdministrator() throws(CommandFailure) {
    guard caller.isAdministrator(settings) else {
      throw .refused("unauthorized: \(caller.identity) is no administrator (git config sluice.admin)")
    }
  }

  /// Enters whose integration a target begins from now on.
  func set(_ gate: Train.Gate, target: String) throws(CommandFailure) {
    try demandAdministrator()
    let now = WallClock.now()
    let record = InboxRecord.gate(
      id: now.newSubmissionID(), target: target, gate, identity: caller.identity, at: now.seconds)
    try enterAlone(record, at: now)
  }

  /// Enters that a notification is to be sent again.
  func resend(_ notice: NoticeID) throws(CommandFailure) {
    try demandAdministrator()
    let now = WallClock.now()
    let record = InboxRecord.resend(
      id: now.newSubmissionID(), notice: notice, identity: caller.identity, at: now.seconds)
    try enterAlone(record, at: now)
  }

  /// Enters a record that is about no object: a tag must point at something.
  private func enterAlone(_ record: InboxRecord, at now: WallClock) throws(CommandFailure) {
    guard let tree = ObjectID(hex: try repository.line(["hash-object", "-t", "tree", "-w", "--stdin"])) else {
      throw .unreachable("git wrote no tree")
    }
    try enter(record, about: tree, .tree, at: now)
  }

  /// Wakes or starts the worker; says so where nobody could be started.
  func callWorker() {
    if case .nobody(let why) = WorkerCall(StatePaths(repository: repository.path)).call() {
      Console.warn("no worker runs, and none could be started: \(why)")
    }
  }

  private func enter(
    _ record: InboxRecord, about object: ObjectID, _ kind: ObjectKind, at now: WallClock,
    with updates: [RefUpdate] = [], and update: (ObjectID) -> RefUpdate? = { _ in nil }
  ) throws(CommandFailure) {
    do {
      let tag = try git.writeRecord(record, about: object, kind, at: now.seconds)
      let all = [.create(SluiceRef.inbox(record.id), tag)] + updates + [update(tag)].compactMap { $0 }
      if case .lost(let words) = try refs.commit(all) {
        throw CommandFailure.refused("it has changed meanwhile: \(Printable.line(words, max: 200))")
      }
      let folder = try Descriptor(opening: repository.path, O_RDONLY | O_DIRECTORY)
      try folder.syncFileSystem()
    } catch let failure as CommandFailure { throw failure } catch { throw .unreachable("\(error)") }
  }

  private func record(at ref: String) throws(CommandFailure) -> (request: SubmissionRequest, tag: ObjectID)? {
    do {
      let questions = ObjectQuestions(git)
      guard let head = try questions.ref(ref) else { return nil }
      let message = try questions.tag(head.id).message
      guard case .submission(let request)? = InboxRecord(json: try JSONValue.parse(message)) else { return nil }
      return (request, head.id)
    } catch { throw .unreachable("the record at \(ref) does not read: \(error)") }
  }
}
