import ArgumentParser
import Domain

/// `sluice resume [TARGET]`
struct ResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Lets the queue of a paused or frozen target go on.",
    discussion: """
      Runs on the server; for administrators.

        sluice -C /srv/git/app.git resume
      """)

  @OptionGroup var place: Place

  @Argument(help: "The target; the branch that HEAD names where none is named.")
  var target: String?

  func run() throws {
    try place.enter()
    let target = try ServerInbox.set(.open, named: target)
    Console.say("\(target) goes on")
  }
}
