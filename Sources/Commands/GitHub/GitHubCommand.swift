import ArgumentParser

/// `sluice github`
struct GitHubCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "github",
    abstract: "Sets up what a repository on GitHub needs.",
    discussion: """
      GitHub Actions can prove candidates too: a workflow runs the policy's checks on every branch under staging/, and \
      reports the result as the commit status sluice/staging.

        sluice github workflow --write
      """,
    subcommands: [WorkflowCommand.self])
}
