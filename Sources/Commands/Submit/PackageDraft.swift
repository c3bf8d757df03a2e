import Domain
import Glibc

/// A work package made of a clone: its commits, its tests and what the agent says of them.
struct PackageDraft: Sendable {
  let package: WorkPackage
  /// Nil where the agent only says that tests have passed.
  let tests: TestRun?

  init(
    _ tree: WorkingTree, _ destination: Destination, _ options: PackageOptions, embeds embedding: Embedding
  ) throws(CommandFailure) {
    let difference = try Difference(tree, from: destination.base)
    var metadata = WorkPackage.Metadata(
      agentID: try Self.agent(options, tree), taskID: try Self.task(options, tree, destination),
      timestamp: Timestamp.rfc3339(Int64(time(nil))), submissionVersion: options.submissionVersion)
    var metrics = WorkPackage.Metrics()
    metrics.linesAdded = difference.linesAdded
    metrics.linesRemoved = difference.linesRemoved
    var results: WorkPackage.ValidationResults
    if let passed = options.testsPassed {
      tests = nil
      results = .init(testsPassed: true, testCount: passed, testFailures: 0)
    } else {
      let run = try TestRun.run(try Self.testCommand(options, tree), in: tree, junit: options.junit)
      tests = run
      results = .init(
        testsPassed: run.hasPassed, testCount: Int64(run.counts.total), testFailures: Int64(run.counts.failed))
      metrics.testExecutionTime = JSONNumber(literal: Event.decimal(run.seconds, places: 3))
    }
    let description = if let said = options.description { said } else { try tree.line(["log", "-1", "--format=%s"]) }
    var documentation = WorkPackage.Documentation(featureDescription: description)
    documentation.breakingChanges = options.breaking
    documentation.migrationRequired = options.migration
    documentation.apiChanges = options.apiChange
    if embedding == .blob { metadata.baseCommit = destination.base }
    var package = WorkPackage(
      metadata: metadata, changes: difference.changes, validationResults: results, documentation: documentation)
    if !results.testsPassed { package.status = "failure" }
    package.metrics = metrics
    if options.diff || embedding == .blob {
      package.diff = try Difference.package(tree, from: destination.base)
    }
    self.package = package
  }

  /// Refuses what the server would refuse, with every violation.
  func demandValid() throws(CommandFailure) {
    do {
      _ = try WorkPackage.read(bytes: Array(package.json.compact.utf8), limits: Policy.Limits())
    } catch {
      for detail in error.details { Console.note("  \(detail)") }
      throw .refused("\(error.category.rawValue): \(error.reason)", hint: error.hint)
    }
  }

  private static func agent(_ options: PackageOptions, _ tree: WorkingTree) throws(CommandFailure) -> String {
    if let agent = options.agent { return agent }
    if let agent = try tree.setting("sluice.agent") { return agent }
    if let agent = Environment.value("SLUICE_AGENT"), !agent.isEmpty { return agent }
    if let address = Environment.value("GIT_AUTHOR_EMAIL"), !address.isEmpty { return address }
    if let address = try tree.setting("user.email") { return address }
    throw .refused("nobody has said who did the work", hint: "--agent ID, or git config sluice.agent ID")
  }

  private static func task(
    _ options: PackageOptions, _ tree: WorkingTree, _ destination: Destination
  ) throws(CommandFailure) -> String {
    if let task = options.task { return task }
    if let branch = tree.branch, branch != destination.target { return branch }
    throw .refused("nobody has said which task the work belongs to", hint: "--task ID, or work on a branch of its name")
  }

  private static func testCommand(_ options: PackageOptions, _ tree: WorkingTree) throws(CommandFailure) -> String {
    if let command = options.test { return command }
    if let command = try tree.setting("sluice.test") { return command }
    throw .refused(
      "there is no test command, and a package must say how the work was tested",
      hint: "--test COMMAND, git config sluice.test COMMAND, or --tests-passed COUNT where they have run already")
  }
}
