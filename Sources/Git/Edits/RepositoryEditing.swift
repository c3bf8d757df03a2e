package import Domain

extension Repository {
  /// Makes a tree with edits applied, in memory.
  ///
  /// - Shape: folders left empty go; a folder gives way to a file of its name and the other way round.
  /// - Throws: `.contradictoryEdit` where one edit makes a file of what another one puts something into.
  package func editing(
    _ tree: ObjectID, _ edits: [TreeEdit], keepingIn pending: inout PendingObjects
  ) throws(GitError) -> ObjectID {
    let (edited, made) = try TreeEditor(in: self, knowing: pending).apply(edits, to: tree)
    pending.add(made)
    return edited
  }

  /// Makes a tree with edits applied and stores it.
  package func editing(_ tree: ObjectID, _ edits: [TreeEdit]) throws(GitError) -> ObjectID {
    var pending = PendingObjects()
    let edited = try editing(tree, edits, keepingIn: &pending)
    try write(pending)
    return edited
  }

  /// Makes a tree without the file or folder at a path, and stores it; the tree itself where nothing is there.
  package func removing(_ path: TreePath, from tree: ObjectID) throws(GitError) -> ObjectID {
    try editing(tree, [TreeEdit(path, nil)])
  }
}
