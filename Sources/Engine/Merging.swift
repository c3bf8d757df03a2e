import Domain
import Git
import GitProgram
import Processes

/// What merging two commits came to.
enum MergeResult {
  /// - Parameter resolutions: the conflicts that the policy settled on the way.
  case clean(tree: ObjectID, resolutions: [AppliedResolution])
  case conflict(MergeConflict)
}

/// How conflicts are settled without a person.
struct ResolutionRules {
  /// In the order of the policy: the first that matches a path decides.
  let rules: [Policy.Resolution]
  /// What commands write.
  let commands: ResolutionCommands
  /// What people have settled before.
  let recorded: RecordedResolutions
  /// The commit that is rebased; nil where work is merged as a whole.
  var commit: ObjectID?

  /// The same for one commit of a rebase.
  func rebasing(_ commit: ObjectID) -> ResolutionRules {
    var rules = self
    rules.commit = commit
    return rules
  }

  /// Every conflict is left as it is.
  static var none: ResolutionRules { ResolutionRules(rules: [], settledAs: []) }

  /// The rules of a policy, with what was settled before in the place of whatever need not come out the same again.
  init(rules: [Policy.Resolution], settledAs known: [AppliedResolution], in objects: Repository? = nil) {
    self.init(
      rules: rules, commands: CommandResolutions.known(known), recorded: RecordedHunks.known(known, in: objects))
  }

  init(
    rules: [Policy.Resolution], commands: @escaping ResolutionCommands, recorded: @escaping RecordedResolutions
  ) {
    self.rules = rules
    self.commands = commands
    self.recorded = recorded
  }
}

/// Merges by trees where that decides, and by `git merge-tree` for the rest; then settles what a policy says how to settle.
struct Merging {
  let objects: Repository
  let git: GitProgram

  /// Merges two commits.
  func merge(_ ours: ObjectID, _ theirs: ObjectID, by rules: ResolutionRules) throws -> MergeResult {
    switch try objects.mergeCommits(ours: ours, theirs: theirs) {
    case .clean(let tree): return .clean(tree: tree, resolutions: [])
    case .undecided: return try byGit(ours, theirs, rules)
    }
  }

  /// Merges two trees over a base tree: what a rebase does for each commit.
  func merge(
    base: ObjectID, ours: ObjectID, theirs: ObjectID, by rules: ResolutionRules
  ) throws -> MergeResult {
    switch try objects.merge(base: base, ours: ours, theirs: theirs) {
    case .clean(let tree): return .clean(tree: tree, resolutions: [])
    case .undecided:
      // This git has no `--merge-base`: it is given commits that stand in the wanted relation.
      let root = try synthetic(base, parents: [])
      return try byGit(synthetic(ours, parents: [root]), synthetic(theirs, parents: [root]), rules)
    }
  }

  private func synthetic(_ tree: ObjectID, parents: [ObjectID]) throws -> ObjectID {
    let nobody = Signature(name: "Sluice", email: "sluice@localhost", time: 0)
    return try objects.write(Commit(tree: tree, parents: parents, author: nobody, committer: nobody, message: []))
  }

  private func byGit(_ ours: ObjectID, _ theirs: ObjectID, _ rules: ResolutionRules) throws -> MergeResult {
    let run = try git.run(
      ["merge-tree", "--write-tree", "-z", "--messages", ours.hex, theirs.hex], writes: true, outputMax: 64 << 20)
    guard run.exit == .status(0) || run.exit == .status(1), let conflict = MergeConflict(mergeTree: run.output)
    else { throw EngineError.git("merge-tree", run.messages) }
    guard run.exit == .status(1) else { return .clean(tree: conflict.tree, resolutions: []) }
    return try ConflictResolver(objects: objects, rules: rules).settle(conflict)
  }
}
