/// One file of a change, as far as its shape is looked at.
package struct ChangedFile: Sendable {
  package let path: TreePath
  /// Nil for a new file.
  package let oldMode: FileMode?
  /// Nil for a deleted one.
  package let newMode: FileMode?
  /// The whole of the new content or its first 8,000 bytes at least; for a symbolic link its target.
  package let content: ArraySlice<UInt8>
  package let added: AddedLines

  package init(path: TreePath, oldMode: FileMode?, newMode: FileMode?, content: ArraySlice<UInt8>, added: AddedLines) {
    self.path = path
    self.oldMode = oldMode
    self.newMode = newMode
    self.content = content
    self.added = added
  }

  /// A new file: all of it is added.
  package init(path: TreePath, mode: FileMode, whole content: [UInt8]) {
    self.init(
      path: path, oldMode: nil, newMode: mode, content: content[...], added: AddedLines(path: path, whole: content))
  }

  /// Whether the new file is one that git stores bytes of.
  var isFile: Bool {
    switch newMode {
    case .file?, .groupWritableFile?, .executable?: true
    case .tree?, .symlink?, .submodule?, nil: false
    }
  }
}
