package import Domain
package import Processes

/// Why a worktree could not be made.
package enum WorktreeError: Error {
  /// The repository could not give an object.
  case unreadable(any Error)
  case system(SystemError)
  /// A name that must never be written: `.git` in any case, `.`, `..`, or one with a slash or NUL in it.
  case unsafeName(TreePath)
  case tooDeep(TreePath, max: Int)
  case tooManyFiles(max: Int)
}

/// Runs a step of the operating system inside an operation on worktrees.
func system<Result: ~Copyable>(_ body: () throws(SystemError) -> Result) throws(WorktreeError) -> Result {
  do { return try body() } catch { throw .system(error) }
}

/// Reads an object inside an operation on worktrees.
func reading<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(WorktreeError) -> Result {
  do { return try body() } catch { throw .unreadable(error) }
}
