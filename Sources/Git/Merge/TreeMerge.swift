import Domain

/// Merges three trees without looking for renames, reading only folders that differ, and stops at the first thing that
/// git's rename detection might see differently.
///
/// What makes the answer git's own, although git looks for renames:
/// - a renamed file matters only where the other side changed or deleted it at its old place: both are doubts;
/// - a renamed folder matters only where it is gone on one side and changed on the other: a doubt;
/// - hence a folder that both sides changed in the same way is still searched for deletions.
struct TreeMerge {
  private let repository: Repository
  private let known: PendingObjects
  private var made = PendingObjects()

  private static let depthMax = 256

  /// - Parameter known: objects that earlier merges made and that are not stored.
  init(in repository: Repository, knowing known: PendingObjects) {
    self.repository = repository
    self.known = known
  }

  /// Merges, and gives the trees and blobs that it made; a merge that is undecided has made nothing worth keeping.
  consuming func merge(
    base: ObjectID, ours: ObjectID, theirs: ObjectID
  ) throws(GitError) -> (decision: MergeDecision, made: PendingObjects) {
    let decision = try decide(base: base, ours: ours, theirs: theirs)
    return (decision, made)
  }

  private mutating func decide(base: ObjectID, ours: ObjectID, theirs: ObjectID) throws(GitError) -> MergeDecision {
    guard base != ours else { return .clean(tree: theirs) }
    guard base != theirs, ours != theirs else { return .clean(tree: ours) }
    do throws(MergeStop) {
      if let tree = try merge(base, ours, theirs, at: TreePath(bytes: [])) { return .clean(tree: tree) }
      return .clean(tree: try add([], as: .tree))
    } catch {
      switch error {
      case .doubt(let doubt): return .undecided(doubt)
      case .unreadable(let failure): throw failure
      }
    }
  }

  /// The merged folder; nil for one without entries.
  private mutating func merge(
    _ base: ObjectID?, _ ours: ObjectID, _ theirs: ObjectID, at folder: TreePath
  ) throws(MergeStop) -> ObjectID? {
    guard folder.depth < Self.depthMax else { throw .doubt(MergeDoubt(.tooDeep, at: folder)) }
    let ourBytes = try tree(ours)
    let theirBytes = try tree(theirs)
    var merged: [UInt8] = []
    merged.reserveCapacity(max(ourBytes.count, theirBytes.count) + 256)
    var additions = Additions()
    do {
      var trees = try ThreeTrees(base: try tree(base), ours: ourBytes, theirs: theirBytes)
      while let difference = try trees.nextDifference(copyingTo: &merged) {
        additions.note(difference)
        if let entry = try resolve(difference, in: folder) { merged += entry.raw }
      }
    } catch let stop as MergeStop { throw stop } catch { throw .doubt(MergeDoubt(.unusualTree, at: folder)) }
    if let name = additions.clash { throw .doubt(MergeDoubt(.fileAndFolder, at: folder.appending(name))) }
    if merged.isEmpty { return nil }
    if merged == ourBytes { return ours }
    return merged == theirBytes ? theirs : try add(merged, as: .tree)
  }

  /// What stands at one name after the merge; nil for nothing.
  private mutating func resolve(
    _ difference: ThreeTrees.Difference, in folder: TreePath
  ) throws(MergeStop) -> TreeEntry? {
    let (base, ours, theirs) = (difference.base, difference.ours, difference.theirs)
    if ours == theirs {
      guard let ours else { throw doubt(.deletedOnBothSides, difference, in: folder) }
      // The same folder on both sides may still lack files that one side renamed and the other deleted.
      if ours.isTree, let base { _ = try merge(base.id, ours.id, ours.id, at: folder.appending(ours.name)) }
      return ours
    }
    if base == ours { return theirs }
    if base == theirs { return ours }
    guard let ours, let theirs else {
      let isTree = (ours ?? theirs)?.isTree ?? false
      throw doubt(isTree ? .folderGoneAndChanged : .deletedAndChanged, difference, in: folder)
    }
    guard !ours.isTree else {
      let tree = try merge(base?.id, ours.id, theirs.id, at: folder.appending(ours.name))
      return tree.map { TreeEntry(mode: .tree, name: ours.name, id: $0) }
    }
    guard let base else { throw doubt(.addedOnBothSides, difference, in: folder) }
    return TreeEntry(
      mode: try mergedMode(base, ours, theirs, difference, in: folder), name: ours.name,
      id: try mergedContent(base, ours, theirs, difference, in: folder))
  }

  private func mergedMode(
    _ base: TreeEntry, _ ours: TreeEntry, _ theirs: TreeEntry, _ difference: ThreeTrees.Difference, in folder: TreePath
  ) throws(MergeStop) -> FileMode {
    guard base.isPlainFile, ours.isPlainFile, theirs.isPlainFile else { throw doubt(.notAFile, difference, in: folder) }
    if ours.mode == theirs.mode || ours.mode == base.mode { return theirs.mode }
    guard theirs.mode == base.mode else { throw doubt(.modes, difference, in: folder) }
    return ours.mode
  }

  private mutating func mergedContent(
    _ base: TreeEntry, _ ours: TreeEntry, _ theirs: TreeEntry, _ difference: ThreeTrees.Difference, in folder: TreePath
  ) throws(MergeStop) -> ObjectID {
    if ours.id == theirs.id || ours.id == base.id { return theirs.id }
    if theirs.id == base.id { return ours.id }
    guard let old = try content(base.id), let one = try content(ours.id), let two = try content(theirs.id) else {
      throw doubt(.tooLarge, difference, in: folder)
    }
    let answer: ContentMerge.Answer
    do { answer = try ContentMerge.merge(base: old, ours: one, theirs: two) } catch { throw .unreadable(error) }
    switch answer {
    case .merged(let bytes): return try add(bytes, as: .blob)
    case .doubt(let reason): throw doubt(reason, difference, in: folder)
    }
  }

  private func tree(_ id: ObjectID?) throws(MergeStop) -> [UInt8] {
    guard let id, id != .emptyTree else { return [] }
    if let object = known[id] { return object.bytes }
    do { return try repository.raw(id, as: .tree) } catch { throw .unreadable(error) }
  }

  /// The content of a blob; nil for one that is too large.
  private func content(_ id: ObjectID) throws(MergeStop) -> [UInt8]? {
    if let object = known[id] { return object.bytes }
    do { return try repository.blob(id, sizeMax: ContentMerge.sizeMax) } catch {
      guard case .tooLarge = error else { throw .unreadable(error) }
      return nil
    }
  }

  private mutating func add(_ bytes: [UInt8], as kind: ObjectKind) throws(MergeStop) -> ObjectID {
    do { return try made.add(bytes, as: kind) } catch { throw .unreadable(error) }
  }

  private func doubt(
    _ reason: MergeDoubt.Reason, _ difference: ThreeTrees.Difference, in folder: TreePath
  ) -> MergeStop {
    let name = (difference.ours ?? difference.theirs ?? difference.base)?.name ?? []
    return .doubt(MergeDoubt(reason, at: folder.appending(name)))
  }
}

/// The names that each side adds to a folder: a file of one and a folder of the other may meet under one name.
private struct Additions {
  private var ours: [TreeEntry] = []
  private var theirs: [TreeEntry] = []

  mutating func note(_ difference: ThreeTrees.Difference) {
    guard difference.base == nil else { return }
    if let entry = difference.ours { ours.append(entry) }
    if let entry = difference.theirs { theirs.append(entry) }
  }

  var clash: [UInt8]? {
    guard !ours.isEmpty, !theirs.isEmpty else { return nil }
    let kinds = Dictionary(ours.map { ($0.name, $0.isTree) }, uniquingKeysWith: { first, _ in first })
    return theirs.first { $0.isTree != (kinds[$0.name] ?? $0.isTree) }?.name
  }
}

extension TreeEntry {
  fileprivate var isPlainFile: Bool { mode == .file || mode == .executable }

  fileprivate var raw: [UInt8] { Array(mode.octal.utf8) + [UInt8(ascii: " ")] + name + [0] + id.bytes }
}
