import ArgumentParser
import Domain
import Store

/// `sluice show ID`
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Shows one submission or integration: its state, its checks, its certificate.",
    discussion: """
      Takes either kind of id; a submission is shown with its newest integration. With --json it is the integration \
      results document, and what else is known beside it. Reads the repository's own record, so it runs on the server.

        sluice -C /srv/git/app.git show sub-1703123456-a1b2c3
        sluice -C /srv/git/app.git show --json int-1703123460-x7k2f9
      """)

  @OptionGroup var place: Place

  @Flag(help: "Print the result as JSON.")
  var json = false

  @Argument(help: ArgumentHelp("A submission's or an integration's id.", valueName: "id"))
  var id: String

  func run() throws {
    try place.enter()
    let record = try Record.open()
    let (submission, integration) = try record.find(id)
    let review: Review?
    do { review = try record.ledger?.review(of: submission.id) } catch { throw CommandFailure(error) }
    let view = SubmissionView(submission: submission, integration: integration, review: review)
    if json {
      Console.say(view.json.pretty)
    } else {
      view.lines.forEach(Console.say)
    }
  }
}
