import CLibGit2
package import Domain

extension Repository: ObjectReader {
  package func tree(_ id: ObjectID) throws(GitError) -> [TreeEntry] {
    guard id != .emptyTree else { return [] }
    do { return try Tree.parse(try raw(id, as: .tree)) } catch let error as GitError { throw error } catch {
      throw .malformed(id)
    }
  }

  package func commit(_ id: ObjectID) throws(GitError) -> Commit {
    let bytes = try raw(id, as: .commit)
    do { return try Commit(parsing: bytes) } catch { throw .malformed(id) }
  }

  package func tag(_ id: ObjectID) throws(GitError) -> Tag {
    let bytes = try raw(id, as: .tag)
    do { return try Tag(parsing: bytes) } catch { throw .malformed(id) }
  }

  /// The whole content of a blob of at most `sizeMax` bytes; a larger one is refused before it is read.
  package func blob(_ id: ObjectID, sizeMax: Int) throws(GitError) -> [UInt8] {
    let header = try header(of: id)
    guard header.kind == .blob else { throw .unexpectedKind(id, expected: .blob, found: header.kind) }
    guard header.size <= sizeMax else { throw .tooLarge(id, size: header.size, max: sizeMax) }
    return try raw(id, as: .blob)
  }

  /// Lends the content of a blob without copying it, for writing whole worktrees.
  ///
  /// - Bound: none; sizes were bounded when the objects were taken in.
  package func withBlob<Value>(
    _ id: ObjectID, _ body: (UnsafeRawBufferPointer) throws(GitError) -> Value
  ) throws(GitError) -> Value {
    let object = try read(id, as: .blob)
    return try object.withBytes(body)
  }

  package func kind(of id: ObjectID) throws(GitError) -> ObjectKind { try header(of: id).kind }

  /// The number of bytes of an object's content, found without reading it where it is stored packed.
  package func size(of id: ObjectID) throws(GitError) -> Int { try header(of: id).size }

  package func exists(_ id: ObjectID) -> Bool {
    var oid = id.oid
    return git_odb_exists(database, &oid) == 1
  }

  /// The entry at a path; nil where the tree has none.
  package func entry(at path: TreePath, in tree: ObjectID) throws(GitError) -> TreeEntry? {
    let components = try path.checkedComponents()
    var folder = tree
    for name in components.dropLast() {
      guard let next = try self.tree(folder).first(where: { $0.name == name }), next.isTree else { return nil }
      folder = next.id
    }
    return try self.tree(folder).first { $0.name == components.last }
  }

  /// A copy of an object's bytes.
  func raw(_ id: ObjectID, as kind: ObjectKind) throws(GitError) -> [UInt8] {
    let object = try read(id, as: kind)
    return object.withBytes { Array($0) }
  }

  private func read(_ id: ObjectID, as kind: ObjectKind) throws(GitError) -> StoredObject {
    var oid = id.oid
    var read: OpaquePointer?
    let code = git_odb_read(&read, database, &oid)
    guard code == 0, let read else { throw failure(code, at: id) }
    guard let object = StoredObject(owning: read) else { throw .malformed(id) }
    guard object.kind == kind else { throw .unexpectedKind(id, expected: kind, found: object.kind) }
    return object
  }

  private func header(of id: ObjectID) throws(GitError) -> (kind: ObjectKind, size: Int) {
    var oid = id.oid
    var size = 0
    var kind = GIT_OBJECT_INVALID
    let code = git_odb_read_header(&size, &kind, database, &oid)
    guard code == 0 else { throw failure(code, at: id) }
    guard let known = ObjectKind(kind) else { throw .malformed(id) }
    return (known, size)
  }

  private func failure(_ code: Int32, at id: ObjectID) -> GitError {
    code == GIT_ENOTFOUND.rawValue ? .missing(id) : .lastFailure(of: "read \(id)")
  }
}

extension TreePath {
  /// The components, each of them a name that a tree can hold.
  func checkedComponents() throws(GitError) -> [[UInt8]] {
    let components = components
    let dot = UInt8(ascii: ".")
    for name in components where name.isEmpty || name == [dot] || name == [dot, dot] || name.contains(0) {
      throw .invalidPath(self)
    }
    guard !components.isEmpty else { throw .invalidPath(self) }
    return components
  }
}
