package import Domain
import Glibc
import Processes
import Synchronization

/// The files of one candidate, ready for its commands; it is removed when its owner lets go of it.
///
/// What `setup` writes is seen by every check. What a check writes is seen by nobody else: each gets the same files.
/// Only where overlays cannot be mounted do the checks of a candidate share one folder.
///
/// Any thread may use it. It is prepared once, before its first check; then checks may run on it at the same time.
package final class Worktree: Sendable {
  /// The tree whose files these are.
  package let tree: ObjectID
  let kind: Kind
  /// The folder below the folder of worktrees that holds everything of this candidate.
  let name: String
  private let worktrees: Worktrees
  private let state = Mutex(State())

  enum Kind: Hashable, Sendable {
    /// Over a base, with a layer `change` of its own where the tree differs from the base.
    case overlay(base: ObjectID, baseName: String, hasChange: Bool)
    /// A whole tree in `files`.
    case copy
  }

  private struct State {
    var runCount = 0
    /// Commands that use the files now.
    var running = 0
    var isSettingUp = false
    var isPrepared = false
    var isRemovalWanted = false
    var isRemoved = false

    /// Whether the files are to be removed now, by whoever asks.
    mutating func takeRemoval() -> Bool {
      guard isRemovalWanted, !isRemoved, running == 0 else { return false }
      isRemoved = true
      return true
    }
  }

  init(tree: ObjectID, kind: Kind, name: String, worktrees: Worktrees) {
    self.tree = tree
    self.kind = kind
    self.name = name
    self.worktrees = worktrees
  }

  deinit { remove() }

  /// Removes the files: now, or when the last command that runs in them has ended.
  package func remove() {
    let isDue = state.withLock { state in
      state.isRemovalWanted = true
      return state.takeRemoval()
    }
    if isDue { worktrees.discard(self) }
  }

  /// The folder of worktrees.
  var folder: String { worktrees.folder }

  /// Makes the folders for one run of a command.
  func makeRun(isSetup: Bool) throws(SystemError) -> RunFolder {
    let (number, isPrepared) = try state.withLock { state throws(SystemError) in
      // What a mount has as its upper layer must not be a lower layer of another.
      precondition(!state.isSettingUp && (!isSetup || state.running == 0), "a worktree is prepared while it is used")
      guard !state.isRemovalWanted else { throw SystemError("the files of the candidate were let go of", code: ENOENT) }
      state.runCount += 1
      state.running += 1
      state.isSettingUp = isSetup
      return (state.runCount, state.isPrepared)
    }
    do throws(SystemError) {
      let top = try Folder(opening: "\(worktrees.folder)/\(name)", owner: worktrees.owner)
      let run = "run-\(number)"
      do throws(SystemError) {
        let root = try makeFolders(of: run, in: top, isSetup: isSetup, isPrepared: isPrepared)
        return RunFolder(of: self, in: top, name: run, root: root)
      } catch {
        do { try FolderRemoval.remove(run, in: top) } catch {}
        throw error
      }
    } catch {
      endRun()
      throw error
    }
  }

  /// Notes that a run is over.
  func endRun() {
    let isDue = state.withLock { state in
      state.running -= 1
      state.isSettingUp = false
      return state.takeRemoval()
    }
    if isDue { worktrees.discard(self) }
  }

  private func makeFolders(
    of run: String, in top: borrowing Folder, isSetup: Bool, isPrepared: Bool
  ) throws(SystemError) -> Stage.Root {
    let folder = try top.makeFolder(Array(run.utf8))
    _ = try folder.makeFolder(Array("results".utf8))
    switch kind {
    case .copy: return .folder("\(name)/files")
    case .overlay(_, let baseName, let hasChange):
      _ = try folder.makeFolder(Array("work".utf8))
      var layers = [baseName]
      if hasChange { layers.insert("\(name)/change", at: 0) }
      let upper: String
      if isSetup {
        upper = "setup"
        _ = try top.folder(Array(upper.utf8))
        state.withLock { $0.isPrepared = true }
      } else {
        upper = "\(run)/upper"
        _ = try folder.makeFolder(Array("upper".utf8))
        if isPrepared { layers.insert("\(name)/setup", at: 0) }
      }
      return .overlay(
        options: worktrees.sandbox.overlayOptions(
          lower: layers, upper: "\(name)/\(upper)", work: "\(name)/\(run)/work"))
    }
  }
}
