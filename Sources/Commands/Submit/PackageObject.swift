import Domain
import Processes

/// The object that is pushed: the work together with its package.
enum PackageObject {
  /// The ref it is pushed to. Not a branch, which git lets hold commits only.
  static func ref(_ name: SubmissionName) -> String { "refs/submit/\(name.text)" }

  /// Writes the object and keeps it in the clone, so that the same work with the same package is the same object again.
  ///
  /// - Returns: the ref that keeps it.
  static func write(
    _ package: WorkPackage, as embedding: Embedding, name: SubmissionName, in tree: WorkingTree
  ) throws(CommandFailure) -> String {
    let kept = "refs/sluice/submitted/\(name.text)"
    if try isSame(package, as: embedding, kept: kept, in: tree) { return kept }
    let line: String
    switch embedding {
    case .tag: line = try tag(package, name, tree)
    case .blob: line = try tree.line(["hash-object", "-w", "--stdin"], input: bytes(package))
    case .file: line = try commit(package, tree)
    }
    guard let object = ObjectID(hex: line) else { throw .unreachable("git wrote '\(line)', which is no object id") }
    _ = try tree.line(["update-ref", kept, object.hex])
    return kept
  }

  private static func tag(_ package: WorkPackage, _ name: SubmissionName, _ tree: WorkingTree) throws(CommandFailure)
    -> String
  {
    let tagger = try tree.line(["var", "GIT_COMMITTER_IDENT"])
    let head = "object \(tree.head.hex)\ntype commit\ntag submit/\(name.text)\ntagger \(tagger)\n\n"
    return try tree.line(["mktag"], input: Array(head.utf8) + bytes(package))
  }

  /// The last commit again with the package in its tree; the branch stays where it is.
  private static func commit(_ package: WorkPackage, _ tree: WorkingTree) throws(CommandFailure) -> String {
    let blob = try tree.line(["hash-object", "-w", "--stdin"], input: bytes(package))
    let folder = try ScratchFolder()
    let index = ["GIT_INDEX_FILE=\(folder.path)/index"]
    _ = try tree.line(["read-tree", tree.head.hex], environment: index)
    _ = try tree.line(
      ["update-index", "--add", "--cacheinfo", "100644,\(blob),\(PackageEmbedding.path.description)"],
      environment: index)
    guard let root = ObjectID(hex: try tree.line(["write-tree"], environment: index)) else {
      throw .unreachable("git write-tree wrote no tree")
    }
    let raw = try tree.run(["cat-file", "commit", tree.head.hex])
    do {
      var commit = try Commit(parsing: raw.output)
      commit.tree = root
      // A signature is one of the commit without the package.
      commit.otherHeaders.removeAll { $0.name.hasPrefix("gpgsig") }
      return try tree.line(["hash-object", "-t", "commit", "-w", "--stdin"], input: commit.serialized)
    } catch let failure as CommandFailure { throw failure } catch {
      throw .unreachable("the commit \(tree.head.short) does not read")
    }
  }

  /// Whether an earlier run kept the same work and package, but for the time.
  private static func isSame(
    _ package: WorkPackage, as embedding: Embedding, kept: String, in tree: WorkingTree
  ) throws(CommandFailure) -> Bool {
    guard let id = ObjectID(hex: try tree.run(["rev-parse", "--verify", "--quiet", kept]).line) else { return false }
    let read: [String]
    switch embedding {
    case .tag:
      let work = try tree.run(["rev-parse", "--verify", "--quiet", "\(id.hex)^{commit}"])
      guard ObjectID(hex: work.line) == tree.head else { return false }
      read = ["cat-file", "tag", id.hex]
    case .blob: read = ["cat-file", "blob", id.hex]
    // The commit's own id says whether its work is the same only through its parents; it is made anew.
    case .file: return false
    }
    let answer = try tree.run(read)
    guard answer.exit.isSuccess else { return false }
    do {
      let text = embedding == .tag ? try Tag(parsing: answer.output).message : answer.output
      let earlier = try WorkPackage.read(bytes: text, limits: Policy.Limits()).package
      return timeless(earlier) == timeless(package)
    } catch { return false }
  }

  private static func timeless(_ package: WorkPackage) -> WorkPackage {
    var package = package
    package.metadata.timestamp = ""
    package.metrics?.testExecutionTime = nil
    return package
  }

  private static func bytes(_ package: WorkPackage) -> [UInt8] { Array((package.json.pretty + "\n").utf8) }
}
