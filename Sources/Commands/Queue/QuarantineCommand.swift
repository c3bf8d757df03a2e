import ArgumentParser
import Domain
import Store

/// `sluice quarantine`
struct QuarantineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quarantine",
    abstract: "Shows, releases or discards what the security scan has kept back.",
    discussion: """
      A submission in which the scan finds a secret, or something else at or above the policy's 'security.level', is kept \
      where nobody can fetch it. Runs on the server; releasing and discarding are for administrators.

        sluice -C /srv/git/app.git quarantine
        sluice -C /srv/git/app.git quarantine release sub-1703123456-a1b2c3
        sluice -C /srv/git/app.git quarantine discard sub-1703123456-a1b2c3
      """,
    subcommands: [List.self, Release.self, Discard.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows what is in quarantine, and why.")

    @OptionGroup var place: Place

    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() throws {
      try place.enter()
      let record = try Record.open()
      let isolated = try record.quarantine()
      if json { return Console.say(JSONValue.array(isolated.map(\.json)).pretty) }
      if isolated.isEmpty { Console.say("nothing is in quarantine") }
      for entry in isolated {
        Console.say("\(entry.submission.id.text)  \(Printable.line(entry.submission.request.taskID, max: 200))")
        for finding in entry.findings { Console.say("  \(finding.words)") }
        let rest = entry.total - entry.findings.count
        if rest > 0 { Console.say("  … and \(rest) more") }
      }
    }
  }

  struct Release: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Enters it again, and lets pass what was found in it.",
      discussion: "It is checked as usual; findings that it was not kept back for put it into quarantine again.")

    @OptionGroup var place: Place

    @Argument(help: ArgumentHelp("The id of the submission.", valueName: "id"))
    var submission: String

    func run() throws {
      try place.enter()
      let record = try Record.open()
      let entry = try record.isolated(submission)
      guard entry.total == entry.findings.count else {
        throw CommandFailure.refused(
          "\(entry.submission.id) has \(entry.total) findings, more than can be looked at one by one",
          hint: "let files or findings pass by 'security: {allow: […]}' of the policy, and push it again")
      }
      let inbox = try ServerInbox(record.repository)
      let request = try inbox.release(entry.submission.request, accepting: entry.findings.map(\.fingerprint))
      inbox.callWorker()
      Console.say("\(request.id) takes the place of \(entry.submission.id); sluice watch \(request.id) follows it")
    }
  }

  struct Discard: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lets go of it: git removes its objects at a later time.")

    @OptionGroup var place: Place

    @Argument(help: ArgumentHelp("The id of the submission.", valueName: "id"))
    var submission: String

    func run() throws {
      try place.enter()
      let record = try Record.open()
      let entry = try record.isolated(submission)
      try ServerInbox(record.repository).discard(entry.submission.request)
      Console.say("\(entry.submission.id) is discarded")
    }
  }
}

/// A submission in quarantine, and what was found in it.
struct IsolatedSubmission {
  let submission: Submission
  /// Those that the event tells of.
  let findings: [Finding]
  /// All of them.
  let total: Int

  var json: JSONValue {
    [
      "submission_id": .string(submission.id.text), "task_id": .string(submission.request.taskID),
      "agent_id": .string(submission.request.agentID), "name": .string(submission.request.name),
      "identity": .string(submission.request.identity),
      "quarantined_at": submission.endedAt.map { .string(Timestamp.rfc3339($0)) } ?? .null,
      "findings": .array(findings.map(\.json)), "findings_total": .integer(total),
    ]
  }
}

extension Record {
  /// What is in quarantine, oldest first.
  func quarantine() throws(CommandFailure) -> [IsolatedSubmission] {
    let names = try repository.run(["for-each-ref", "--format=%(refname)", SluiceRef.quarantineSpace]).text
    var isolated: [IsolatedSubmission] = []
    for name in names.split(separator: "\n") {
      guard let id = SubmissionID(String(name.dropFirst(SluiceRef.quarantineSpace.count))) else { continue }
      do {
        guard let submission = try ledger?.submission(id), submission.state == .quarantined else { continue }
        isolated.append(try entry(of: submission))
      } catch let error as LedgerError { throw CommandFailure(error) } catch { throw .unreachable("\(error)") }
    }
    return isolated
  }

  /// The submission in quarantine under an id.
  func isolated(_ text: String) throws(CommandFailure) -> IsolatedSubmission {
    guard let found = try quarantine().first(where: { $0.submission.id.text == text }) else {
      throw .refused(
        "nothing is in quarantine as \(Printable.line(text, max: 80))", hint: "sluice quarantine lists what is")
    }
    return found
  }

  private func entry(of submission: Submission) throws -> IsolatedSubmission {
    let events = try ledger?.events(of: submission.id, after: 0).compactMap {
      Event(json: try JSONValue.parse(Array($0.json.utf8)))
    }
    let fields = events?.last { $0.kind == "security_quarantine" }?.fields
    let findings = fields?["findings"]?.array?.compactMap(Finding.init(json:)) ?? []
    return IsolatedSubmission(
      submission: submission, findings: findings, total: Int(fields?["findings_total"]?.integer ?? 0))
  }
}
