package import Domain
package import Processes
import Synchronization

/// The folder in which candidates become files: whole trees that are kept (bases), and what a candidate changes in them.
///
/// A base is written under another name and renamed when it is complete, so a half base is never used. A candidate is a
/// layer over a base; its cost follows the change, not the repository. What a setup keeps is a layer too (`kept`).
/// Where overlays cannot be mounted, commands run in lanes: folders that are brought to what the layers show.
package final class Worktrees: Sendable {
  /// Absolute.
  package let folder: String
  package let sandbox: Sandbox
  let owner: FileOwner?
  let origin: Origin
  let bases = Mutex(Bases())
  let kept = Mutex(KeptLayers())
  /// Held while a base is written: whoever needs one at that time most likely needs the same.
  let writing = Mutex(())
  /// The lanes that nobody uses, the last used last.
  let lanes = Mutex<[Lane]>([])
  let laneCounter = Atomic<Int>(0)
  private let counter = Atomic<Int>(0)
  /// Folders of candidates that nobody needs: on ext4 files are slow to make while many were just removed.
  private let leftovers = Mutex<[String]>([])
  /// They hold the files of a change each, nothing that a command has written.
  private static let leftoversMax = 256

  /// How many changed files a base may be away when it is brought nearer at leisure.
  static let idleDistanceMax = 20
  /// How many where that means writing a whole tree: each candidate writes them, and file systems are slow to make again what
  /// was just removed.
  static let busyDistanceMax = 60
  /// How many changed files a candidate may always be away from its base; more where the base is large.
  static let distanceMax = 200

  /// Takes over the folder and removes what a worker that was killed has left in it.
  ///
  /// Only one process may have the folder: the one that holds the repository's lease.
  package init(folder: String, sandbox: Sandbox) throws(SystemError) {
    self.folder = folder
    self.sandbox = sandbox
    owner = sandbox.owner
    origin = Origin(of: sandbox)
    let top = try Folder(opening: folder, owner: nil)
    for name in try top.names() where !takeOver(String(decoding: name, as: UTF8.self)) {
      try FolderRemoval.remove(name, in: top)
    }
    try top.touch()
    removeSurplusKept(now: top.modificationTime())
  }

  /// Enters what can be used again, and says whether it can.
  private func takeOver(_ name: String) -> Bool {
    if let base = Bases.Base(name: name), base.origin == origin {
      bases.withLock { $0.add(base) }
    } else if let layer = KeptLayer(name: name), layer.origin == origin {
      kept.withLock { $0.add(layer) }
    } else {
      return false
    }
    return true
  }

  /// Makes the files of a tree.
  package func make<Content: TreeContent>(
    _ tree: ObjectID, from content: inout Content
  ) throws(WorktreeError) -> Worktree {
    let name = "candidate-\(counter.add(1, ordering: .relaxed).newValue)"
    return try layer(tree, name: name, from: &content)
  }

  /// Brings a base to `tree` (the target's tip), so that the next candidates differ little from one; removes surplus ones.
  ///
  /// For quiet moments: it moves a base that nobody uses, or writes a new one.
  package func refreshBase<Content: TreeContent>(
    to tree: ObjectID, from content: inout Content
  ) throws(WorktreeError) {
    try writing.withLock { _ throws(WorktreeError) in
      try refresh(to: tree, from: &content)
      for base in bases.withLock({ $0.takeSurplus() }) {
        try system { () throws(SystemError) in try remove(base.name) }
      }
    }
  }

  /// Removes a candidate's files.
  func discard(_ worktree: Worktree) {
    if worktree.isSmall, leave(worktree.name) {
      // Removed in a quiet moment.
    } else {
      // What cannot be removed now is removed when the next worker starts.
      do { try remove(worktree.name) } catch {}
    }
    bases.withLock { $0.release(worktree.base.tree) }
    for layer in worktree.keptLayers { releaseKept(layer) }
  }

  /// Leaves a folder to be removed later; false where enough are left already.
  private func leave(_ name: String) -> Bool {
    leftovers.withLock { leftovers in
      guard leftovers.count < Self.leftoversMax else { return false }
      leftovers.append(name)
      return true
    }
  }

  /// Removes what was left to be removed: for quiet moments.
  package func sweep() {
    let names = leftovers.withLock { leftovers in
      defer { leftovers = [] }
      return leftovers
    }
    for name in names { do { try remove(name) } catch {} }
  }

  func remove(_ name: String) throws(SystemError) {
    try FolderRemoval.remove(name, in: Folder(opening: folder, owner: nil))
  }
}
