package import Domain
package import Processes

/// Why git did not answer.
package enum GitProgramError: Error, Hashable, Sendable, CustomStringConvertible {
  case notFound(searched: [String])
  case system(SystemError)
  /// Git ended where an answer was expected.
  case ended(what: String, message: String)
  case missing(String)
  case unexpectedKind(ObjectID, expected: String, found: String)
  case malformed(ObjectID)
  case tooLarge(ObjectID, size: Int, max: Int)
  /// More objects were read than one question may need.
  case tooManyObjects(max: Int)
  /// A tree names the empty tree, which git itself never writes; such trees make bombs without files.
  case emptyFolder(in: ObjectID)
  case tooMuchOutput(what: String, max: Int)

  package var description: String {
    switch self {
    case .notFound(let folders): "git is in none of \(folders.joined(separator: ", "))"
    case .system(let error): error.description
    case .ended(let what, let message):
      "git \(what) ended early\(message.isEmpty ? "" : ": \(Printable.line(message, max: 300))")"
    case .missing(let object): "object \(object) is missing"
    case .unexpectedKind(let id, let expected, let found): "object \(id) is a \(found) where a \(expected) is needed"
    case .malformed(let id): "object \(id) is malformed"
    case .tooLarge(let id, let size, let max): "object \(id) has \(size) bytes, at most \(max) are read"
    case .tooManyObjects(let max): "more than \(max) objects would have to be read"
    case .emptyFolder(let id): "tree \(id) holds an empty folder"
    case .tooMuchOutput(let what, let max): "git \(what) answered with more than \(max) bytes"
    }
  }
}
