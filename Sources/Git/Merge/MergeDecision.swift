package import Domain

/// What a three-way merge without rename detection can say for certain.
package enum MergeDecision: Equatable, Sendable {
  /// Git merges to this very tree, without conflict.
  case clean(tree: ObjectID)
  /// Only git can say: it may merge this cleanly, find a rename, or report a conflict.
  case undecided(MergeDoubt)
}

/// The first thing that makes a merge a matter for git.
package struct MergeDoubt: Hashable, Sendable {
  package enum Reason: String, Hashable, Sendable, CaseIterable {
    /// A rename may have been a deletion for the other side.
    case deletedOnBothSides
    /// Either a conflict or a renamed file that the other side changed.
    case deletedAndChanged
    /// Either a conflict or a renamed folder that the other side added to.
    case folderGoneAndChanged
    case addedOnBothSides
    case fileAndFolder
    /// A symbolic link, a submodule or a change of kind.
    case notAFile
    case modes
    case binary
    case content
    /// The lines can be matched in more than one way, and the results differ.
    case ambiguousContent
    case tooLarge
    case tooDeep
    /// A tree that git would write differently: unsorted, with odd modes, or with an empty folder.
    case unusualTree
    case unrelatedHistories
    case severalBases
  }

  package let reason: Reason
  /// Where it was met; the empty path for the merge as a whole.
  package let path: TreePath

  package init(_ reason: Reason, at path: TreePath) {
    self.reason = reason
    self.path = path
  }
}

/// Ends a merge before its end.
enum MergeStop: Error {
  case doubt(MergeDoubt)
  case unreadable(GitError)
}
