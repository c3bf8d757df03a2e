package import Domain
import Glibc
import Processes

/// What processes that were killed have left in Sluice's own folders.
package enum Leftovers {
  /// No push takes that long between two of its steps.
  private static let secondsMin: Int64 = 3_600

  /// Removes what is old in the folders for a moment, and locks on Sluice's refs whose owners are gone.
  ///
  /// - Returns: how many files were removed.
  @discardableResult
  package static func remove(from place: StatePaths, at now: WallClock) -> Int {
    var removed = 0
    for folder in [place.admitted, place.scratch] {
      for name in FolderNames.all(in: folder) {
        let path = "\(folder)/\(name)"
        guard isOld(path, now) else { continue }
        // A folder of ours holds files only.
        for file in FolderNames.all(in: path) { unlink("\(path)/\(file)") }
        if unlink(path) == 0 || rmdir(path) == 0 { removed += 1 }
      }
    }
    return removed + removeLocks(below: "refs/sluice", in: place.repository, depth: 0)
  }

  private static func isOld(_ path: String, _ now: WallClock) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && now.seconds - Int64(status.st_mtim.tv_sec) >= secondsMin
  }

  private static func removeLocks(below folder: String, in repository: String, depth: Int) -> Int {
    guard depth < 16 else { return 0 }
    var removed = 0
    for name in FolderNames.all(in: "\(repository)/\(folder)") {
      let path = "\(folder)/\(name)"
      if name.hasSuffix(".lock") {
        if AbandonedLock.remove(from: String(path.dropLast(5)), in: repository) { removed += 1 }
      } else {
        removed += removeLocks(below: path, in: repository, depth: depth + 1)
      }
    }
    return removed
  }
}
