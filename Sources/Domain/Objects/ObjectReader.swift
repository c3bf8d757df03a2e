/// What can answer for objects: a repository's files or a `git cat-file` child in a hook, libgit2 in the engine.
package protocol ObjectReader {
  associatedtype Failure: Error
  /// The entries of a tree; the empty tree has none, whether it is stored or not.
  mutating func tree(_ id: ObjectID) throws(Failure) -> [TreeEntry]
  mutating func commit(_ id: ObjectID) throws(Failure) -> Commit
}

/// One path that differs between two trees; a file that became a folder is a deletion and additions.
package struct TreeChange: Hashable, Sendable {
  package struct Side: Hashable, Sendable {
    package let mode: FileMode
    package let id: ObjectID

    package init(mode: FileMode, id: ObjectID) {
      self.mode = mode
      self.id = id
    }
  }

  package let path: TreePath
  package let old: Side?
  package let new: Side?

  package init(path: TreePath, old: Side?, new: Side?) {
    self.path = path
    self.old = old
    self.new = new
  }
}

/// Why the difference of two trees was not told.
package enum TreeDifferenceError<Failure: Error>: Error {
  case unreadable(Failure)
  /// More than the allowed number of paths differ.
  case tooManyChanges(max: Int)
  /// A path has more components than allowed.
  case tooDeep(path: TreePath, max: Int)
}

/// The files that differ between two trees, renames as a deletion and an addition.
package enum TreeDifference {
  /// Walks both trees together and descends only where they differ, so the cost follows the change, not the repository.
  ///
  /// - Bound: `changesMax` paths and `depthMax` components; past either it throws and reads nothing more.
  /// - Returns: changes in byte order of their paths, folders never among them.
  package static func between<Reader: ObjectReader>(
    _ old: ObjectID, _ new: ObjectID, in reader: inout Reader, changesMax: Int, depthMax: Int = 64
  ) throws(TreeDifferenceError<Reader.Failure>) -> [TreeChange] {
    var walk = Walk(changesMax: changesMax, depthMax: depthMax)
    try walk.compare(old, new, at: TreePath(bytes: []), in: &reader)
    return walk.changes.sorted { $0.path < $1.path }
  }

  private struct Walk {
    let changesMax: Int
    let depthMax: Int
    var changes: [TreeChange] = []

    mutating func compare<Reader: ObjectReader>(
      _ old: ObjectID?, _ new: ObjectID?, at folder: TreePath, in reader: inout Reader
    ) throws(TreeDifferenceError<Reader.Failure>) {
      guard old != new else { return }
      guard folder.depth < depthMax else { throw .tooDeep(path: folder, max: depthMax) }
      let before = try entries(of: old, in: &reader)
      let after = try entries(of: new, in: &reader)
      var left = before.makeIterator()
      var right = after.makeIterator()
      var one = left.next()
      var two = right.next()
      while one != nil || two != nil {
        switch (one, two) {
        case (let entry?, nil):
          try visit(entry, nil, in: folder, reader: &reader)
          one = left.next()
        case (nil, let entry?):
          try visit(nil, entry, in: folder, reader: &reader)
          two = right.next()
        case (let first?, let second?):
          if first.name == second.name, first.isTree == second.isTree {
            try visit(first, second, in: folder, reader: &reader)
            one = left.next()
            two = right.next()
          } else if TreeEntry.precedes(first, second) {
            try visit(first, nil, in: folder, reader: &reader)
            one = left.next()
          } else {
            try visit(nil, second, in: folder, reader: &reader)
            two = right.next()
          }
        case (nil, nil): break
        }
      }
    }

    private mutating func visit<Reader: ObjectReader>(
      _ old: TreeEntry?, _ new: TreeEntry?, in folder: TreePath, reader: inout Reader
    ) throws(TreeDifferenceError<Reader.Failure>) {
      guard let some = old ?? new, old?.id != new?.id || old?.mode != new?.mode else { return }
      let path = folder.appending(some.name)
      guard !some.isTree else { return try compare(old?.id, new?.id, at: path, in: &reader) }
      guard changes.count < changesMax else { throw .tooManyChanges(max: changesMax) }
      changes.append(TreeChange(path: path, old: old.map(Self.side), new: new.map(Self.side)))
    }

    private func entries<Reader: ObjectReader>(
      of id: ObjectID?, in reader: inout Reader
    ) throws(TreeDifferenceError<Reader.Failure>) -> [TreeEntry] {
      guard let id, id != .emptyTree else { return [] }
      do { return try reader.tree(id) } catch { throw .unreadable(error) }
    }

    private static func side(_ entry: TreeEntry) -> TreeChange.Side { .init(mode: entry.mode, id: entry.id) }
  }
}
