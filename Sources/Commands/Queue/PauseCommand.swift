import ArgumentParser
import Domain

/// `sluice pause [TARGET]`
struct PauseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause",
    abstract: "Starts nothing new on a target until it is resumed.",
    discussion: """
      Pushes are still accepted and wait. Runs on the server; for administrators.

        sluice -C /srv/git/app.git pause
        sluice -C /srv/git/app.git pause release-2
      """)

  @OptionGroup var place: Place

  @Argument(help: "The target; the branch that HEAD names where none is named.")
  var target: String?

  func run() throws {
    try place.enter()
    let target = try ServerInbox.set(.closed, named: target)
    Console.say("\(target) is paused: what waits, waits until 'sluice resume'")
  }
}

extension ServerInbox {
  /// Sets the gate of a target of the repository that the working folder stands in.
  static func set(_ gate: Train.Gate, named name: String?) throws(CommandFailure) -> String {
    let repository = try ServerRepository.installed()
    let inbox = try ServerInbox(repository)
    let targets = try QueueStatus.targets(repository, others: [])
    guard let target = name ?? targets.first, targets.contains(target) else {
      throw .refused(
        "\(name ?? "HEAD") is no target", hint: "the targets are \(targets.joined(separator: ", "))")
    }
    try inbox.set(gate, target: target)
    inbox.callWorker()
    return target
  }
}
