import Glibc

/// What tells whether anybody but us has touched a file or folder: everything that leads to another mark needs the kernel,
/// which sets the time of a change itself. A command can set every other time, but not this one.
struct FileMark: Hashable, Sendable {
  let inode: UInt64
  /// Type and rights.
  let mode: UInt32
  let size: Int64
  let change: Moment

  struct Moment: Hashable, Comparable, Sendable {
    let seconds: Int
    let nanoseconds: Int

    init(_ time: timespec) {
      seconds = time.tv_sec
      nanoseconds = time.tv_nsec
    }

    static func < (left: Moment, right: Moment) -> Bool {
      (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
  }

  init(_ status: stat) {
    inode = UInt64(status.st_ino)
    mode = status.st_mode
    size = Int64(status.st_size)
    change = Moment(status.st_ctim)
  }

  var type: mode_t { mode & S_IFMT }
  var isFolder: Bool { type == S_IFDIR }
  /// What its owner, group and the others may.
  var rights: mode_t { mode & 0o777 }
}
