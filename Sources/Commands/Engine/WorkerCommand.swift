import ArgumentParser
import Domain
import Engine

/// `sluice worker`
struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker",
    abstract: "Integrates and lands what has been pushed.",
    discussion: """
      A push starts a worker by itself when none runs. A service manager runs one in the foreground, which never ends by \
      itself; SIGTERM ends it, and what it was doing is carried on by the next one.

        sluice -C /srv/git/app.git worker
      """)

  @OptionGroup var place: Place

  @Flag(help: "End when there has been nothing to do for a while: what a push starts.")
  var detached = false

  func run() throws {
    try place.enter()
    let repository = try ServerRepository.installed()
    let ending: Worker.Ending
    do {
      ending = try Worker.run(StatePaths(repository: repository.path), detached: detached, log: Console.note)
    } catch { throw CommandFailure.unreachable("the worker of \(repository.path) stopped: \(error)") }
    // Of two workers that pushes started at once, one is enough.
    if case .leaseIsHeld = ending, !detached {
      throw CommandFailure.refused("another worker serves \(repository.path) already")
    }
  }
}
