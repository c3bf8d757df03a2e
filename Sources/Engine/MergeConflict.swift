import Domain
import Git

/// What a merge came to that has conflicts: git's tree with both sides in it, and what is unmerged.
struct MergeConflict {
  /// A path with what stood there before, and on each side.
  struct Unmerged {
    let path: TreePath
    var base: TreeChange.Side?
    var ours: TreeChange.Side?
    var theirs: TreeChange.Side?

    var sides: [TreeChange.Side] { [base, ours, theirs].compactMap { $0 } }
  }

  /// Something that git said, and of which paths.
  private struct Note {
    let paths: [TreePath]
    /// `CONFLICT (contents)`, `Auto-merging`, …
    let title: String
  }

  let tree: ObjectID
  /// In the order of their paths.
  let unmerged: [Unmerged]
  private let notes: [Note]
  /// Why the policy's rule for a path did not settle it.
  var reasons: [TreePath: String] = [:]

  /// Reads the answer of `git merge-tree --write-tree -z --messages`; nil where it has another shape.
  ///
  /// - Shape: the tree's id; `<mode> <id> <stage> TAB <path>` for each side of each unmerged path; nothing; then for each
  ///   note the number of its paths, these, a title and a sentence. Every field ends in NUL.
  /// - Source: git-merge-tree(1), "output".
  init?(mergeTree output: [UInt8]) {
    let fields = output.split(separator: 0, omittingEmptySubsequences: false)
    guard let first = fields.first, let tree = ObjectID(hexBytes: first) else { return nil }
    self.tree = tree
    var places: [TreePath: Unmerged] = [:]
    var position = 1
    while position < fields.count, !fields[position].isEmpty {
      guard let entry = Self.entry(fields[position]) else { return nil }
      var unmerged = places[entry.path] ?? Unmerged(path: entry.path)
      switch entry.stage {
      case 1: unmerged.base = entry.side
      case 2: unmerged.ours = entry.side
      default: unmerged.theirs = entry.side
      }
      places[entry.path] = unmerged
      position += 1
    }
    unmerged = places.values.sorted { $0.path < $1.path }
    var notes: [Note] = []
    position += 1
    while position < fields.count, let count = Int(String(decoding: fields[position], as: UTF8.self)) {
      let title = position + 1 + count
      guard count >= 0, title + 1 < fields.count else { return nil }
      notes.append(
        Note(
          paths: fields[(position + 1)..<title].map { TreePath(bytes: Array($0)) },
          title: String(decoding: fields[title], as: UTF8.self)))
      position = title + 2
    }
    self.notes = notes
  }

  private static func entry(_ field: ArraySlice<UInt8>) -> (path: TreePath, stage: Int, side: TreeChange.Side)? {
    guard let tab = field.firstIndex(of: UInt8(ascii: "\t")) else { return nil }
    let words = field[..<tab].split(separator: UInt8(ascii: " "))
    guard words.count == 3, let mode = UInt32(String(decoding: words[0], as: UTF8.self), radix: 8),
      let known = FileMode(rawValue: mode), let id = ObjectID(hexBytes: words[1]),
      let stage = Int(String(decoding: words[2], as: UTF8.self)), (1...3).contains(stage)
    else { return nil }
    return (TreePath(bytes: Array(field[(tab + 1)...])), stage, TreeChange.Side(mode: known, id: id))
  }

  /// How the sides disagree about a path.
  func kind(of unmerged: Unmerged) -> ConflictPlan.Kind {
    if unmerged.sides.contains(where: { $0.mode == .submodule }) { return .submodule }
    let titles = notes.filter { $0.paths.contains(unmerged.path) }.map(\.title)
    if let kind = Self.titles.first(where: { known in titles.contains { $0.hasPrefix(known.prefix) } })?.kind {
      return kind
    }
    if unmerged.sides.contains(where: { $0.mode == .symlink }) { return .symlink }
    switch (unmerged.base, unmerged.ours, unmerged.theirs) {
    case (nil, let ours?, let theirs?): return ours.id == theirs.id ? .mode : .addAdd
    case (_?, _?, _?): return .content
    case (_?, nil, _?), (_?, _?, nil): return .modifyDelete
    default: return .other
    }
  }

  /// What git calls each kind, the more telling ones first; content conflicts are told apart by their sides.
  private static let titles: [(prefix: String, kind: ConflictPlan.Kind)] = [
    ("CONFLICT (rename/rename)", .renameRename), ("CONFLICT (rename involved", .renameRename),
    ("CONFLICT (rename/delete)", .renameDelete), ("CONFLICT (file/directory)", .directoryFile),
    ("CONFLICT (directory rename", .directoryRename), ("CONFLICT (modify/delete)", .modifyDelete),
    ("CONFLICT (binary)", .binary),
  ]

  /// The path and those that git named beside it: where it was renamed from, what it stood in the way of.
  func related(to path: TreePath) -> Set<TreePath> {
    var related: Set<TreePath> = [path]
    for note in notes where note.paths.contains(path) { related.formUnion(note.paths) }
    return related
  }

  /// Whether nothing but the content of some files is in conflict, so that with those settled the tree is whole.
  func isSettled(by paths: Set<TreePath>) -> Bool {
    unmerged.allSatisfy { paths.contains($0.path) }
      && notes.allSatisfy { note in
        guard note.title.hasPrefix("CONFLICT") else { return true }
        guard ["CONFLICT (contents)", "CONFLICT (binary)"].contains(note.title) else { return false }
        return note.paths.allSatisfy(paths.contains)
      }
  }
}
