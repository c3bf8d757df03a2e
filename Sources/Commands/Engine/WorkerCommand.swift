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

      With --root or --config one worker serves all repositories with Sluice below folders, also those that are \
      installed while it runs, and shares its lanes among them fairly. They belong to one user.

        sluice -C /srv/git/app.git worker
        sluice worker --root /srv/git
        sluice worker --config /etc/sluice/worker.yml
      """)

  @OptionGroup var place: Place

  @Flag(help: "End when there has been nothing to do for a while: what a push starts.")
  var detached = false

  @Option(name: .customLong("root"), help: ArgumentHelp("Serve all repositories below a folder.", valueName: "dir"))
  var roots: [String] = []

  @Option(help: ArgumentHelp("Serve many repositories, as a file says: roots, lanes, shares.", valueName: "file"))
  var config: String?

  func validate() throws {
    guard !detached || (roots.isEmpty && config == nil) else {
      throw ValidationError("--detached is for the worker of one repository: leave it away")
    }
  }

  func run() throws {
    try place.enter()
    guard roots.isEmpty, config == nil else { return try serveMany() }
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
  private func serveMany() throws {
    let settings = try FleetStart(roots: roots, config: config).settings()
    do { try Worker.run(settings, log: Console.note) } catch {
      throw CommandFailure.unreachable("the worker cannot begin: \(error)")
    }
  }
}
