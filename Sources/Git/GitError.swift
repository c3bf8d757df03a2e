import CLibGit2
package import Domain

/// Why objects could not be read, written or walked.
package enum GitError: Error, Equatable, Sendable {
  case notARepository(path: String)
  case missing(ObjectID)
  case unexpectedKind(ObjectID, expected: ObjectKind, found: ObjectKind)
  /// The bytes are not what an object of that kind looks like.
  case malformed(ObjectID)
  case tooLarge(ObjectID, size: Int, max: Int)
  /// More paths differ than the caller allows.
  case tooManyChanges(max: Int)
  /// More commits lie between than the caller allows.
  case tooManyCommits(max: Int)
  /// A path is empty, or has an empty component, `.` or `..`.
  case invalidPath(TreePath)
  /// An edit asks for a file and for something inside it.
  case contradictoryEdit(TreePath)
  /// A step of libgit2 failed; `message` is its own word for it.
  case failed(step: String, message: String)

  /// Takes the message that libgit2 left for this thread.
  static func lastFailure(of step: String) -> GitError {
    .failed(step: step, message: lastMessage)
  }

  /// The message that libgit2 left for this thread.
  static var lastMessage: String {
    git_error_last().flatMap { $0.pointee.message.map { String(cString: $0) } } ?? "no message"
  }
}
