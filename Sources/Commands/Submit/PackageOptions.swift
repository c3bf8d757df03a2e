import ArgumentParser

/// The options of `submit` that become fields of the work package.
struct PackageOptions: ParsableArguments {
  @Option(help: "The task the work belongs to; the name of the branch where it is not given.")
  var task: String?

  @Option(
    help: "Who did the work; git config sluice.agent, $SLUICE_AGENT or your e-mail address where it is not given.")
  var agent: String?

  @Option(help: "What the work is for; the last commit's subject where it is not given.")
  var description: String?

  @Option(
    help: ArgumentHelp(
      "The command that tests the work; git config sluice.test where it is not given.", valueName: "command"))
  var test: String?

  @Option(help: ArgumentHelp("JUnit reports that the tests write, beside those in $SLUICE_RESULTS.", valueName: "glob"))
  var junit: String?

  @Option(help: ArgumentHelp("Run nothing: this many tests have passed on this commit already.", valueName: "count"))
  var testsPassed: Int64?

  @Option(help: "The version of the submission.")
  var submissionVersion = "1.0.0"

  @Flag(help: "Say that the change breaks what others rely on.")
  var breaking = false

  @Flag(help: "Say that data must be migrated.")
  var migration = false

  @Option(help: ArgumentHelp("A change of the API, in words; may be given again.", valueName: "text"))
  var apiChange: [String] = []

  @Flag(help: "Carry the difference in the package as well (diff_package).")
  var diff = false

  func validate() throws {
    guard test == nil || testsPassed == nil else {
      throw ValidationError("--test and --tests-passed exclude one another")
    }
    guard testsPassed.map({ $0 >= 0 }) ?? true else { throw ValidationError("--tests-passed needs a count from 0") }
  }
}
