import Domain
import Git

/// What putting the commits of some work on another commit came to.
enum Rebase {
  /// The commits that change something there, oldest first, and the conflicts that rules settled on the way.
  case clean(steps: [Step], resolutions: [AppliedResolution])
  case conflict(MergeConflict)

  /// A commit of the work, and what the tree is with it.
  struct Step {
    let original: ObjectID
    let tree: ObjectID
  }

  /// Most commits that one submission is rewritten as.
  static let commitsMax = 1_000
}

extension Merging {
  /// Puts what a tip does not have of some work on it, commit by commit, without the package and without writing commits:
  /// the same work on the same tip by the same rules makes the same trees, for a landing and for an audit.
  func rebase(_ work: ObjectID, onto tip: ObjectID, by rules: ResolutionRules) throws -> Rebase {
    var ours = try objects.commit(tip).tree
    var steps: [Rebase.Step] = []
    var settled: [AppliedResolution] = []
    for id in try objects.commits(from: work, notIn: tip, countMax: Rebase.commitsMax).reversed() {
      let original = try objects.commit(id)
      // A rebase leaves merges out: what they brought stands in the commits themselves.
      guard original.parents.count < 2 else { continue }
      let before = try original.parents.first.map { try withoutPackage(objects.commit($0).tree) } ?? .emptyTree
      switch try merge(
        base: before, ours: ours, theirs: withoutPackage(original.tree), by: rules.rebasing(id))
      {
      case .conflict(let conflict): return .conflict(conflict)
      case .clean(let tree, let resolutions):
        settled += resolutions
        guard tree != ours else { continue }
        steps.append(.init(original: id, tree: tree))
        ours = tree
      }
    }
    return .clean(steps: steps, resolutions: settled)
  }

  func withoutPackage(_ tree: ObjectID) throws -> ObjectID { try objects.removing(PackageEmbedding.path, from: tree) }

  /// Rebases some work again: whether the commits between a tip and a landing are what it makes, and the conflicts it met.
  ///
  /// - Returns: nil where it does not rebase, or makes other trees.
  func resolutionsRebasing(
    _ work: ObjectID, onto tip: ObjectID, as landed: ObjectID, by rules: ResolutionRules
  ) throws -> [AppliedResolution]? {
    guard case .clean(let steps, let resolutions) = try rebase(work, onto: tip, by: rules) else { return nil }
    var next = landed
    for step in steps.reversed() {
      let commit = try objects.commit(next)
      guard commit.tree == step.tree, commit.parents.count == 1 else { return nil }
      next = commit.parents[0]
    }
    return next == tip ? resolutions : nil
  }
}
