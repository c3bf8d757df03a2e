import Glibc
import Processes

/// A folder for a moment, readable by us alone; it is removed with everything in it when this is gone.
struct ScratchFolder: ~Copyable {
  let path: String

  init() throws(CommandFailure) {
    var template = Array("\(Environment.value("TMPDIR") ?? "/tmp")/sluice.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Disk.failure("cannot make a folder for scratch files") }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit { _ = try? Program.run("/bin/rm", ["-rf", "--", path], environment: []) }
}
