import CLibGit2
package import Domain

extension Repository {
  /// Stores an object and gives its id; one that exists is kept, and touched so that no collection removes it soon.
  ///
  /// - Durable: not yet; the caller flushes the file system once for all that belongs together.
  @discardableResult
  package func write(_ bytes: [UInt8], as kind: ObjectKind) throws(GitError) -> ObjectID {
    var oid = git_oid()
    let code = bytes.withUnsafeBytes { git_odb_write(&oid, database, $0.baseAddress, $0.count, kind.raw) }
    guard code == 0, let id = ObjectID(oid) else { throw .lastFailure(of: "write a \(kind.rawValue)") }
    return id
  }

  /// Stores a tree; the entries come in any order.
  package func write(_ entries: [TreeEntry]) throws(GitError) -> ObjectID {
    try write(Tree.serialize(entries), as: .tree)
  }

  package func write(_ commit: Commit) throws(GitError) -> ObjectID {
    try write(commit.serialized, as: .commit)
  }

  /// Stores what was kept in memory, in the order it was made: parts before what holds them.
  package func write(_ pending: PendingObjects) throws(GitError) {
    for object in pending.inOrder { try write(object.bytes, as: object.kind) }
  }

  /// The id that bytes would have as a blob; nothing is stored.
  package static func contentDigest(of bytes: [UInt8]) throws(GitError) -> ObjectID {
    try PendingObjects.id(of: bytes, as: .blob)
  }
}
