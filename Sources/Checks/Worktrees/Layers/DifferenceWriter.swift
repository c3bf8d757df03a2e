import Domain
import Processes

/// Writes the difference of two trees: as an overlay's layer, or into a folder that holds the old tree.
struct DifferenceWriter<Content: TreeContent> {
  enum Style: Equatable {
    /// What is gone is hidden.
    case layer(Folder.Whiteout)
    /// What is gone is removed.
    case inPlace
  }

  private let new: ObjectID
  private let style: Style
  private var writer = TreeWriter<Content>()

  /// A writer for changes that lead to the tree `new`.
  init(to new: ObjectID, as style: Style) {
    self.new = new
    self.style = style
  }

  /// How many files the changed tree has more than the old one.
  static func growth(_ changes: [TreeChange]) -> Int {
    changes.reduce(0) { $0 + ($1.new == nil ? 0 : 1) - ($1.old == nil ? 0 : 1) }
  }

  /// Writes the changes below `folder`.
  ///
  /// - Parameter changes: every path at most once, in byte order, as `TreeDifference` gives them.
  mutating func write(
    _ changes: [TreeChange], into folder: borrowing Folder, from content: inout Content
  ) throws(WorktreeError) {
    let steps = changes.map { Step(components: $0.path.components, side: $0.new) }
    for step in steps {
      for name in step.components where !TreeWriter<Content>.isSafe(name) {
        throw .unsafeName(TreePath(bytes: Array(step.components.joined(separator: [UInt8(ascii: "/")]))))
      }
    }
    // Deletions first: a file may make room for a folder of its name, and a folder for a file.
    try apply(steps.filter { $0.side == nil }[...], depth: 0, in: new, folder: folder, content: &content)
    try apply(steps.filter { $0.side != nil }[...], depth: 0, in: new, folder: folder, content: &content)
  }

  private struct Step {
    let components: [[UInt8]]
    let side: TreeChange.Side?
  }

  /// Applies steps that share their first `depth` components; `tree` is the new tree there.
  private mutating func apply(
    _ steps: ArraySlice<Step>, depth: Int, in tree: ObjectID, folder: borrowing Folder, content: inout Content
  ) throws(WorktreeError) {
    guard !steps.isEmpty else { return }
    let entries = tree == .emptyTree ? [] : try reading { () throws(Content.Failure) in try content.tree(tree) }
    var rest = steps
    while let first = rest.first {
      let name = first.components[depth]
      let group = rest.prefix { $0.components[depth] == name }
      rest = rest.dropFirst(group.count)
      let entry = entries.first { $0.name == name }
      let isNested = group.contains { $0.components.count > depth + 1 }
      if let entry, entry.isTree || entry.mode == .submodule && isNested && style != .inPlace {
        // A deleted file whose name a folder has taken needs no more than the folder.
        let inside = group.filter { $0.components.count > depth + 1 }
        if style == .inPlace, inside.count < group.count { try remove(name, in: folder) }
        let inner = try system { () throws(SystemError) in try folder.folder(name) }
        try apply(
          inside[...], depth: depth + 1, in: entry.isTree ? entry.id : .emptyTree, folder: inner, content: &content)
      } else if let side = group.first(where: { $0.components.count == depth + 1 })?.side {
        if style == .inPlace { try remove(name, in: folder) }
        try writer.write(side, as: name, into: folder, from: &content)
      } else if entry == nil {
        try hide(name, in: folder)
      } else if style == .inPlace {
        // A folder gave way to a file, which the additions write.
        try remove(name, in: folder)
      }
    }
  }

  private func hide(_ name: [UInt8], in folder: borrowing Folder) throws(WorktreeError) {
    switch style {
    case .layer(let whiteout): try system { () throws(SystemError) in try folder.writeWhiteout(name, as: whiteout) }
    case .inPlace: try remove(name, in: folder)
    }
  }

  private func remove(_ name: [UInt8], in folder: borrowing Folder) throws(WorktreeError) {
    try system { () throws(SystemError) in try FolderRemoval.remove(name, in: folder) }
  }
}
