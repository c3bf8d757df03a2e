/// A workflow for GitHub Actions that runs a policy's checks on staged candidates and answers with a commit status.
///
/// What runs a candidate's code and what reports on it are two jobs: the first holds a token that can read, the second runs
/// nothing of the candidate, so that no test can report on itself.
package struct StagingWorkflow: Sendable {
  /// Where GitHub looks for it.
  package static let path = ".github/workflows/staging-validation.yml"
  /// The name of the commit status.
  package static let statusContext = "sluice/staging"

  /// By commit, since a tag can be moved. Version 7.0.1.
  private static let checkout = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
  private static let runner = "ubuntu-24.04"
  /// The most that a job on GitHub's own runners gets.
  private static let minutesMax: Int64 = 360

  private let policy: Policy

  /// - Returns: nil where the policy has no check that runs a command: a workflow of nothing would pass everything.
  package init?(_ policy: Policy) {
    guard !policy.checks.isEmpty else { return nil }
    self.policy = policy
  }

  /// The file.
  package var text: String { Self.head + checksJob + "\n" + Self.reportJob }

  private static let head = """
    # Written from .sluice.yml by 'sluice github workflow'; when the policy changes, write it anew.
    #
    # Runs the policy's checks on every candidate under staging/, and reports the commit status \(statusContext).
    # The exit status of a command decides here: result files are not read, and nothing is measured beside main.
    #
    # GitHub takes this file from the candidate, so let a check of the policy guard it:
    #   workflows: { kind: review, paths: [.github/**] }
    name: Staging Validation

    on:
      push:
        branches: ["staging/**"]

    # A newer candidate under the same name ends the run of the older one.
    concurrency:
      group: ${{ github.workflow }}-${{ github.ref }}
      cancel-in-progress: true

    # Nothing but what a job asks for.
    permissions: {}

    jobs:

    """

  private var checksJob: String {
    let steps = policy.setup.enumerated().map { Self.step(of: $1, number: $0 + 1) } + ordered.map(Self.step(of:))
    let minutes = steps.reduce(10) { $0 + $1.minutes }
    let folders = policy.checks.map { "\"$RUNNER_TEMP/results/\($0.name)\"" }.joined(separator: " ")
    return """
        comprehensive-validation:
          if: ${{ !github.event.deleted }}
          runs-on: \(Self.runner)
          timeout-minutes: \(min(minutes, Self.minutesMax))
          permissions:
            contents: read
          defaults:
            run:
              shell: sh {0}
          steps:
            - uses: \(Self.checkout)
              with:
                persist-credentials: false
            - name: Make folders for results
              run: mkdir -p \(folders)

      """ + steps.map(\.text).joined()
  }

  private static let reportJob = """
      # Runs nothing of the candidate.
      report:
        needs: comprehensive-validation
        if: ${{ always() && !github.event.deleted }}
        runs-on: \(runner)
        timeout-minutes: 5
        permissions:
          statuses: write
        steps:
          - name: Report \(statusContext)
            env:
              GH_TOKEN: ${{ github.token }}
              RESULT: ${{ needs.comprehensive-validation.result }}
            run: |
              case $RESULT in
                success) state=success description='every check of the policy passed' ;;
                failure) state=failure description='a check of the policy failed' ;;
                *) state=error description="the checks did not run to their end: $RESULT" ;;
              esac
              gh api --silent --method POST "repos/$GITHUB_REPOSITORY/statuses/$GITHUB_SHA" \\
                -f context=\(statusContext) -f state="$state" -f description="$description" \\
                -f target_url="$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"

    """

  /// The checks, each behind those that must have passed before.
  private var ordered: [Policy.Check] {
    var ordered: [Policy.Check] = []
    var waiting = policy.checks
    while let next = waiting.firstIndex(where: { check in
      Set(policy.prerequisites(of: check)).isSubset(of: ordered.map(\.name))
    }) {
      ordered.append(waiting.remove(at: next))
    }
    precondition(waiting.isEmpty, "a policy in which a check waits for itself")
    return ordered
  }

  private struct Step {
    var minutes: Int64
    var text: String
  }

  private static func step(of setup: Policy.Setup, number: Int) -> Step {
    let minutes = minutes(setup.timeout)
    return Step(
      minutes: minutes,
      text: """
              - name: Setup \(number)
                timeout-minutes: \(minutes)
                run: \(command(setup.run, indent: 10))

        """)
  }

  private static func step(of check: Policy.Check) -> Step {
    let attempts = check.retries + 1
    let minutes = minutes(check.timeout * attempts)
    var text = """
            - name: \(JSONValue.string(check.name).compact)
              timeout-minutes: \(minutes)
              env:
                SLUICE_RESULTS: ${{ runner.temp }}/results/\(check.name)

      """
    if attempts == 1 {
      text += """
                  SLUICE_ATTEMPT: 1
                run: \(command(check.run, indent: 10))

        """
    } else {
      let numbers = (1...attempts).map(String.init).joined(separator: " ")
      text += """
                  SLUICE_COMMAND: \(command(check.run, indent: 12))
                run: |
                  for SLUICE_ATTEMPT in \(numbers); do
                    export SLUICE_ATTEMPT
                    sh -c "$SLUICE_COMMAND" && exit 0
                  done
                  exit 1

        """
    }
    return Step(minutes: minutes, text: text)
  }

  /// A command of the policy, in which GitHub finds no expression of its own.
  private static func command(_ command: String, indent: Int) -> String {
    var scalars = command.unicodeScalars
    while scalars.last == "\n" { scalars.removeLast() }
    scalars.replace("${{".unicodeScalars, with: "${{ '${{' }}".unicodeScalars)
    return YAMLText.block(String(scalars), indent: indent)
  }

  /// In whole minutes, since GitHub counts in no others.
  private static func minutes(_ duration: Duration) -> Int64 {
    min(max((duration.components.seconds + 59) / 60, 1), minutesMax)
  }
}
