import Domain
import Glibc
import Processes

/// Lock files of refs that a killed process of ours has left.
///
/// A lock that we take is held by `flock` as long as we live and says whose it is; git's own locks are never touched.
enum AbandonedLock {
  static let mark = Array("sluice\n".utf8)

  /// Removes a lock file whose owner is gone; false where it is git's, or its owner lives.
  static func remove(_ path: String) -> Bool {
    do {
      let file = try Descriptor(opening: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
      guard file.read(max: 64, at: 0) == mark, flock(file.number, LOCK_EX | LOCK_NB) == 0 else { return false }
      // Whoever removes the name holds this lock: what stands there now is what was opened, or is somebody else's.
      var opened = stat()
      var present = stat()
      guard fstat(file.number, &opened) == 0, stat(path, &present) == 0 else { return true }
      guard opened.st_ino == present.st_ino, opened.st_dev == present.st_dev else { return false }
      return unlink(path) == 0
    } catch { return error.code == ENOENT }
  }
}
