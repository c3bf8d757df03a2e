import Glibc
import Processes

/// The right to be the one engine of a repository: an exclusive `flock` on `sluice/worker.lock`, held as long as this lives.
struct Lease: ~Copyable {
  private let file: Descriptor

  private init(_ file: consuming Descriptor) { self.file = file }

  /// Takes the lease; nil where another engine holds it.
  ///
  /// A hook that asks whether the lease is free holds it for an instant, so a refusal is asked again for a moment.
  static func take(_ path: String) throws(SystemError) -> Lease? {
    let file = try Descriptor(opening: path, O_RDWR | O_CREAT, mode: 0o600)
    for attempt in 0..<20 {
      if flock(file.number, LOCK_EX | LOCK_NB) == 0 { return Lease(file) }
      guard errno == EWOULDBLOCK || errno == EINTR else { throw SystemError("cannot lock \(path)") }
      if attempt < 19 { usleep(5_000) }
    }
    return nil
  }

  /// Whether a path still names the file that was locked: a repository that was removed and made anew has another.
  func isOn(_ path: String) -> Bool {
    var named = stat()
    var locked = stat()
    return stat(path, &named) == 0 && fstat(file.number, &locked) == 0
      && named.st_dev == locked.st_dev && named.st_ino == locked.st_ino
  }
}
