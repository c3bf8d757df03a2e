import ArgumentParser
import Domain
import Processes

/// `sluice cancel NAME|ID`
struct CancelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "Withdraws what is in flight.",
    discussion: """
      On the server it takes a name or an id; in a clone it takes a name and pushes the withdrawal. Only whoever \
      submitted it, or an administrator, may do so. What has landed stays landed.

        sluice cancel login-form
        sluice -C /srv/git/app.git cancel sub-1703123456-a1b2c3

      Exit statuses: 0 cancelled, 1 nothing to cancel, not yours, or it had ended otherwise, 3 not confirmed yet.
      """)

  @OptionGroup var place: Place
  @OptionGroup(title: "From a clone") var remote: RemoteOptions

  @Argument(help: ArgumentHelp("The name of the submission, or on the server its id.", valueName: "name-or-id"))
  var submission: String

  func run() throws {
    try place.enter()
    guard let repository = try ServerRepository.enclosing() else {
      return try remote.push("cancel", object: "HEAD", name: submission)
    }
    let inbox = try ServerInbox(try repository.demandInstalled())
    let (request, tag) = try inbox.inFlight(submission)
    try inbox.cancel(request, tag: tag)
    inbox.callWorker()
    let end = try Following.follow(request.id, in: repository, secondsMax: 10) { _ in }
    guard let end else {
      throw CommandFailure(.unfinished, "the withdrawal of \(request.id) is entered and not confirmed yet")
    }
    guard end.state == .cancelled else {
      throw CommandFailure.refused("\(request.id) had ended already: \(end.state.rawValue)")
    }
    Console.say("cancelled \(request.id)")
  }
}
