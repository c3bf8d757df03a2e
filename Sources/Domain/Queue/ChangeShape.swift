/// How large a change is and where it is: what predictions are made from.
package struct ChangeShape: Hashable, Sendable {
  /// Files changed, added or deleted.
  package let files: Int
  /// The first folders on the paths of the changed files, sorted; "." for files at the top.
  package let folders: [String]

  /// More folders than these say no more about a change.
  package static let foldersMax = 20

  package init(files: Int, folders: [String]) {
    self.files = files
    self.folders = folders
  }

  package init(_ changes: [TreeChange]) {
    files = changes.count
    let tops = Set(
      changes.map { change in
        let components = change.path.components
        return components.count > 1 ? Printable.line(String(decoding: components[0], as: UTF8.self), max: 100) : "."
      })
    folders = Array(tops.sorted().prefix(Self.foldersMax))
  }
}
