import Domain
import Processes

/// What of a tree has to be hidden, so that nothing but a check's inputs is seen.
///
/// Where nothing below a folder is an input, the folder as a whole is hidden: the cost follows the edge between what is an
/// input and what is not.
struct InputMask {
  /// One name in a folder of the tree.
  enum Hidden: Hashable {
    case everything([UInt8])
    case inside([UInt8], [Hidden])
  }

  private let inputs: CheckInputs

  init(_ inputs: CheckInputs) { self.inputs = inputs }

  /// The names in the tree's top folder under which something has to be hidden.
  func hidden(in tree: MergedFolder) throws(SystemError) -> [Hidden] {
    try look(at: tree, path: TreePath(bytes: [])).hidden
  }

  /// Writes what hides as a layer.
  static func write(
    _ hidden: [Hidden], into folder: borrowing Folder, as whiteout: Folder.Whiteout
  ) throws(SystemError) {
    for part in hidden {
      switch part {
      case .everything(let name): try folder.writeWhiteout(name, as: whiteout)
      case .inside(let name, let parts): try write(parts, into: folder.makeFolder(name), as: whiteout)
      }
    }
  }

  private func look(
    at folder: MergedFolder, path: TreePath
  ) throws(SystemError) -> (hidden: [Hidden], hasInputs: Bool) {
    var hidden: [Hidden] = []
    var hasInputs = false
    for entry in try folder.entries() {
      let path = path.appending(entry.name)
      if entry.kind != .folder || inputs.matchEverything(below: path) {
        if entry.kind == .folder || inputs.match(path) {
          hasInputs = true
        } else {
          hidden.append(.everything(entry.name))
        }
      } else if inputs.mayMatch(below: path), let inner = try folder.folder(entry.name) {
        let found = try look(at: inner, path: path)
        if found.hasInputs { hasInputs = true }
        // A folder without inputs would not be there, if only they were.
        if !found.hasInputs {
          hidden.append(.everything(entry.name))
        } else if !found.hidden.isEmpty {
          hidden.append(.inside(entry.name, found.hidden))
        }
      } else {
        hidden.append(.everything(entry.name))
      }
    }
    return (hidden, hasInputs)
  }
}
