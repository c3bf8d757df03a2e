package import Domain

/// What shall stand at a path; `nil` takes away the file, or the folder with all it holds.
package struct TreeEdit: Hashable, Sendable {
  package let path: TreePath
  package let side: TreeChange.Side?

  package init(_ path: TreePath, _ side: TreeChange.Side?) {
    self.path = path
    self.side = side
  }
}

/// Applies edits to a tree, reading and making only the folders on their paths.
struct TreeEditor {
  private struct Step {
    let path: TreePath
    let components: ArraySlice<[UInt8]>
    let side: TreeChange.Side?
  }

  private let repository: Repository
  private let known: PendingObjects
  private var made = PendingObjects()

  init(in repository: Repository, knowing known: PendingObjects) {
    self.repository = repository
    self.known = known
  }

  /// Gives the edited tree and the trees that were made for it.
  consuming func apply(
    _ edits: [TreeEdit], to tree: ObjectID
  ) throws(GitError) -> (edited: ObjectID, made: PendingObjects) {
    var steps: [Step] = []
    for edit in edits {
      steps.append(Step(path: edit.path, components: try edit.path.checkedComponents()[...], side: edit.side))
    }
    if let edited = try apply(steps, to: tree) { return (edited, made) }
    let nothing = try made.add([], as: .tree)
    return (nothing, made)
  }

  /// The edited folder; nil for one without entries.
  private mutating func apply(_ steps: [Step], to folder: ObjectID?) throws(GitError) -> ObjectID? {
    var entries: [[UInt8]: TreeEntry] = [:]
    for entry in try self.entries(of: folder) { entries[entry.name] = entry }
    let before = entries
    for (name, steps) in Dictionary(grouping: steps, by: { $0.components.first ?? [] }) {
      entries[name] = try apply(steps, to: entries[name], named: name)
    }
    guard entries != before else { return entries.isEmpty ? nil : folder }
    return entries.isEmpty ? nil : try made.add(Tree.serialize(Array(entries.values)), as: .tree)
  }

  /// What stands at one name when all edits at and below it are done.
  private mutating func apply(
    _ steps: [Step], to entry: TreeEntry?, named name: [UInt8]
  ) throws(GitError) -> TreeEntry? {
    let below = steps.compactMap { step in
      step.components.count > 1
        ? Step(path: step.path, components: step.components.dropFirst(), side: step.side) : nil
    }
    let here = steps.last { $0.components.count == 1 }
    let fills = below.contains { $0.side != nil }
    if let here, let side = here.side {
      guard !fills else { throw .contradictoryEdit(here.path) }
      return TreeEntry(mode: side.mode, name: name, id: side.id)
    }
    let left = here == nil ? entry : nil
    // Taking away what would be inside a file leaves the file.
    if let left, !left.isTree, !fills { return left }
    let tree = try apply(below, to: left.flatMap { $0.isTree ? $0.id : nil })
    return tree.map { TreeEntry(mode: .tree, name: name, id: $0) }
  }

  private func entries(of folder: ObjectID?) throws(GitError) -> [TreeEntry] {
    guard let folder else { return [] }
    guard let object = known[folder] else { return try repository.tree(folder) }
    do { return try Tree.parse(object.bytes) } catch { throw .malformed(folder) }
  }
}
