import ArgumentParser
import Domain
import Glibc
import Processes

/// `sluice submit`
struct SubmitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract: "Makes the work package of your commits, pushes it, and waits for the verdict.",
    discussion: """
      Run it in your clone, with your work committed on a branch. It runs the tests, computes the changed files and \
      lines against the target, writes the work package, and pushes both with git. What the server says is printed as it \
      comes; Ctrl-C ends the watching, never the work.

        sluice submit --task login-form --agent agent-7 --test 'pytest --junitxml="$SLUICE_RESULTS/junit.xml"'

      Set once what does not change, and 'sluice submit' is enough:

        git config sluice.test 'make check'
        git config sluice.agent agent-7

      Exit statuses: 0 landed (or accepted, with --nowait), 1 refused, 4 the server cannot be reached.
      """)

  @OptionGroup var place: Place
  @OptionGroup(title: "What the package says") var statement: PackageOptions
  @OptionGroup(title: "How it is pushed") var push: PushSettings

  @Flag(help: "Print the work package and push nothing.")
  var dryRun = false

  func run() throws {
    try place.enter()
    let tree = try WorkingTree.current()
    try tree.demandClean()
    let destination = try Destination(tree, remote: push.remote, target: push.target, fetches: push.fetch)
    let draft = try PackageDraft(tree, destination, statement, embeds: push.embed)
    let package = draft.package
    if dryRun { Console.say(package.json.pretty) }
    guard package.validationResults.testsPassed else {
      throw CommandFailure.refused(
        "the test command \(draft.tests?.shown ?? "failed"), so nothing was submitted", hint: "mend it, commit, submit again")
    }
    try draft.demandValid()
    guard !dryRun else { return }
    let name = try SubmissionLabel.make(push.name, task: package.metadata.taskID)
    let object = try PackageObject.write(package, as: push.embed, name: name, in: tree)
    try Self.push(object, name: name, from: tree, to: destination, options: push.options(destination))
  }

  private static func push(
    _ object: ObjectID, name: SubmissionName, from tree: WorkingTree, to destination: Destination, options: [String]
  ) throws {
    let arguments =
      ["push"] + options.flatMap { ["-o", $0] }
      + ["--end-of-options", destination.remote, "\(object.hex):\(PackageObject.ref(name))"]
    let exit: Exit
    do {
      exit = try Program.attend(tree.git, arguments, environment: Environment.all, directory: tree.path)
    } catch { throw CommandFailure.unreachable("\(error)") }
    switch exit {
    case .status(0): return
    // git's own status for a ref that was refused; it has said why.
    case .status(1): throw ExitCode(ExitStatus.refused.rawValue)
    case .status(128): throw CommandFailure.unreachable("the push did not go through; git says why above")
    default: throw CommandFailure.refused("git push ended with \(exit)")
    }
  }
}
