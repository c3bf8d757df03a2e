import Glibc
import Processes

/// A file under a name for a moment, whose content is on its way to the disk; it is removed where it gets no other name.
final class StagedFile {
  let path: String
  private let file: Descriptor
  private var isPlaced = false

  /// Writes the file and begins to write it out, so that several can be on their way at once.
  ///
  /// - Parameter start: what its name begins with.
  init(_ start: String, _ content: [UInt8], mode: UInt32) throws(SystemError) {
    // Processes of several containers on one repository may have the same number.
    path = start + String(UInt64.random(in: .min ... .max), radix: 36)
    file = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
    try file.write(content)
    file.beginWriteOut()
  }

  /// Waits until the content is on the disk.
  ///
  /// - Parameter leavesSync: whether the caller makes the file system durable afterwards.
  func settle(leavesSync: Bool) throws(SystemError) {
    if leavesSync { try file.writeOut() } else { try file.sync() }
  }

  /// Gives the file its name, in place of what has it, once.
  func place(at name: String) throws(SystemError) {
    guard !isPlaced else { return }
    guard rename(path, name) == 0 else { throw SystemError("cannot rename \(path)") }
    isPlaced = true
  }

  /// Gives the file a name beside the one it has; where that is taken it throws `EEXIST`.
  func add(at name: String) throws(SystemError) {
    guard link(path, name) == 0 else { throw SystemError("cannot make \(name)") }
  }

  /// Shows `AbandonedLock` that the file's owner lives, for as long as it does.
  func hold() throws(SystemError) {
    guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else { throw SystemError("cannot lock \(path)") }
  }

  deinit { if !isPlaced { unlink(path) } }
}
