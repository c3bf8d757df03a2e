import ArgumentParser
import Domain
import Processes

/// `sluice retry NAME|ID`
struct RetryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry",
    abstract: "Runs a refused submission again, without the answers from before.",
    discussion: """
      On the server it takes the id of a submission that has ended; in a clone it takes the name that 'sluice submit' \
      pushed and pushes the same object again. Verdicts that held are kept; what failed is run anew.

        sluice retry login-form
        sluice -C /srv/git/app.git retry sub-1703123456-a1b2c3

      Exit statuses: 0 entered (on the server) or landed (from a clone), 1 refused.
      """)

  @OptionGroup var place: Place
  @OptionGroup(title: "From a clone") var remote: RemoteOptions

  @Argument(help: ArgumentHelp("The name of the submission, or on the server its id.", valueName: "name-or-id"))
  var submission: String

  func run() throws {
    try place.enter()
    guard try ServerRepository.enclosing() != nil else {
      return try remote.push("retry", object: "refs/sluice/submitted/\(submission)", name: submission)
    }
    let record = try Record.open()
    let (old, _) = try record.find(submission)
    guard old.state.isEnd else { throw CommandFailure.refused("\(old.id) is in flight: \(old.state.rawValue)") }
    guard old.state != .landed else { throw CommandFailure.refused("\(old.id) has landed") }
    let inbox = try ServerInbox(record.repository)
    let request = try inbox.retry(old.request)
    inbox.callWorker()
    Console.say("\(request.id) tries \(old.id) again; sluice watch \(request.id) follows it")
  }
}
