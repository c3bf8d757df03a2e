import Domain
import Foundation
import Git

/// A bare repository in a folder of its own, removed when this value ends.
final class TestRepository {
  let path: String
  let git: GitCommand
  let objects: Repository

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "git-\(UUID().uuidString).git").path
    git = GitCommand(repository: path)
    try git("init", "-q", "--bare", "-b", "main", path)
    objects = try Repository(path: path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  static let signature = Signature(name: "Ada", email: "ada@example.com", time: 1_700_000_000)

  func tree(_ files: [String: String]) throws -> ObjectID {
    try tree(files.mapValues { FileState(mode: .file, content: $0) })
  }

  /// Stores a tree, made by ``Repository/editing(_:_:)`` from nothing.
  func tree(_ files: [String: FileState]) throws -> ObjectID {
    var edits: [TreeEdit] = []
    for (path, file) in files {
      let id =
        if file.mode == .submodule, let commit = ObjectID(hex: file.content) { commit } else {
          try objects.write(Array(file.content.utf8), as: .blob)
        }
      edits.append(TreeEdit(TreePath(path), .init(mode: file.mode, id: id)))
    }
    return try objects.editing(.emptyTree, edits)
  }

  func commit(_ tree: ObjectID, _ parents: [ObjectID] = [], message: String = "change\n", time: Int64 = 0) throws
    -> ObjectID
  {
    let when = Signature(name: "Ada", email: "ada@example.com", time: 1_700_000_000 + time)
    return try objects.write(
      Commit(tree: tree, parents: parents, author: when, committer: when, message: Array(message.utf8)))
  }

  /// The tree that git's own merge of two commits has; nil where it reports a conflict or refuses.
  func mergedByGit(_ ours: ObjectID, _ theirs: ObjectID) throws -> ObjectID? {
    let answer = try git("merge-tree", "--write-tree", ours.hex, theirs.hex)
    return answer.status == 0 ? ObjectID(hex: answer.line) : nil
  }
}

/// A file, a link with its target, or a submodule with the hex id of its commit.
struct FileState: Hashable {
  var mode: FileMode
  var content: String
}
