package import Domain
package import Processes

/// Why a worktree could not be made.
package enum WorktreeError: Error, CustomStringConvertible {
  /// The repository could not give an object.
  case unreadable(any Error)
  case system(SystemError)
  /// A name that must never be written: `.git` in any case, `.`, `..`, or one with a slash or NUL in it.
  case unsafeName(TreePath)
  case tooDeep(TreePath, max: Int)
  case tooManyFiles(max: Int)

  package var description: String {
    switch self {
    case .unreadable(let error): "an object of the repository cannot be read: \(error)"
    case .system(let error): error.description
    case .unsafeName(let path):
      "the tree has a name that is never written: \(Printable.line(path.description, max: 200))"
    case .tooDeep(let path, let max):
      "the tree is more than \(max) folders deep at \(Printable.line(path.description, max: 200))"
    case .tooManyFiles(let max): "the tree has more than \(max) files"
    }
  }
}

/// Runs a step of the operating system inside an operation on worktrees.
func system<Result: ~Copyable>(_ body: () throws(SystemError) -> Result) throws(WorktreeError) -> Result {
  do { return try body() } catch { throw .system(error) }
}

/// Reads an object inside an operation on worktrees.
func reading<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(WorktreeError) -> Result {
  do { return try body() } catch { throw .unreadable(error) }
}
