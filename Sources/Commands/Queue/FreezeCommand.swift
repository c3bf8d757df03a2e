import ArgumentParser
import Domain

/// `sluice freeze [TARGET]`
struct FreezeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "freeze",
    abstract: "Lets only urgent submissions through until a target is resumed.",
    discussion: """
      Pushes are still accepted; what is not 'priority=urgent' or promoted waits. Runs on the server; for administrators.

        sluice -C /srv/git/app.git freeze
      """)

  @OptionGroup var place: Place

  @Argument(help: "The target; the branch that HEAD names where none is named.")
  var target: String?

  func run() throws {
    try place.enter()
    let target = try ServerInbox.set(.urgentOnly, named: target)
    Console.say("\(target) is frozen: only urgent submissions go on until 'sluice resume'")
  }
}
