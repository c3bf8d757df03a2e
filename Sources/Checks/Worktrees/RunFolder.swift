import Processes

/// The folders of one run of a command: what it writes, and its result files. They go when the run is over.
///
/// While it lives, the candidate's files stay.
struct RunFolder: ~Copyable {
  private let worktree: Worktree
  private let top: Folder
  private let name: String
  /// What is mounted as the tree.
  let root: Stage.Root
  /// Where what the command has written is afterwards, below the folder of worktrees.
  private let written: String
  /// Where the command runs in no mount of its own.
  private let lane: Lane?
  private var isLaneReusable = false

  struct Layout {
    let root: Stage.Root
    let written: String
    let lane: Lane?
  }

  init(of worktree: Worktree, in top: consuming Folder, name: String, as layout: Layout) {
    self.worktree = worktree
    self.top = top
    self.name = name
    root = layout.root
    written = layout.written
    lane = layout.lane
  }

  /// The folder of result files, below the folder of worktrees.
  var results: String { "\(worktree.name)/\(name)/results" }

  /// The folder of result files, opened.
  func openResults() throws(SystemError) -> Folder {
    try Folder(opening: "\(worktree.folder)/\(results)", owner: nil)
  }

  /// Notes how the command ended.
  mutating func end(_ run: SandboxRun) { isLaneReusable = run.isOver }

  /// What the command has written, as a layer over what it saw.
  func collect() throws(SystemError) -> Folder {
    let path = "\(worktree.folder)/\(written)"
    if let lane {
      let owner = worktree.worktrees.owner
      try LaneCapture.take(from: lane, at: "\(worktree.folder)/\(lane.name)", owner: owner, into: path)
    }
    return try Folder(opening: path, owner: nil)
  }

  deinit {
    if let lane { worktree.worktrees.giveBack(lane, isReusable: isLaneReusable) }
    try? FolderRemoval.remove(name, in: top)
    worktree.endRun()
  }
}
