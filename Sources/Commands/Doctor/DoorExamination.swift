import Domain
import Processes

/// Pushes malformed objects into a repository for a moment that has the same settings, and looks whether git lets them in.
struct DoorExamination {
  private let repository: ServerRepository
  private let folder: String

  /// What is pushed: a tree with one entry each, which git lets in where it is not told otherwise.
  private static let probes = [
    ("zeroPaddedFilemode", "0100644 file"), ("badFilemode", "100123 file"),
    ("gitattributesSymlink", "120000 .gitattributes"),
  ]

  static func run(_ repository: ServerRepository) -> Diagnosis {
    let subject = "malformed objects"
    do {
      let scratch = try ScratchFolder()
      let names = try DoorExamination(repository: repository, folder: scratch.path).admitted()
      guard names.isEmpty else {
        return .error(
          subject, "are let in, which a push showed: \(names.joined(separator: ", "))",
          advice: "look at git config --get-regexp 'fsck' in \(repository.path), then sluice install \(repository.path)"
        )
      }
      return .ok(subject, "are refused: \(probes.count) of them were pushed for a try")
    } catch { return .warning(subject, "could not be tried: \(Printable.line(error.sentence, max: 300))") }
  }

  /// The kinds of malformed objects that git lets in.
  private func admitted() throws(CommandFailure) -> [String] {
    try makeRepositories()
    let blob = try line(["hash-object", "-w", "--stdin"], input: Array("x".utf8))
    var admitted: [String] = []
    for (name, entry) in [("nothing", "100644 file")] + Self.probes {
      let tree = Array("\(entry)\0".utf8) + (ObjectID(hex: blob)?.bytes ?? [])
      let id = try line(["hash-object", "-t", "tree", "-w", "--stdin", "--literally"], input: tree)
      let commit = try line(["commit-tree", id, "-m", name])
      let push = try run(["push", "--quiet", "\(folder)/door.git", "\(commit):refs/heads/\(name)"])
      if push.exit.isSuccess { admitted.append(name) }
    }
    guard admitted.first == "nothing" else { throw .unreachable("a push to a repository for a moment failed") }
    return Array(admitted.dropFirst())
  }

  /// One to push from, and one with the settings that decide what is let in.
  private func makeRepositories() throws(CommandFailure) {
    for name in ["from.git", "door.git"] { _ = try line(["init", "--quiet", "--bare", "\(folder)/\(name)"]) }
    for (key, value) in try GitConfig.own(repository).all where key.contains("fsck") {
      _ = try line(["config", "--file", "\(folder)/door.git/config", "--add", key, value ?? "true"])
    }
  }

  private func line(_ arguments: [String], input: [UInt8] = []) throws(CommandFailure) -> String {
    let answer = try run(arguments, input: input)
    guard answer.exit.isSuccess else { throw .unreachable(answer.complaint) }
    return answer.line
  }

  private func run(_ arguments: [String], input: [UInt8] = []) throws(CommandFailure) -> ProgramAnswer {
    let somebody = ["AUTHOR", "COMMITTER"].flatMap { ["GIT_\($0)_NAME=Sluice", "GIT_\($0)_EMAIL=sluice@localhost"] }
    do {
      return try Program.run(
        repository.git, ["--git-dir=\(folder)/from.git"] + arguments, environment: Environment.forGit + somebody,
        directory: folder,
        input: input)
    } catch { throw .unreachable("\(error)") }
  }
}
