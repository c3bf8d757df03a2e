import ArgumentParser
import Domain

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
        "the test command \(draft.tests?.shown ?? "failed"), so nothing was submitted",
        hint: "mend it, commit, submit again")
    }
    try draft.demandValid()
    guard !dryRun else { return }
    let name = try SubmissionLabel.make(push.name, task: package.metadata.taskID)
    let object = try PackageObject.write(package, as: push.embed, name: name, in: tree)
    try Push.run(object, to: name, at: destination.remote, from: tree, options: push.options(destination))
  }
}
