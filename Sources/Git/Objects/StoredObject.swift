import CLibGit2

/// An object that was read: libgit2's own bytes, given back when this value ends.
struct StoredObject: ~Copyable {
  private let handle: OpaquePointer
  let kind: ObjectKind

  /// Takes over what `git_odb_read` gave; nil for a kind that git does not store.
  init?(owning handle: OpaquePointer) {
    guard let kind = ObjectKind(git_odb_object_type(handle)) else {
      git_odb_object_free(handle)
      return nil
    }
    self.handle = handle
    self.kind = kind
  }

  borrowing func withBytes<Value, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try body(UnsafeRawBufferPointer(start: git_odb_object_data(handle), count: git_odb_object_size(handle)))
  }

  deinit { git_odb_object_free(handle) }
}
