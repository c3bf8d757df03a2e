/// Mounts that only one child and its children see, and that end with the last of them.
///
/// A small tmpfs covers `point`; below it stand `tree` and the shown folders, where a user who may not pass the folders
/// above a path still reaches them.
package struct Stage: Sendable {
  package enum Root: Sendable {
    /// The options of an overlay mount: layers, upper and work folder.
    case overlay(options: String)
    case folder(String)
  }

  /// A folder or file of the host, and the name it gets below `point`.
  package struct Shown: Sendable {
    package let source: String
    package let name: String

    package init(_ source: String, as name: String) {
      self.source = source
      self.name = name
    }

    /// An empty folder, for what follows to stand in.
    package init(emptyFolder name: String) {
      source = ""
      self.name = name
    }
  }

  /// Relative paths in the other properties start here.
  package var folder: String
  /// An existing folder that may be covered, such as `/mnt`.
  package var point: String
  package var root: Root
  package var shown: [Shown]
  /// For a caller without privileges: the mounts are then made in a user namespace.
  package var ownsUserNamespace: Bool

  package init(folder: String, point: String, root: Root, shown: [Shown], ownsUserNamespace: Bool) {
    self.folder = folder
    self.point = point
    self.root = root
    self.shown = shown
    self.ownsUserNamespace = ownsUserNamespace
  }
}
