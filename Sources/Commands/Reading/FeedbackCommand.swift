import ArgumentParser
import Domain
import Store

/// `sluice feedback ID`
struct FeedbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "feedback",
    abstract: "Tells why a submission was refused, and what to do: everything an agent needs to come back.",
    discussion: """
      The category and the reason, the checks at fault with their tests and first and last lines of output, the \
      comparison with the base, what changed underneath, whose lines were changed, a plan or suggestions, and the exact \
      next commands. With --json it is the document whose schema 'sluice schema feedback' prints; the same stands in \
      'sluice show --json' and in the events. Takes either kind of id. Runs on the server.

        sluice -C /srv/git/app.git feedback sub-1703123456-a1b2c3
        sluice -C /srv/git/app.git feedback --json int-1703123460-x7k2f9 | jq -r '.next_commands[]'

      Exit statuses: 0 told, 1 it was not refused, 3 it has not ended yet.
      """)

  @OptionGroup var place: Place

  @Flag(help: "Print the document as JSON.")
  var json = false

  @Argument(help: ArgumentHelp("A submission's or an integration's id.", valueName: "id"))
  var id: String

  func run() throws {
    try place.enter()
    let record = try Record.open()
    let (submission, integration) = try record.find(id)
    let document = try document(submission, integration, record)
    if json {
      Console.say(document.pretty)
    } else {
      FeedbackView(document: document).lines.forEach(Console.say)
    }
  }

  private func document(
    _ submission: Submission, _ integration: Integration?, _ record: Record
  ) throws -> JSONValue {
    if let report = integration?.report,
      let document = try JSONValue.parse(Array(report.utf8), limits: .own)["feedback"],
      document != .null
    {
      return document
    }
    guard submission.state.isEnd else {
      throw CommandFailure(.unfinished, "\(submission.id) is \(submission.state.rawValue): nothing has failed yet")
    }
    // An integration that was dropped before the refusal has no more to say than the submission.
    let isLast = integration == nil || integration?.id == submission.integration || SubmissionID(id) != nil
    guard submission.state == .rejected, isLast, let category = submission.category else {
      let what =
        integration.map { "\($0.id) is \($0.state.rawValue)" } ?? "\(submission.id) is \(submission.state.rawValue)"
      throw CommandFailure.refused("\(what): it was not refused")
    }
    let events = try (record.ledger?.events(of: submission.id, after: 0) ?? []).reversed()
      .compactMap { try Event(json: JSONValue.parse(Array($0.json.utf8), limits: .own)) }
    if let document = events.lazy.compactMap({ $0.fields["feedback"] }).first, document != .null { return document }
    // An older version wrote none into its events, and events do not stay for ever.
    let refusal =
      events.lazy.compactMap(\.end).first?.refusal ?? Refusal(category, submission.reason ?? category.rawValue)
    return IntegrationFeedback.withoutIntegration(
      submission.request, refusal, repository: record.repository.path
    ).json
  }
}
