import Domain
import Git
import GitProgram
import Processes

/// What merging two commits came to.
enum MergeResult {
  case clean(tree: ObjectID)
  case conflict(paths: [String])
}

/// Merges by trees where that decides, and by `git merge-tree` for the rest.
struct Merging {
  let objects: Repository
  let git: GitProgram

  /// Merges two commits.
  func merge(_ ours: ObjectID, _ theirs: ObjectID) throws -> MergeResult {
    switch try objects.mergeCommits(ours: ours, theirs: theirs) {
    case .clean(let tree): return .clean(tree: tree)
    case .undecided: return try byGit(ours, theirs)
    }
  }

  /// Merges two trees over a base tree: what a rebase does for each commit.
  func merge(base: ObjectID, ours: ObjectID, theirs: ObjectID) throws -> MergeResult {
    switch try objects.merge(base: base, ours: ours, theirs: theirs) {
    case .clean(let tree): return .clean(tree: tree)
    case .undecided:
      // This git has no `--merge-base`: it is given commits that stand in the wanted relation.
      let root = try synthetic(base, parents: [])
      return try byGit(synthetic(ours, parents: [root]), synthetic(theirs, parents: [root]))
    }
  }

  private func synthetic(_ tree: ObjectID, parents: [ObjectID]) throws -> ObjectID {
    let nobody = Signature(name: "Sluice", email: "sluice@localhost", time: 0)
    return try objects.write(Commit(tree: tree, parents: parents, author: nobody, committer: nobody, message: []))
  }

  private func byGit(_ ours: ObjectID, _ theirs: ObjectID) throws -> MergeResult {
    let run = try git.run(
      ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours.hex, theirs.hex], writes: true,
      outputMax: 16 << 20)
    let fields = run.output.split(separator: 0, omittingEmptySubsequences: true)
    guard run.exit == .status(0) || run.exit == .status(1), let first = fields.first,
      let tree = ObjectID(hexBytes: first)
    else { throw EngineError.git("merge-tree", run.messages) }
    guard run.exit == .status(1) else { return .clean(tree: tree) }
    return .conflict(paths: fields.dropFirst().map { String(decoding: $0, as: UTF8.self) })
  }
}
