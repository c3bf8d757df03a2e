import ArgumentParser
import Domain
import Engine
import GitProgram

/// `sluice gc`
struct GcCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Packs refs and objects and prunes what is kept for a while only.",
    discussion: """
      A worker does the same by itself when it is idle; git's own gc stays off, since it would run inside a push.

        sluice -C /srv/git/app.git gc
      """)

  @OptionGroup var place: Place

  func run() throws {
    try place.enter()
    let repository = try ServerRepository.installed()
    let place = StatePaths(repository: repository.path)
    Leftovers.remove(from: place, at: .now())
    let ending: Worker.Ending
    do { ending = try Worker.maintain(place, log: Console.note) } catch {
      throw CommandFailure.unreachable("\(error)")
    }
    switch ending {
    case .finished: Console.say("packed \(repository.path)")
    case .leaseIsHeld: Console.say("a worker serves \(repository.path): it packs by itself when it is idle")
    }
  }
}
