import ArgumentParser
import Glibc

/// `sluice install REPO.git`
struct InstallCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install",
    abstract: "Sets a bare repository up for Sluice.",
    discussion: """
      Links the hooks, writes the git settings that the promises rest on, and notes where the history before Sluice \
      ends. What was there is kept: an existing hook moves to hooks/<hook>.d/ and is run from there, and \
      'sluice uninstall' brings all of it back. A second run changes nothing that is right already.

      A repository needs a policy (.sluice.yml) that says what proves a change. Either the target branch has one, or \
      you give one here, and a submission lands it later:

        sluice install --policy first.yml /srv/git/app.git
      """)

  @OptionGroup var place: Place

  @Option(help: ArgumentHelp("A policy file outside the repository; it overrides .sluice.yml.", valueName: "file"))
  var policy: String?

  @Flag(help: "Do without proc-receive: a push's exit status then only says that the submission was accepted.")
  var fallback = false

  @Argument(help: ArgumentHelp("The bare repository.", valueName: "repo.git"))
  var repository: String

  func run() throws {
    try place.enter()
    let programs = try Programs.find()
    let policy = try self.policy.map(Self.absolute)
    let repository = try ServerRepository.open(self.repository)
    let installation = try Installation(repository, programs: programs, wantsFallback: fallback)
    if let policy { try PolicyCheck.demandReadable(policy) }
    Console.say("sluice: \(repository.path)")
    for step in try installation.run(policy: policy) { Console.say("  \(step.line)") }
    for sentence in installation.remarks { Console.warn(sentence) }
    for line in try NextSteps(repository).lines { Console.say(line) }
  }

  private static func absolute(_ path: String) throws(CommandFailure) -> String {
    guard let real = Disk.realPath(path) else { throw .unreachable("the policy file \(path) does not exist") }
    return real
  }
}

extension Takeover.Step {
  /// The step in a column of its own.
  var line: String { did + String(repeating: " ", count: max(1, 10 - did.count)) + what }
}
