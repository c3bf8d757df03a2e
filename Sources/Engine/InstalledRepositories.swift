import Domain
import Glibc
import Processes

/// The repositories with Sluice in them below a folder.
///
/// - Bound: `depth` levels, `foldersMax` folders; no link is followed, and nothing below a repository is looked at.
package struct InstalledRepositories: Sendable {
  /// Absolute paths, in no order.
  package private(set) var paths: [String] = []
  /// Whether there were more folders than are looked at.
  package private(set) var isCutShort = false

  package static let foldersMax = 50_000

  /// Looks below an absolute path without links.
  package init(below root: String, depth: Int) {
    var level = [root]
    var folders = 0
    for distance in 0...depth {
      var next: [String] = []
      for folder in level {
        folders += 1
        guard folders <= Self.foldersMax else {
          isCutShort = true
          return
        }
        guard !Self.isRepository(folder) else {
          if Self.isFolder(StatePaths(repository: folder).state) { paths.append(folder) }
          continue
        }
        guard distance < depth else { continue }
        next += FolderNames.all(in: folder).map { folder == "/" ? "/\($0)" : "\(folder)/\($0)" }.filter(Self.isFolder)
      }
      level = next
    }
  }

  /// What git takes for a repository: `HEAD`, `objects` and `refs` beside one another.
  private static func isRepository(_ folder: String) -> Bool {
    var status = stat()
    return lstat("\(folder)/HEAD", &status) == 0 && isFolder("\(folder)/objects") && isFolder("\(folder)/refs")
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Who owns a repository's state; nil where there is none.
  package static func owner(of repository: String) -> UInt32? {
    var status = stat()
    guard lstat(StatePaths(repository: repository).state, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      return nil
    }
    return status.st_uid
  }
}
