package import Domain

extension Repository {
  /// Merges three trees in memory.
  ///
  /// - Parameter pending: objects of earlier merges, which may be merged here too; what a clean merge makes is added.
  /// - Returns: a tree that is in the repository or in `pending`.
  package func merge(
    base: ObjectID, ours: ObjectID, theirs: ObjectID, keepingIn pending: inout PendingObjects
  ) throws(GitError) -> MergeDecision {
    let (decision, made) = try TreeMerge(in: self, knowing: pending).merge(base: base, ours: ours, theirs: theirs)
    if case .clean = decision { pending.add(made) }
    return decision
  }

  /// Merges three trees and stores the result; a merge that is not clean stores nothing.
  package func merge(base: ObjectID, ours: ObjectID, theirs: ObjectID) throws(GitError) -> MergeDecision {
    var pending = PendingObjects()
    let decision = try merge(base: base, ours: ours, theirs: theirs, keepingIn: &pending)
    try write(pending)
    return decision
  }

  /// Merges the trees of two commits over the tree of their only merge base; with none or several, git is asked.
  package func mergeCommits(
    ours: ObjectID, theirs: ObjectID, keepingIn pending: inout PendingObjects
  ) throws(GitError) -> MergeDecision {
    let bases = try mergeBases(ours, theirs)
    guard let base = bases.first else { return .undecided(MergeDoubt(.unrelatedHistories, at: TreePath(bytes: []))) }
    guard bases.count == 1 else { return .undecided(MergeDoubt(.severalBases, at: TreePath(bytes: []))) }
    return try merge(
      base: try commit(base).tree, ours: try commit(ours).tree, theirs: try commit(theirs).tree, keepingIn: &pending)
  }

  /// Merges two commits and stores the resulting tree; a merge that is not clean stores nothing.
  package func mergeCommits(ours: ObjectID, theirs: ObjectID) throws(GitError) -> MergeDecision {
    var pending = PendingObjects()
    let decision = try mergeCommits(ours: ours, theirs: theirs, keepingIn: &pending)
    try write(pending)
    return decision
  }
}
