import Domain
import Processes

/// What the work changes against its base: the lists and the measures of a package.
struct Difference: Sendable {
  private(set) var changes = WorkPackage.Changes()
  private(set) var linesAdded: Int64 = 0
  private(set) var linesRemoved: Int64 = 0

  /// Compares the base with a commit as the server does: renames as a deletion and an addition, mode changes included.
  init(_ tree: WorkingTree, from base: ObjectID?) throws(CommandFailure) {
    let range = [(base ?? .emptyTree).hex, tree.head.hex]
    var statuses = try Self.diff(["--name-status"], range, tree).split(separator: "\0").makeIterator()
    while let status = statuses.next(), let path = statuses.next() {
      let name = String(path)
      guard name != PackageEmbedding.path.description else { continue }
      switch status.first {
      case "A": changes.added.append(name)
      case "D": changes.deleted.append(name)
      default: changes.modified.append(name)
      }
    }
    // `<added> TAB <removed> TAB <path> NUL`; a binary file has dashes.
    for entry in try Self.diff(["--numstat"], range, tree).split(separator: "\0") {
      let fields = entry.split(separator: "\t", maxSplits: 2)
      guard fields.count == 3, fields[2] != PackageEmbedding.path.description else { continue }
      linesAdded += Int64(fields[0]) ?? 0
      linesRemoved += Int64(fields[1]) ?? 0
    }
    guard !(changes.added + changes.deleted + changes.modified).isEmpty else {
      throw .refused("the commits change no file", hint: "git commit your work, then submit")
    }
  }

  /// The difference itself, as `diff_package` carries it.
  static func package(_ tree: WorkingTree, from base: ObjectID?) throws(CommandFailure) -> DiffPackage {
    let answer = try tree.run(
      [
        "diff", "--no-ext-diff", "--no-textconv", "--no-renames", "--no-color", "--binary", "--full-index",
        "--src-prefix=a/", "--dst-prefix=b/",
      ] + [(base ?? .emptyTree).hex, tree.head.hex, "--", ".", ":(exclude)\(PackageEmbedding.path.description)"])
    guard answer.exit.isSuccess else { throw .unreachable("git diff failed: \(answer.complaint)") }
    return DiffPackage(bytes: answer.output)
  }

  private static func diff(_ what: [String], _ range: [String], _ tree: WorkingTree) throws(CommandFailure) -> String {
    let answer = try tree.run(["diff", "--no-ext-diff", "--no-renames", "-z"] + what + range)
    guard answer.exit.isSuccess else { throw .unreachable("git diff failed: \(answer.complaint)") }
    guard let text = String(validating: answer.output, as: UTF8.self) else {
      throw .refused("a changed path is not UTF-8, and a work package can name no such path", hint: "git mv it")
    }
    return text
  }
}
