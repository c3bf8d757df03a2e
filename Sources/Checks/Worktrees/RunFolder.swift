import Processes

/// The folders of one run of a command: what it writes, and its result files. They go when the run is over.
struct RunFolder: ~Copyable {
  private let top: Folder
  private let name: String
  /// What is mounted as the tree.
  let root: Stage.Root
  /// Below the folder of worktrees.
  private let path: String
  private let worktrees: String

  init(top: consuming Folder, name: String, root: Stage.Root, path: String, worktrees: String) {
    self.top = top
    self.name = name
    self.root = root
    self.path = path
    self.worktrees = worktrees
  }

  /// The folder of result files, below the folder of worktrees.
  var results: String { "\(path)/results" }

  /// The folder of result files, opened.
  func openResults() throws(SystemError) -> Folder {
    try Folder(opening: "\(worktrees)/\(results)", owner: nil)
  }

  deinit { try? FolderRemoval.remove(name, in: top) }
}
