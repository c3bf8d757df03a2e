import Domain
import Processes
import Synchronization

extension Worktrees {
  /// The folder of files and the home folder in each layer.
  static let treeName = Array("tree".utf8)
  static let homeName = Array("home".utf8)

  /// The files of a candidate as a layer over the nearest base.
  func layer<Content: TreeContent>(
    _ tree: ObjectID, name: String, from content: inout Content
  ) throws(WorktreeError) -> Worktree {
    let (base, changes) = try nearestBase(to: tree, from: &content)
    do throws(WorktreeError) {
      let candidate = try system { () throws(SystemError) in
        try Folder(opening: folder, owner: owner).makeFolder(Array(name.utf8))
      }
      if !changes.isEmpty {
        let files = try system { () throws(SystemError) in
          try candidate.makeFolder(Array("change".utf8)).makeFolder(Self.treeName)
        }
        var writer = DifferenceWriter<Content>(to: tree, as: .layer(sandbox.mode.whiteout))
        try writer.write(changes, into: files, from: &content)
      }
      return Worktree(tree: tree, base: base, hasChange: !changes.isEmpty, name: name, worktrees: self)
    } catch {
      bases.withLock { $0.release(base.tree) }
      do { try remove(name) } catch {}
      throw error
    }
  }

  /// Brings a base near `tree`: by moving the nearest that nobody uses, else by writing one where none is near enough.
  ///
  /// Under load the only base is always in use: a second one is written then, and from then on they take turns.
  func refresh<Content: TreeContent>(to tree: ObjectID, from content: inout Content) throws(WorktreeError) {
    let known = bases.withLock { $0.all }
    guard !known.contains(where: { $0.tree == tree }) else { return }
    var near: [(base: Bases.Base, changes: [TreeChange])] = []
    for base in known {
      if let changes = try difference(from: base, to: tree, in: &content) { near.append((base, changes)) }
    }
    near.sort { $0.changes.count < $1.changes.count }
    guard let nearest = near.first else { return try write(tree, from: &content) }
    guard nearest.changes.count > Self.idleDistanceMax else { return }
    for (known, changes) in near {
      if let base = bases.withLock({ $0.take(known.tree) }) {
        return try move(base, to: tree, by: changes, from: &content)
      }
    }
    if known.count < Bases.countMax, nearest.changes.count > Self.busyDistanceMax { try write(tree, from: &content) }
  }

  private func nearestBase<Content: TreeContent>(
    to tree: ObjectID, from content: inout Content
  ) throws(WorktreeError) -> (Bases.Base, [TreeChange]) {
    if let found = try knownBase(near: tree, from: &content) { return found }
    return try writing.withLock { _ throws(WorktreeError) in
      // Somebody may have written one while we waited.
      if let found = try knownBase(near: tree, from: &content) { return found }
      try write(tree, from: &content)
      guard let base = bases.withLock({ $0.retain(tree) }) else {
        preconditionFailure("a base that was just written is gone")
      }
      return (base, [])
    }
  }

  /// A base that is near enough, retained, and how the tree differs from it.
  private func knownBase<Content: TreeContent>(
    near tree: ObjectID, from content: inout Content
  ) throws(WorktreeError) -> (Bases.Base, [TreeChange])? {
    for candidate in bases.withLock({ $0.all }).reversed() {
      guard let base = bases.withLock({ $0.retain(candidate.tree) }) else { continue }
      do throws(WorktreeError) {
        if let changes = try difference(from: base, to: tree, in: &content) { return (base, changes) }
      } catch {
        bases.withLock { $0.release(base.tree) }
        throw error
      }
      bases.withLock { $0.release(base.tree) }
    }
    return nil
  }

  /// How a tree differs from a base; nil where writing it anew is no dearer.
  private func difference<Content: TreeContent>(
    from base: Bases.Base, to tree: ObjectID, in content: inout Content
  ) throws(WorktreeError) -> [TreeChange]? {
    let max = Swift.max(Self.distanceMax, base.fileCount / 4)
    do {
      return try TreeDifference.between(base.tree, tree, in: &content, changesMax: max)
    } catch {
      switch error {
      case .unreadable(let failure): throw .unreadable(failure)
      case .tooManyChanges: return nil
      case .tooDeep(let path, let max): throw .tooDeep(path, max: max)
      }
    }
  }

  private func write<Content: TreeContent>(_ tree: ObjectID, from content: inout Content) throws(WorktreeError) {
    let top = try system { () throws(SystemError) in try Folder(opening: folder, owner: owner) }
    let unfinished = Array("unfinished-\(tree.hex)".utf8)
    try system { () throws(SystemError) in try FolderRemoval.remove(unfinished, in: top) }
    let count = try writeAll(tree, as: unfinished, in: top, from: &content)
    let base = Bases.Base(tree: tree, origin: origin, fileCount: count)
    try system { () throws(SystemError) in try top.move(unfinished, to: Array(base.name.utf8), in: top) }
    bases.withLock { $0.add(base) }
  }

  private func move<Content: TreeContent>(
    _ base: Bases.Base, to tree: ObjectID, by changes: [TreeChange], from content: inout Content
  ) throws(WorktreeError) {
    let top = try system { () throws(SystemError) in try Folder(opening: folder, owner: owner) }
    let unfinished = Array("unfinished-\(tree.hex)".utf8)
    try system { () throws(SystemError) in try FolderRemoval.remove(unfinished, in: top) }
    try system { () throws(SystemError) in try top.move(Array(base.name.utf8), to: unfinished, in: top) }
    var writer = DifferenceWriter<Content>(to: tree, as: .inPlace)
    let files = try system { () throws(SystemError) in try top.folder(unfinished).folder(Self.treeName) }
    try writer.write(changes, into: files, from: &content)
    let count = base.fileCount + DifferenceWriter<Content>.growth(changes)
    let moved = Bases.Base(tree: tree, origin: base.origin, fileCount: max(count, 0))
    try system { () throws(SystemError) in try top.move(unfinished, to: Array(moved.name.utf8), in: top) }
    bases.withLock { $0.add(moved) }
  }

  private func writeAll<Content: TreeContent>(
    _ tree: ObjectID, as name: [UInt8], in top: borrowing Folder, from content: inout Content
  ) throws(WorktreeError) -> Int {
    let root = try system { () throws(SystemError) in try top.makeFolder(name) }
    _ = try system { () throws(SystemError) in try root.makeFolder(Self.homeName) }
    let files = try system { () throws(SystemError) in try root.makeFolder(Self.treeName) }
    var writer = TreeWriter<Content>()
    try writer.write(tree, into: files, from: &content)
    return writer.fileCount
  }
}
