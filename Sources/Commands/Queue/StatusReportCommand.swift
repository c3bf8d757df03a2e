import ArgumentParser
import Domain
import GitProgram
import PolicyFile
import Processes
import Store

extension ContextReport.State: ExpressibleByArgument {}

/// `sluice status-report ID`
struct StatusReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status-report",
    abstract: "Says what something outside, such as a CI system, makes of a staged integration or of a landing.",
    discussion: """
      The contexts under deliver: in the policy have to report success of staging/<integration id> before it lands; failure \
      and error refuse it at once, no answer in time does too. After the landing, failure or error of any context takes it \
      back for as long as rollback: { watch: … } says. Runs on the server; for administrators and whoever git config \
      sluice.reporter names.

        sluice -C /srv/git/app.git status-report int-1703123460-x7k2f9 --context ci/build --state success
        sluice -C /srv/git/app.git status-report int-1703123460-x7k2f9 --context ci/e2e --state failure \\
          --url https://ci.example.org/17 --description '2 of 40 scenarios'

      Exit statuses: 0 entered, 1 it is no longer staged, the landing is not watched, or you are no reporter.
      """)

  @OptionGroup var place: Place

  @Option(help: "The name of what reports, as the policy has it.")
  var context: String

  @Option(help: "pending, success, failure or error.")
  var state: ContextReport.State

  @Option(help: "Where to read more; http or https.")
  var url: String?

  @Option(help: "One sentence for whoever pushed.")
  var description: String?

  @Argument(help: ArgumentHelp("The id of the integration: the last part of the staging branch.", valueName: "id"))
  var id: String

  func validate() throws {
    guard IntegrationID(id) != nil else {
      throw ValidationError("'\(Printable.line(id, max: 80))' is no id of an integration; one begins with int-")
    }
    guard ContextName(context) != nil else {
      throw ValidationError("--context needs a name of up to \(ContextName.bytesMax) printable bytes, such as ci/build")
    }
    guard url.map(WebAddress.isWeb) ?? true else { throw ValidationError("--url needs an http or https URL") }
    guard description.map({ $0.utf8.count <= ContextReport.descriptionBytesMax }) ?? true else {
      throw ValidationError("--description needs a text of at most \(ContextReport.descriptionBytesMax) bytes")
    }
  }

  func run() throws {
    try place.enter()
    guard let integration = IntegrationID(id), let context = ContextName(context) else { return }
    let record = try Record.open()
    let inbox = try ServerInbox(record.repository)
    try inbox.demandReporter()
    let report = ContextReport(
      context, state, url: url, description: description, by: inbox.caller.identity, at: WallClock.now().seconds)
    if let staged = try inbox.staged(integration) {
      _ = try inbox.report(report, of: integration, staged: staged)
      inbox.callWorker()
      return Console.say("\(context) is \(state.rawValue) for \(integration)")
    }
    try Self.demandWatched(integration, report, record, inbox.settings)
    let rollback = try inbox.report(report, of: integration, staged: nil)
    inbox.callWorker()
    Console.say("\(context) is \(state.rawValue) for \(integration), which has landed; \(rollback) takes it back")
  }

  /// Refuses a word about what is neither staged nor watched after its landing.
  private static func demandWatched(
    _ id: IntegrationID, _ report: ContextReport, _ record: Record, _ settings: ServerSettings
  ) throws {
    let (submission, found) = try record.find(id.text)
    guard let integration = found, let ledger = record.ledger else { return }
    let request = submission.request
    guard integration.state == .landed, let landedAt = integration.endedAt else {
      let newest = submission.integration.flatMap { $0 == id ? nil : $0 }
      throw CommandFailure.refused(
        "\(id) is not staged: it is \(integration.state.rawValue)",
        hint: newest.map { "the newest integration of \(submission.id) is \($0)" })
    }
    guard report.state.isRed else {
      throw CommandFailure.refused("\(id) has landed: from now on only failure and error say something new")
    }
    let byHand = "sluice rollback \(id) takes it back"
    guard !SubmissionName.isRollback(request.name) else {
      throw CommandFailure.refused("\(id) has itself taken a landing back, which no report undoes", hint: byHand)
    }
    guard let watch = try policy(of: integration, submission, record, settings).rollback.watch else {
      throw CommandFailure.refused("\(id) has landed, and its policy watches no landing", hint: byHand)
    }
    let end = landedAt + watch.components.seconds
    guard report.at <= end else {
      throw CommandFailure.refused("\(id) was watched until \(Timestamp.rfc3339(end))", hint: byHand)
    }
    let name = SubmissionName.rollback(of: id)
    do {
      guard try !ledger.hasLanded(taskOrSubmission: name, target: request.target) else {
        throw CommandFailure.refused("\(id) has been taken back already")
      }
      if let running = try ledger.newestSubmission(name: name, target: request.target), !running.state.isEnd {
        throw CommandFailure.refused("\(id) is being taken back already", hint: "sluice watch \(running.id)")
      }
    } catch let error as LedgerError { throw CommandFailure(error) }
  }

  /// The policy that a landing was judged by: that of its base, or the administrator's.
  private static func policy(
    of integration: Integration, _ submission: Submission, _ record: Record, _ settings: ServerSettings
  ) throws -> Policy {
    do { return try read(policyOf: integration, submission, record, settings) } catch let error as PolicyError {
      throw CommandFailure.refused("the policy that \(integration.id) was judged by does not read: \(error)")
    }
  }

  private static func read(
    policyOf integration: Integration, _ submission: Submission, _ record: Record, _ settings: ServerSettings
  ) throws -> Policy {
    if let file = settings.policyFile {
      return try PolicyFile.read(Disk.read(file, max: PolicySource.bytesMax), name: file)
    }
    let commit = integration.base ?? submission.landedCommit
    let blob = try record.repository.run(["cat-file", "blob", "\(commit?.hex ?? ""):\(PolicySource.path)"])
    guard blob.exit.isSuccess else {
      throw CommandFailure.refused("the policy that \(integration.id) was judged by is not there any more")
    }
    return try PolicyFile.read(blob.output, name: PolicySource.path.description)
  }
}
