import ArgumentParser
import Domain

/// `sluice promote NAME|ID`
struct PromoteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "promote",
    abstract: "Puts what is in flight before everything else.",
    discussion: """
      It keeps its place until it has ended, and goes before urgent submissions. Proven work ahead of it still lands first. \
      Runs on the server; for administrators.

        sluice -C /srv/git/app.git promote sub-1703123456-a1b2c3
        sluice -C /srv/git/app.git promote login-form
      """)

  @OptionGroup var place: Place

  @Argument(help: ArgumentHelp("The name or the id of the submission.", valueName: "name-or-id"))
  var submission: String

  func run() throws {
    try place.enter()
    let inbox = try ServerInbox(try ServerRepository.installed())
    let (request, tag) = try inbox.inFlight(submission)
    try inbox.promote(request, tag: tag)
    inbox.callWorker()
    Console.say("\(request.id) goes before everything else for \(request.target)")
  }
}
