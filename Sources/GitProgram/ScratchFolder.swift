import Glibc
import Processes

/// A folder for a moment; it is removed, with the files in it, when its owner is gone.
struct ScratchFolder: ~Copyable {
  let path: String

  init(in parent: String) throws(SystemError) {
    mkdir(parent, 0o700)
    var template = Array((parent + "/tmp-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("cannot make a folder in \(parent)") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    if let stream = opendir(path) {
      while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        unlink("\(path)/\(name)")
      }
      closedir(stream)
    }
    rmdir(path)
  }
}
