package import Domain
import Glibc
import Processes
import Synchronization

/// The files of one candidate, ready for its commands; it is removed when its owner lets go of it.
///
/// What `setup` writes is seen by every check. What a check writes is seen by nobody else: each gets the same files.
///
/// Any thread may use it. It is prepared once, before its first check; then checks may run on it at the same time.
package final class Worktree: Sendable {
  /// The tree whose files these are.
  package let tree: ObjectID
  /// The whole tree that is the oldest layer.
  let base: Bases.Base
  /// Whether a layer `change` says where the tree differs from the base.
  private let hasChange: Bool
  /// The folder below the folder of worktrees that holds everything of this candidate.
  let name: String
  let worktrees: Worktrees
  private let state = Mutex(State())
  /// The layers that hide what is no input of a check, by the inputs; none where there is nothing to hide.
  private let masks = Mutex<[CheckInputs: [String]]>([:])

  /// For what a command runs.
  enum Purpose: Hashable, Sendable {
    /// What it writes is seen by all that run later.
    case setup
    /// What it writes goes, but for what it is to keep.
    case keptSetup
    case check
  }

  private enum Layer {
    case setup(Int)
    case kept(KeptLayer)
  }

  private struct State {
    var runCount = 0
    /// Commands that use the files now.
    var running = 0
    var isSettingUp = false
    /// What setup has made so far, oldest first.
    var layers: [Layer] = []
    var isRemovalWanted = false
    var isRemoved = false

    /// Whether the files are to be removed now, by whoever asks.
    mutating func takeRemoval() -> Bool {
      guard isRemovalWanted, !isRemoved, running == 0 else { return false }
      isRemoved = true
      return true
    }
  }

  init(tree: ObjectID, base: Bases.Base, hasChange: Bool, name: String, worktrees: Worktrees) {
    self.tree = tree
    self.base = base
    self.hasChange = hasChange
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

  /// The layers of the candidate's tree, without what setup has made; the newest first.
  private var treeLayers: [String] { (hasChange ? ["\(name)/change"] : []) + [base.name] }

  /// The files of the candidate's tree, without what setup has made.
  func openTree() throws(SystemError) -> MergedFolder {
    let layers = try MergedFolder(layers: treeLayers.map { ($0, "\(folder)/\($0)") })
    guard let tree = try layers.folder(Worktrees.treeName) else {
      throw SystemError("the files of the base are gone", code: ENOENT)
    }
    return tree
  }

  /// Whether its folder holds no more than the change: no setup has written into it.
  var isSmall: Bool { state.withLock { $0.layers.isEmpty } }

  /// The kept layers it stands on, oldest first.
  var keptLayers: [KeptLayer] {
    state.withLock { state in
      state.layers.compactMap { layer in
        if case .kept(let kept) = layer { kept } else { nil }
      }
    }
  }

  /// Puts a kept layer over what is there; it is released with the files.
  func add(_ kept: KeptLayer) { state.withLock { $0.layers.append(.kept(kept)) } }

  /// Makes the folders for one run of a command.
  ///
  /// - Parameter inputs: the files of the tree that the command sees; nil for all of them.
  func makeRun(for purpose: Purpose, inputs: CheckInputs? = nil) throws(SystemError) -> RunFolder {
    let (number, layers) = try state.withLock { state throws(SystemError) in
      // What a mount has as its upper layer must not be a lower layer of another.
      precondition(
        !state.isSettingUp && (purpose == .check || state.running == 0), "a worktree is prepared while it is used")
      guard !state.isRemovalWanted else { throw SystemError("the files of the candidate were let go of", code: ENOENT) }
      state.runCount += 1
      state.running += 1
      state.isSettingUp = purpose != .check
      if purpose == .setup {
        // A mount may add to what the step before has written.
        if worktrees.sandbox.mode == .overlay, case .setup = state.layers.last {
        } else {
          state.layers.append(.setup(state.runCount))
        }
      }
      return (state.runCount, state.layers)
    }
    do throws(SystemError) {
      let top = try Folder(opening: "\(worktrees.folder)/\(name)", owner: worktrees.owner)
      let run = "run-\(number)"
      do throws(SystemError) {
        let mask = if let inputs { try mask(of: inputs, in: top) } else { [String]() }
        let layout = try makeFolders(of: run, in: top, for: purpose, over: mask + layers.map(path))
        return RunFolder(of: self, in: top, name: run, as: layout)
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

  /// - Parameter layers: what stands over the tree, oldest first; the last one is what `.setup` writes.
  private func makeFolders(
    of run: String, in top: borrowing Folder, for purpose: Purpose, over layers: [String]
  ) throws(SystemError) -> RunFolder.Layout {
    let folder = try top.makeFolder(Array(run.utf8))
    _ = try folder.makeFolder(Array("results".utf8))
    var over = layers
    let written: String
    if purpose == .setup {
      written = over.removeLast()
      _ = try top.folder(Array(written.utf8.dropFirst(name.utf8.count + 1)))
    } else {
      written = "\(name)/\(run)/upper"
      _ = try folder.makeFolder(Array("upper".utf8))
    }
    let lower = over.reversed() + treeLayers
    switch worktrees.sandbox.mode {
    case .overlay:
      _ = try folder.makeFolder(Array("work".utf8))
      let options = try worktrees.sandbox.overlayOptions(
        lower: lower, upper: written, work: "\(name)/\(run)/work", isMovable: purpose == .keptSetup)
      return RunFolder.Layout(root: .overlay(options: options), written: written, lane: nil)
    case .copy:
      let lane = try worktrees.takeLane(showing: lower)
      return RunFolder.Layout(root: .folder(lane.name), written: written, lane: lane)
    }
  }

  /// The layer that hides everything but inputs; none where there is nothing to hide.
  private func mask(of inputs: CheckInputs, in top: borrowing Folder) throws(SystemError) -> [String] {
    guard !inputs.isEverything else { return [] }
    return try masks.withLock { masks throws(SystemError) in
      if let known = masks[inputs] { return known }
      let hidden = try InputMask(inputs).hidden(in: openTree())
      let name = "mask-\(masks.count + 1)"
      if !hidden.isEmpty {
        let files = try top.makeFolder(Array(name.utf8)).makeFolder(Worktrees.treeName)
        try InputMask.write(hidden, into: files, as: worktrees.sandbox.mode.whiteout)
      }
      let layers = hidden.isEmpty ? [] : ["\(self.name)/\(name)"]
      masks[inputs] = layers
      return layers
    }
  }

  private func path(_ layer: Layer) -> String {
    switch layer {
    case .setup(let number): "\(name)/setup-\(number)"
    case .kept(let kept): kept.name
    }
  }
}
