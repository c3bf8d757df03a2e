import ArgumentParser
import Domain
import Processes

/// What `cancel` and `retry` need to know in a clone.
struct RemoteOptions: ParsableArguments {
  @Option(help: "The remote that the submission was pushed to.")
  var remote = "origin"

  @Option(help: "The branch it was to land on, where that is not the remote's HEAD.")
  var target: String?

  /// Pushes an object to a submission's name with a push option.
  func push(_ option: String, object: String, name: String) throws {
    guard let name = SubmissionName(name) else {
      throw CommandFailure.refused(
        "in a clone a submission is told by its name, and '\(Printable.line(name, max: 80))' is none",
        hint: "with an id, run it on the server: sluice -C REPO.git \(option) ID")
    }
    let tree = try WorkingTree.current()
    let id = try tree.run(["rev-parse", "--verify", "--quiet", object])
    guard id.exit.isSuccess else {
      throw CommandFailure.refused("this clone has submitted nothing as \(name)", hint: "sluice submit --name \(name)")
    }
    var options = [option]
    if let target { options.append("target=\(target)") }
    try Push.run(object, to: name, at: remote, from: tree, options: options)
  }
}
