import ArgumentParser
import Domain
import Store

/// `sluice analysis ID`
struct AnalysisCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analysis",
    abstract: "Tells where and why something failed, what was undone, and what is left.",
    discussion: """
      For a refused integration, a failed deployment, and a landing that was taken back: the stage, the cause, the checks and \
      contexts that show it, the events with their times. With --json it is the document whose schema 'sluice schema \
      analysis' prints. Takes either kind of id, that of a rollback too. Runs on the server.

        sluice -C /srv/git/app.git analysis int-1703123460-x7k2f9
        sluice -C /srv/git/app.git analysis --json sub-1703123456-a1b2c3 | jq -r .stage

      Exit statuses: 0 told, 1 it has not failed, 3 it has not ended yet.
      """)

  @OptionGroup var place: Place

  @Flag(help: "Print the document as JSON.")
  var json = false

  @Argument(help: ArgumentHelp("A submission's or an integration's id.", valueName: "id"))
  var id: String

  func run() throws {
    try place.enter()
    let record = try Record.open()
    let document = try Self.document(id, record)
    if json {
      Console.say(document.pretty)
    } else {
      AnalysisView(document: document).lines.forEach(Console.say)
    }
  }

  private static func document(_ id: String, _ record: Record) throws -> JSONValue {
    var (submission, integration) = try record.find(id)
    var rollback: FailureAnalysis.Story?
    if let bad = SubmissionName.rolledBack(by: submission.request.name) {
      rollback = try story(submission, integration, record)
      (submission, integration) = try record.find(bad.text)
    } else if submission.state == .landed, let landed = submission.integration {
      integration = try record.find(landed.text).1
      let name = SubmissionName.rollback(of: landed)
      do {
        let newest = try record.ledger?.newestSubmission(name: name, target: submission.request.target)
        if let newest { rollback = try story(newest, record.find(newest.id.text).1, record) }
      } catch let error as LedgerError { throw CommandFailure(error) }
    }
    guard submission.state.isEnd else {
      throw CommandFailure(.unfinished, "\(submission.id) is \(submission.state.rawValue): nothing has failed yet")
    }
    let gate: Train.Gate
    do { gate = try record.ledger?.gates()[submission.request.target] ?? .open } catch { throw CommandFailure(error) }
    let failed = try story(submission, integration, record)
    guard let analysis = FailureAnalysis(of: failed, rollback: rollback, gate: gate) else {
      throw CommandFailure.refused("\(submission.id) is \(submission.state.rawValue): it has not failed")
    }
    return analysis.json
  }

  private static func story(
    _ submission: Submission, _ integration: Integration?, _ record: Record
  ) throws -> FailureAnalysis.Story {
    do {
      let events = try record.ledger?.events(of: submission.id, after: 0) ?? []
      return FailureAnalysis.Story(
        submission, integration,
        try events.compactMap { Event(json: try JSONValue.parse(Array($0.json.utf8), limits: .own)) })
    } catch let error as LedgerError { throw CommandFailure(error) }
  }
}

/// The analysis of a failure, for people.
struct AnalysisView: Sendable {
  let document: JSONValue

  var lines: [String] {
    let cause = document["cause"]
    var rows = [["failed in", shown(document["stage"])], ["submission", shown(document["submission_id"])]]
    if document["integration_id"]?.string != nil { rows.append(["integration", shown(document["integration_id"])]) }
    rows += [["task", shown(document["task_id"])], ["target", shown(document["target"])]]
    return ["\(shown(cause?["category"])): \(shown(cause?["reason"]))"] + Columns.aligned(rows) + evidence
      + section("timeline:", document["timeline"]) { moment in
        let text = shown(moment["text"])
        return "\(shown(moment["time"])) \(shown(moment["event"]))\(text.isEmpty ? "" : ": \(text)")"
      }
      + section("undone:", document["undone"]) { undoing in
        undoing["what"] == "reverted"
          ? "\(shown(undoing["ref"])): reverted as \(shown(undoing["commit"]).prefix(7))"
          : "\(shown(undoing["ref"])) removed"
      }
      + section("left:", document["left"]) { shown($0) }
  }

  private var evidence: [String] {
    var lines: [String] = []
    for check in document["evidence"]?["checks"]?.array ?? [] {
      lines.append("check \(shown(check["check"])): \(shown(check["verdict"])), \(shown(check["reason"]))")
      lines += (check["failures"]?.array ?? []).prefix(10).map { "  failed: \(shown($0))" }
      lines += (check["output"]?.array ?? []).map { "    | \(shown($0))" }
    }
    for context in document["evidence"]?["contexts"]?.array ?? [] {
      let why = context["description"]?.string == nil ? "" : ": \(shown(context["description"]))"
      lines.append(
        "context \(shown(context["context"])) of \(shown(context["integration_id"])): \(shown(context["state"]))\(why)")
      if context["url"]?.string != nil { lines.append("  \(shown(context["url"]))") }
    }
    return lines
  }

  private func section(_ title: String, _ values: JSONValue?, _ line: (JSONValue) -> String) -> [String] {
    let values = values?.array ?? []
    return values.isEmpty ? [] : [title] + values.map { "  \(line($0))" }
  }

  private func shown(_ value: JSONValue?) -> String { Printable.line(value?.string ?? "", max: 1_000) }
}
