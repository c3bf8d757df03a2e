/// A record in the inbox: the message of the tag object that an inbox ref points at, one line of JSON.
package enum InboxRecord: Hashable, Sendable {
  case submission(SubmissionRequest)
  /// Withdraws what is in flight under a name.
  case cancel(id: SubmissionID, submission: SubmissionID, identity: String, at: Int64)
  /// Starts nothing new on a target until it is resumed.
  case pause(id: SubmissionID, target: String, identity: String, at: Int64)
  case resume(id: SubmissionID, target: String, identity: String, at: Int64)

  /// The record's own id: the last component of its inbox ref.
  package var id: SubmissionID {
    switch self {
    case .submission(let request): request.id
    case .cancel(let id, _, _, _), .pause(let id, _, _, _), .resume(let id, _, _, _): id
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
        "depends_on": .array(request.options.dependsOn.map(JSONValue.string)),
        "accepted_at": .integer(request.acceptedAt), "supersedes": (request.supersedes?.text).json,
      ]
    case .cancel(let id, let submission, let identity, let at):
      return [
        "version": 1, "record": "cancel", "id": .string(id.text), "submission": .string(submission.text),
        "identity": .string(identity), "at": .integer(at),
      ]
    case .pause(let id, let target, let identity, let at): return Self.switching("pause", id, target, identity, at)
    case .resume(let id, let target, let identity, let at): return Self.switching("resume", id, target, identity, at)
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
    case "cancel":
      guard let submission = json["submission"]?.string.flatMap(SubmissionID.init), let at = json["at"]?.integer else {
        return nil
      }
      self = .cancel(id: id, submission: submission, identity: identity, at: at)
    case let kind? where kind == "pause" || kind == "resume":
      guard let target = json["target"]?.string, let at = json["at"]?.integer else { return nil }
      self =
        kind == "pause"
        ? .pause(id: id, target: target, identity: identity, at: at)
        : .resume(id: id, target: target, identity: identity, at: at)
    default: return nil
    }
  }

  private static func switching(
    _ kind: String, _ id: SubmissionID, _ target: String, _ identity: String, _ at: Int64
  ) -> JSONValue {
    [
      "version": 1, "record": .string(kind), "id": .string(id.text), "target": .string(target),
      "identity": .string(identity), "at": .integer(at),
    ]
  }

  private static func request(_ json: JSONValue, id: SubmissionID, identity: String) -> SubmissionRequest? {
    guard let name = json["name"]?.string, let target = json["target"]?.string,
      let pushed = json["pushed"]?.string.flatMap({ ObjectID(hex: $0) }),
      let embedding = json["embedding"]?.string.flatMap(Embedding.init), let task = json["task_id"]?.string,
      let agent = json["agent_id"]?.string, let priority = json["priority"]?.string.flatMap(Priority.init),
      let dryRun = json["dry_run"]?.bool, let retry = json["retry"]?.bool,
      let dependsOn = json["depends_on"]?.array?.compactMap(\.string), let at = json["accepted_at"]?.integer
    else { return nil }
    return SubmissionRequest(
      id: id, name: name, target: target, pushed: pushed, embedding: embedding, taskID: task, agentID: agent,
      identity: identity,
      options: SubmissionOptions(priority: priority, isDryRun: dryRun, isRetry: retry, dependsOn: dependsOn),
      acceptedAt: at, supersedes: json["supersedes"]?.string.flatMap(SubmissionID.init))
  }
}

/// The names of Sluice's own refs.
package enum SluiceRef {
  package static let inboxSpace = "refs/sluice/inbox/"
  package static let notes = "refs/notes/sluice"
  package static let lineageSpace = "refs/sluice/lineage/"

  package static func inbox(_ id: SubmissionID) -> String { inboxSpace + id.text }
  package static func lineage(target: String, name: String) -> String { lineageSpace + "\(target)/\(name)" }
  /// Keeps a submission's work alive until it ends.
  package static func work(_ id: SubmissionID) -> String { "refs/sluice/work/\(id.text)" }
  /// Keeps a candidate alive while it is tested.
  package static func candidate(_ id: IntegrationID) -> String { "refs/sluice/candidate/\(id.text)" }
  package static func staging(_ id: IntegrationID) -> String { "refs/heads/staging/\(id.text)" }
  package static func landed(_ id: IntegrationID) -> String { "refs/landed/\(id.text)" }
  package static func branch(_ name: String) -> String { "refs/heads/\(name)" }
}
