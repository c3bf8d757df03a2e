import ArgumentParser
import Domain
import Engine
import GitProgram
import Glibc
import Processes

/// `sluice adopt`
struct AdoptCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt",
    abstract: "Enters a move of a target that was made by hand, so that the audit knows it was meant.",
    discussion: """
      Writes a note on the commit that says who adopted it and why. Everything on the target's first-parent line between \
      the last certified commit and this one is adopted with it.

        sluice -C /srv/git/app.git adopt 1a2b3c4 --reason "hotfix during the outage"
      """)

  @OptionGroup var place: Place

  @Option(help: "Why the target was moved by hand.")
  var reason: String

  @Option(help: "The target; the branch that HEAD names where none is named.")
  var target: String?

  @Argument(help: ArgumentHelp("The commit the target was moved to.", valueName: "commit"))
  var commit: String

  func run() throws {
    try place.enter()
    let server = try AuditedServer.open()
    guard let target = try target ?? server.repository.headBranch() else {
      throw CommandFailure.refused("HEAD names no branch", hint: "--target BRANCH")
    }
    let name = try server.repository.run(["rev-parse", "--verify", "--quiet", "--end-of-options", "\(commit)^{commit}"])
    guard name.exit.isSuccess, let id = ObjectID(hex: name.line) else {
      throw CommandFailure.refused("\(commit) is not a commit of \(server.repository.path)")
    }
    do {
      let adoption = try Adoption(repository: server.repository.path, git: server.git, settings: server.settings)
      try adoption.adopt(
        id, target: target, start: server.start(of: target), by: Account.name(of: geteuid()), reason: reason)
    } catch let refusal as Refusal {
      throw CommandFailure.refused(refusal.reason, hint: refusal.hint)
    }
    Console.say("adopted \(id.hex) on \(target)")
  }
}
