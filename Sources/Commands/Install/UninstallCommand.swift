import ArgumentParser
import Domain
import Processes

/// `sluice uninstall REPO.git`
struct UninstallCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "uninstall",
    abstract: "Takes Sluice out of a repository and brings back what was there before.",
    discussion: """
      Restores the hooks and the git settings. The record stays: the ledger, the logs and Sluice's refs are kept, so a \
      later 'sluice install' carries on. It is refused while submissions are in flight; let them end, or cancel them.

        sluice uninstall /srv/git/app.git
      """)

  @OptionGroup var place: Place

  @Flag(help: "Uninstall although submissions are in flight; they wait until Sluice is installed again.")
  var force = false

  @Argument(help: ArgumentHelp("The bare repository.", valueName: "repo.git"))
  var repository: String

  func run() throws {
    try place.enter()
    let programs = try Programs.find()
    let repository = try ServerRepository.open(self.repository)
    let inFlight = try repository.submissionsInFlight()
    guard force || inFlight == 0 else {
      throw CommandFailure.refused(
        "\(inFlight) submission\(inFlight == 1 ? " is" : "s are") in flight in \(repository.path)",
        hint: "sluice -C \(repository.path) status shows them; wait, cancel them, or give --force")
    }
    Console.say("sluice: \(repository.path)")
    // The hooks go first: between the two steps every push is refused, and none passes by.
    var steps: [Takeover.Step] = []
    for hook in Hook.allCases { steps += try HookLink(hook, in: repository, programs: programs).uninstall() }
    let baseline = Baseline(git: try repository.version(), isFallback: false)
    steps += try Takeover.uninstall(baseline, in: repository)
    if try GitConfig.own(repository).value("sluice.fallback") != nil {
      let change = try GitConfigChange(repository)
      try change.set("sluice.fallback", to: [])
      try change.commit()
    }
    steps += try Self.removeAttributes(repository)
    steps += try Self.removeKnownTips(repository)
    if steps.isEmpty { steps.append(.init(did: "right", what: "Sluice was not installed")) }
    for step in steps { Console.say("  \(step.line)") }
    if repository.isInstalled {
      Console.say("  kept      sluice/ and refs/sluice/*, refs/landed/*, refs/notes/sluice: the record of what landed")
    }
  }

  /// The tips that pushers were shown are no record, and nothing hides them from fetchers any more.
  private static func removeKnownTips(_ repository: ServerRepository) throws(CommandFailure) -> [Takeover.Step] {
    let deletions = try repository.run(["for-each-ref", "--format=delete %(refname)", SluiceRef.knownSpace]).text
    guard !deletions.isEmpty else { return [] }
    let answer = try repository.run(["update-ref", "--stdin"], input: Array(deletions.utf8))
    guard answer.exit.isSuccess else {
      throw .unreachable("git update-ref failed in \(repository.path): \(answer.complaint)")
    }
    return [.init(did: "removed", what: "refs/known/*")]
  }

  private static func removeAttributes(_ repository: ServerRepository) throws(CommandFailure) -> [Takeover.Step] {
    let path = "\(repository.path)/info/attributes"
    guard Disk.kind(path) != nil else { return [] }
    let lines = String(decoding: try Disk.read(path, max: 1 << 20), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
    let rest = lines.filter { $0 != AttributesLine.text }
    guard rest.count != lines.count else { return [] }
    if rest.allSatisfy(\.isEmpty) {
      try Disk.remove(path)
    } else {
      try Disk.replace(path, with: Array(rest.joined(separator: "\n").utf8), mode: 0o644)
    }
    return [.init(did: "restored", what: "info/attributes")]
  }
}
