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
  /// Below the folder of worktrees.
  private let path: String

  init(of worktree: Worktree, in top: consuming Folder, name: String, root: Stage.Root) {
    self.worktree = worktree
    self.top = top
    self.name = name
    self.root = root
    path = "\(worktree.name)/\(name)"
  }

  /// The folder of result files, below the folder of worktrees.
  var results: String { "\(path)/results" }

  /// The folder of result files, opened.
  func openResults() throws(SystemError) -> Folder {
    try Folder(opening: "\(worktree.folder)/\(results)", owner: nil)
  }

  /// What the command has written, opened.
  func openUpper() throws(SystemError) -> Folder {
    try Folder(opening: "\(worktree.folder)/\(path)/upper", owner: nil)
  }

  deinit {
    try? FolderRemoval.remove(name, in: top)
    worktree.endRun()
  }
}
