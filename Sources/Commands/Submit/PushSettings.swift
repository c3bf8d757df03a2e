import ArgumentParser
import Domain

extension Embedding: ExpressibleByArgument {}
extension Priority: ExpressibleByArgument {}

/// The options of `submit` that say where and how the submission goes.
struct PushSettings: ParsableArguments {
  @Option(help: "The name of the submission; made of the task where it is not given. A newer one takes its place.")
  var name: String?

  @Option(help: "The remote to push to.")
  var remote = "origin"

  @Option(help: "The branch to land on; the one that the remote's HEAD names where it is not given.")
  var target: String?

  @Option(help: "Whose turn comes first: low, normal, high or urgent.")
  var priority: Priority = .normal

  @Option(help: ArgumentHelp("A task or submission that must have landed first; may be given again.", valueName: "id"))
  var dependsOn: [String] = []

  @Flag(name: [.customLong("nowait"), .customLong("no-wait")], help: "Return when the submission is accepted.")
  var nowait = false

  @Flag(help: "Have the server prove it, and land nothing.")
  var verify = false

  @Flag(help: "Try again what was refused, without the answer from before.")
  var retry = false

  @Flag(help: "Have each line of the server's answer be one JSON event.")
  var json = false

  @Flag(help: "Fetch from the remote first.")
  var fetch = false

  @Option(help: "How the package travels: in a tag, as a file in the commit, or as a blob that carries the difference.")
  var embed: Embedding = .tag

  /// The push options that say this to the server.
  func options(_ destination: Destination) -> [String] {
    var options: [String] = []
    if destination.isNamed { options.append("target=\(destination.target)") }
    if priority != .normal { options.append("priority=\(priority.rawValue)") }
    options += dependsOn.map { "depends-on=\($0)" }
    if nowait { options.append("nowait") }
    if verify { options.append("dry-run") }
    if retry { options.append("retry") }
    if json { options.append("format=json") }
    return options
  }
}
