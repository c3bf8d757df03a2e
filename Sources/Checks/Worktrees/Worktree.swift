package import Domain
import Processes
import Synchronization

/// The files of one candidate, ready for its commands; it is removed when its owner lets go of it.
///
/// What `setup` writes is seen by every check. What a check writes is seen by nobody else: each gets the same files.
/// Only where overlays cannot be mounted do the checks of a candidate share one folder.
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
    var isPrepared = false
    var isRemoved = false
  }

  init(tree: ObjectID, kind: Kind, name: String, worktrees: Worktrees) {
    self.tree = tree
    self.kind = kind
    self.name = name
    self.worktrees = worktrees
  }

  deinit { remove() }

  /// Removes the files now. No command may be running in them.
  package func remove() {
    let isFirst = state.withLock { state in
      defer { state.isRemoved = true }
      return !state.isRemoved
    }
    if isFirst { worktrees.discard(self) }
  }

  /// The folder of worktrees.
  var folder: String { worktrees.folder }

  /// Makes the folders for one run of a command.
  func makeRun(isSetup: Bool) throws(SystemError) -> RunFolder {
    let (number, isPrepared) = state.withLock { state in
      state.runCount += 1
      return (state.runCount, state.isPrepared)
    }
    let top = try Folder(opening: "\(worktrees.folder)/\(name)", owner: worktrees.owner)
    let run = "run-\(number)"
    let folder = try top.makeFolder(Array(run.utf8))
    _ = try folder.makeFolder(Array("results".utf8))
    let root: Stage.Root
    switch kind {
    case .copy: root = .folder("\(name)/files")
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
      root = .overlay(
        options: worktrees.sandbox.overlayOptions(
          lower: layers, upper: "\(name)/\(upper)", work: "\(name)/\(run)/work"))
    }
    return RunFolder(top: top, name: run, root: root, path: "\(name)/\(run)", worktrees: worktrees.folder)
  }
}
