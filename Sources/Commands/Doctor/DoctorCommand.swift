import ArgumentParser
import Domain

/// `sluice doctor [REPO.git]`
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Looks for everything that would break a promise, and says what to do about it.",
    discussion: """
      Looks at the programs, the sandbox, the host, and in a repository at its hooks, settings, ownership, policy, ledger \
      and disk, and asks the upstream where one is named. It changes nothing. Run it as the user that pushes run as; outside a repository it looks at the machine.

        sluice doctor /srv/git/app.git
        sluice -C /srv/git/app.git doctor --json | jq '.findings[] | select(.level != "ok")'

      Exit statuses: 0 nothing is wrong (there may be warnings), 2 something is.
      """)

  @OptionGroup var place: Place

  @Flag(help: "Print the findings as JSON.")
  var json = false

  @Argument(
    help: ArgumentHelp("The bare repository; the one this folder is in where none is named.", valueName: "repo.git"))
  var repository: String?

  func run() throws {
    try place.enter()
    let repository =
      if let name = self.repository { Optional(try ServerRepository.open(name)) } else {
        try ServerRepository.enclosing()
      }
    var findings = try ProgramExamination.run(repository)
    if let repository {
      findings += try InstallationExamination(repository).run()
      findings += try StateExamination(repository).run()
      findings += try PolicyExamination(repository).run()
      findings += NoticesExamination(repository).run()
      if let finding = UpstreamExamination.run(repository) { findings.append(finding) }
      if repository.isInstalled { findings.append(DoorExamination.run(repository)) }
    }
    findings += HostExamination.run()
    findings.append(SandboxExamination.run(repository))
    let isSound = !findings.contains { $0.level == .error }
    if json {
      let report: JSONValue = [
        "repository": (repository?.path).json, "sound": .bool(isSound), "findings": .array(findings.map(\.json)),
      ]
      Console.say(report.pretty)
    } else {
      Self.lines(findings, repository).forEach(Console.say)
    }
    // Status 2 here says that something must be mended before Sluice can be trusted.
    guard isSound else { throw ExitCode(ExitStatus.usage.rawValue) }
  }

  private static func lines(_ findings: [Diagnosis], _ repository: ServerRepository?) -> [String] {
    var lines = [repository?.path ?? "this machine; in a repository there is more to see: sluice doctor REPO.git"]
    let rows = Columns.aligned(findings.map { [$0.level.rawValue, $0.subject, $0.sentence] })
    for (finding, row) in zip(findings, rows) {
      lines.append("  \(row)")
      if let advice = finding.advice { lines.append("           \(advice)") }
    }
    let errors = findings.count { $0.level == .error }
    let warnings = findings.count { $0.level == .warning }
    lines.append(
      errors == 0 && warnings == 0
        ? "all is well"
        : "\(errors) error\(errors == 1 ? "" : "s"), \(warnings) warning\(warnings == 1 ? "" : "s")")
    return lines
  }
}
