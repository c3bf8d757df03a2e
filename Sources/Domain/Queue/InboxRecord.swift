/// A record in the inbox: the message of the tag object that an inbox ref points at, one line of JSON.
package enum InboxRecord: Hashable, Sendable {
  case submission(SubmissionRequest)
  /// Withdraws what is in flight under a name.
  case cancel(id: SubmissionID, submission: SubmissionID, identity: String, at: Int64)
  /// Puts a submission in flight before everything else.
  case promote(id: SubmissionID, submission: SubmissionID, identity: String, at: Int64)
  /// Answers a request for a review of one submission; what was pushed under it never changes.
  case review(id: SubmissionID, submission: SubmissionID, ReviewAnswer, identity: String, at: Int64)
  /// Says whose integration a target starts from now on.
  case gate(id: SubmissionID, target: String, Train.Gate, identity: String, at: Int64)
  /// Has a notice sent again that nobody tries any more.
  case resend(id: SubmissionID, notice: NoticeID, identity: String, at: Int64)

  /// Takes a landing back; the submission that does so has the record's id.
  case rollback(id: SubmissionID, IntegrationID, reason: String, identity: String, at: Int64)

  /// Says what something outside makes of an integration; where that takes a landing back, the submission that does so has
  /// the record's id.
  case status(id: SubmissionID, IntegrationID, ContextReport)

  /// The record's own id: the last component of its inbox ref.
  package var id: SubmissionID {
    switch self {
    case .submission(let request): request.id
    case .cancel(let id, _, _, _), .promote(let id, _, _, _), .gate(let id, _, _, _, _),
      .resend(let id, _, _, _), .rollback(let id, _, _, _, _), .review(let id, _, _, _, _), .status(let id, _, _):
      id
    }
  }

  package var json: JSONValue {
    switch self {
    case .submission(let request):
      return [
        "version": 1, "record": "submission", "id": .string(request.id.text), "name": .string(request.name),
        "target": .string(request.target), "pushed": .string(request.pushed.hex),
        "embedding": .string(request.embedding.rawValue), "task_id": .string(request.taskID),
        "agent_id": .string(request.agentID), "identity": .string(request.identity),
        "priority": .string(request.options.priority.rawValue), "dry_run": .bool(request.options.isDryRun),
        "retry": .bool(request.options.isRetry),
        "accepted_findings": .array(request.options.acceptedFindings.sorted().map(JSONValue.string)),
        "depends_on": .array(request.options.dependsOn.map(JSONValue.string)),
        "accepted_at": .integer(request.acceptedAt), "supersedes": (request.supersedes?.text).json,
        "rolls_back": (request.options.rollsBack?.text).json,
      ]
    case .cancel(let id, let submission, let identity, let at):
      return Self.concerning(submission, "cancel", id, identity, at)
    case .promote(let id, let submission, let identity, let at):
      return Self.concerning(submission, "promote", id, identity, at)
    case .review(let id, let submission, let answer, let identity, let at):
      var reason: String?
      if case .refused(let words) = answer { reason = words }
      return [
        "version": 1, "record": "review", "id": .string(id.text), "submission": .string(submission.text),
        "answer": .string(reason == nil ? "approved" : "refused"), "reason": reason.json,
        "identity": .string(identity), "at": .integer(at),
      ]
    case .gate(let id, let target, let gate, let identity, let at):
      return [
        "version": 1, "record": "gate", "id": .string(id.text), "target": .string(target),
        "gate": .string(gate.rawValue), "identity": .string(identity), "at": .integer(at),
      ]
    case .resend(let id, let notice, let identity, let at):
      return [
        "version": 1, "record": "resend", "id": .string(id.text), "notice": .string(notice.text),
        "identity": .string(identity), "at": .integer(at),
      ]
    case .rollback(let id, let integration, let reason, let identity, let at):
      return [
        "version": 1, "record": "rollback", "id": .string(id.text), "integration": .string(integration.text),
        "reason": .string(reason), "identity": .string(identity), "at": .integer(at),
      ]
    case .status(let id, let integration, let report):
      return [
        "version": 1, "record": "status", "id": .string(id.text), "integration": .string(integration.text),
        "report": report.json, "identity": .string(report.by),
      ]
    }
  }

  /// Reads a record back; nil for anything this version did not write.
  package init?(json: JSONValue) {
    guard json["version"]?.integer == 1, let id = json["id"]?.string.flatMap(SubmissionID.init),
      let identity = json["identity"]?.string
    else { return nil }
    switch json["record"]?.string {
    case "submission":
      guard let request = Self.request(json, id: id, identity: identity) else { return nil }
      self = .submission(request)
    case let kind? where kind == "cancel" || kind == "promote":
      guard let submission = json["submission"]?.string.flatMap(SubmissionID.init), let at = json["at"]?.integer else {
        return nil
      }
      self =
        kind == "cancel"
        ? .cancel(id: id, submission: submission, identity: identity, at: at)
        : .promote(id: id, submission: submission, identity: identity, at: at)
    case "review":
      guard let submission = json["submission"]?.string.flatMap(SubmissionID.init), let at = json["at"]?.integer,
        let answer = Self.answer(json)
      else { return nil }
      self = .review(id: id, submission: submission, answer, identity: identity, at: at)
    case "gate":
      guard let target = json["target"]?.string, let at = json["at"]?.integer,
        let gate = json["gate"]?.string.flatMap(Train.Gate.init)
      else { return nil }
      self = .gate(id: id, target: target, gate, identity: identity, at: at)
    case "resend":
      guard let notice = json["notice"]?.string.flatMap(NoticeID.init), let at = json["at"]?.integer else { return nil }
      self = .resend(id: id, notice: notice, identity: identity, at: at)
    case "rollback":
      guard let integration = json["integration"]?.string.flatMap(IntegrationID.init), let at = json["at"]?.integer,
        let reason = json["reason"]?.string
      else { return nil }
      self = .rollback(id: id, integration, reason: reason, identity: identity, at: at)
    case "status":
      guard let integration = json["integration"]?.string.flatMap(IntegrationID.init),
        let report = json["report"].flatMap(ContextReport.init(json:)), report.by == identity
      else { return nil }
      self = .status(id: id, integration, report)
    default: return nil
    }
  }

  private static func concerning(
    _ submission: SubmissionID, _ kind: String, _ id: SubmissionID, _ identity: String, _ at: Int64
  ) -> JSONValue {
    [
      "version": 1, "record": .string(kind), "id": .string(id.text), "submission": .string(submission.text),
      "identity": .string(identity), "at": .integer(at),
    ]
  }

  private static func answer(_ json: JSONValue) -> ReviewAnswer? {
    switch json["answer"]?.string {
    case "approved": .approved
    case "refused": json["reason"]?.string.map { .refused(reason: $0) }
    default: nil
    }
  }

  private static func request(_ json: JSONValue, id: SubmissionID, identity: String) -> SubmissionRequest? {
    guard let name = json["name"]?.string, let target = json["target"]?.string,
      let pushed = json["pushed"]?.string.flatMap({ ObjectID(hex: $0) }),
      let embedding = json["embedding"]?.string.flatMap(Embedding.init), let task = json["task_id"]?.string,
      let agent = json["agent_id"]?.string, let priority = json["priority"]?.string.flatMap(Priority.init),
      let dryRun = json["dry_run"]?.bool, let retry = json["retry"]?.bool,
      let dependsOn = json["depends_on"]?.array?.compactMap(\.string), let at = json["accepted_at"]?.integer
    else { return nil }
    var options = SubmissionOptions(priority: priority, isDryRun: dryRun, isRetry: retry, dependsOn: dependsOn)
    options.acceptedFindings = Set(json["accepted_findings"]?.array?.compactMap(\.string) ?? [])
    options.rollsBack = json["rolls_back"]?.string.flatMap(IntegrationID.init)
    return SubmissionRequest(
      id: id, name: name, target: target, pushed: pushed, embedding: embedding, taskID: task, agentID: agent,
      identity: identity,
      options: options,
      acceptedAt: at, supersedes: json["supersedes"]?.string.flatMap(SubmissionID.init))
  }
}

/// The names of Sluice's own refs.
package enum SluiceRef {
  package static let inboxSpace = "refs/sluice/inbox/"
  package static let notes = "refs/notes/sluice"
  /// Where notifications are noted that go to the repository itself.
  package static let eventNotes = "refs/notes/sluice-events"
  /// How conflicts were settled in what landed.
  package static let resolutions = "refs/sluice/resolutions"
  package static let lineageSpace = "refs/sluice/lineage/"
  package static let knownSpace = "refs/known/"
  package static let quarantineSpace = "refs/sluice/quarantine/"

  package static func inbox(_ id: SubmissionID) -> String { inboxSpace + id.text }
  package static func lineage(target: String, name: String) -> String { lineageSpace + "\(target)/\(name)" }
  /// Keeps a submission's work alive until it ends.
  package static func work(_ id: SubmissionID) -> String { "refs/sluice/work/\(id.text)" }
  /// Keeps a candidate alive while it is tested.
  package static func candidate(_ id: IntegrationID) -> String { "refs/sluice/candidate/\(id.text)" }
  /// Keeps what nobody but an administrator may see.
  package static func quarantine(_ id: SubmissionID) -> String { quarantineSpace + id.text }
  package static func staging(_ id: IntegrationID) -> String { "refs/heads/staging/\(id.text)" }
  /// Where a target stood at the upstream when it was last looked at; keeps what was fetched alive.
  package static func tracking(_ target: String) -> String { "refs/sluice/tracking/\(target)" }
  package static let deliveredSpace = "refs/sluice/upstream/"
  /// Remembers that the upstream was shown a candidate, until that is gone from there.
  package static func delivered(_ id: IntegrationID) -> String { deliveredSpace + id.text }
  package static func landed(_ id: IntegrationID) -> String { "refs/landed/\(id.text)" }
  /// The work of a refused submission on the target's tip.
  package static func rebased(_ id: SubmissionID) -> String { "refs/rebased/\(id.text)" }
  package static func branch(_ name: String) -> String { "refs/heads/\(name)" }
  /// Tells pushers that they need not send what an earlier tip of a target holds.
  package static func known(_ target: String, at second: Int64) -> String { knownSpace + "\(second)/\(target)" }
}
