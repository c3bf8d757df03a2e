/// A commit on a target's line, and what its landing said of itself.
package struct LandedWork: Hashable, Sendable {
  package let commit: ObjectID
  /// The first line of its message: the feature's description, where several commits were squashed.
  package let subject: String
  package var integration: String?
  package var submission: String?
  package var taskID: String?
  package var agentID: String?
  /// Who pushed it, where a certificate says so.
  package var pushedBy: String?

  package init(commit: ObjectID, subject: String) {
    self.commit = commit
    self.subject = subject
  }

  /// Reads what the trailers of a landed commit say; nothing where there are none.
  package init(commit: ObjectID, _ content: Commit) {
    self.init(commit: commit, subject: content.subject)
    let trailers = LandingMessage.ownTrailers(of: content.text)
    taskID = trailers["Task-Id"]
    agentID = trailers["Agent-Id"]
    submission = trailers["Submission-Id"]
    integration = trailers["Integration-Id"]
  }

  /// Takes over what a certificate says.
  package mutating func complete(certificate: JSONValue) {
    integration = certificate["integration_id"]?.string ?? integration
    submission = certificate["submission_id"]?.string ?? submission
    taskID = certificate["task_id"]?.string ?? taskID
    agentID = certificate["agent_id"]?.string ?? agentID
    pushedBy = certificate["pushed_by"]?.string ?? pushedBy
  }

  /// Whether Sluice landed it.
  package var isLanding: Bool { submission != nil }

  /// Whether it is the work of the same agent, pushed by the same identity.
  package func isOwn(of request: SubmissionRequest) -> Bool {
    agentID == Printable.line(request.agentID, max: 200) && (pushedBy ?? request.identity) == request.identity
  }

  /// Whether one of the names an author may use for it is among `names`.
  package func isNamed(among names: [String]) -> Bool {
    names.contains { name in
      [taskID, submission, integration].contains(name) || (name.utf8.count >= 7 && commit.hex.hasPrefix(name))
    }
  }

  /// Whether a text says that it reverts this work: by its commit, as git writes it, by an id, its task, or its subject.
  package func isReverted(by text: String) -> Bool {
    guard text.lowercased().contains("revert") else { return false }
    let names = [integration, submission].compactMap(\.self) + ["\"\(subject)\""]
    if names.contains(where: text.contains) { return true }
    let words = text.split { !($0.isLetter || $0.isNumber || "-_./".contains($0)) }
    return words.contains { word in
      word == taskID ?? "" || word.utf8.count >= 7 && commit.hex.hasPrefix(word.drop { $0 == "." }.prefix { $0 != "." })
    }
  }

  /// The commit, its subject and its task, for one line of output.
  package var line: String {
    let task = taskID.map { ", task \(Printable.line($0, max: 60))" } ?? ""
    return "\(commit.short) \(Printable.line(subject, max: 100))\(task)"
  }

  package var json: JSONObject {
    [
      "integration_id": integration.json, "submission_id": submission.json, "task_id": taskID.json,
      "agent_id": agentID.json, "commit": .string(commit.hex),
      "feature_description": .string(Printable.line(subject, max: 200)),
    ]
  }
}
