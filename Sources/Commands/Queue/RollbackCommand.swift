import ArgumentParser
import Domain
import GitProgram

/// `sluice rollback ID`
struct RollbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Takes a landing back through the same gate.",
    discussion: """
      Makes the revert of what an integration has landed and enters it before everything else: it is merged, tested, staged \
      and certified as any submission. Work that landed later on the same files is listed; where the revert conflicts with \
      it, the plan of the conflict is printed, and nothing moves. Runs on the server; for administrators.

        sluice -C /srv/git/app.git rollback int-1703123460-x7k2f9 --reason 'checkout is down'

      Exit statuses: 0 taken back, 1 refused, 3 not finished yet (--nowait).
      """)

  @OptionGroup var place: Place

  @Option(help: "Why, for the revert's message and for everybody who is told.")
  var reason = "taken back by an administrator"

  @Flag(help: "Return as soon as it is entered.")
  var nowait = false

  @Argument(help: ArgumentHelp("The id of the integration, or of its submission.", valueName: "id"))
  var id: String

  func validate() throws {
    guard !reason.isEmpty, reason.utf8.count <= 2_000 else {
      throw ValidationError("--reason needs a text of at most 2000 bytes")
    }
  }

  func run() throws {
    try place.enter()
    let record = try Record.open()
    let (submission, integration) = try record.find(id)
    guard let integration, integration.state == .landed else {
      throw CommandFailure.refused("\(id) has not landed: \(submission.state.rawValue)")
    }
    let inbox = try ServerInbox(record.repository)
    let rollback = try inbox.rollBack(integration.id, on: submission.request.target, reason: reason)
    inbox.callWorker()
    guard !nowait else {
      Console.say("\(rollback) rolls \(integration.id.text) back; sluice watch \(rollback) follows it")
      throw ExitCode(ExitStatus.unfinished.rawValue)
    }
    let end = try Following.follow(rollback, in: record.repository, secondsMax: nil) { entry in
      entry.event.lines.forEach(Console.say)
    }
    throw ExitCode(Following.status(end).rawValue)
  }
}
