import Checks
package import Domain
package import Git

/// The objects of a repository, as worktrees are written from them.
package struct RepositoryContent: TreeContent {
  private let objects: Repository
  /// Larger files were refused at admission; what stands in the base may be as large as it is.
  private static let blobBytesMax = 1 << 31

  package init(_ objects: Repository) { self.objects = objects }

  package mutating func tree(_ id: ObjectID) throws(GitError) -> [TreeEntry] { try objects.tree(id) }
  package mutating func commit(_ id: ObjectID) throws(GitError) -> Commit { try objects.commit(id) }
  package mutating func blob(_ id: ObjectID) throws(GitError) -> [UInt8] {
    try objects.blob(id, sizeMax: Self.blobBytesMax)
  }
}
