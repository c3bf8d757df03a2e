import Glibc
import Processes

/// Files and folders, with the modes and the durability that a server's state needs.
enum Disk {
  enum Kind: Hashable, Sendable { case file, folder, link, fifo, other }

  struct Status: Hashable, Sendable {
    let kind: Kind
    /// The permission bits.
    let mode: UInt32
    let owner: UInt32
    let group: UInt32
    let size: Int64
    /// Seconds since 1970.
    let changedAt: Int64
  }

  /// What stands at a path, a link itself and not what it points at; nil where there is nothing or it cannot be seen.
  static func status(_ path: String) -> Status? {
    var status = stat()
    return lstat(path, &status) == 0 ? Status(status) : nil
  }

  static func status(following path: String) -> Status? {
    var status = stat()
    return stat(path, &status) == 0 ? Status(status) : nil
  }

  static func kind(_ path: String) -> Kind? { status(path)?.kind }
  static func kind(following path: String) -> Kind? { status(following: path)?.kind }

  /// The path without links, `.` and `..`; nil where it does not exist.
  static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  static func workingDirectory() -> String? {
    guard let path = getcwd(nil, 0) else { return nil }
    defer { free(path) }
    return String(cString: path)
  }

  /// The text of a link; nil where there is no link.
  static func linkText(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 4_097)
    let count = readlink(path, &buffer, 4_096)
    return count < 0 ? nil : String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The names in a folder, sorted; none where it is not there.
  static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  static func read(_ path: String, max: Int) throws(CommandFailure) -> [UInt8] {
    do {
      let file = try Descriptor(opening: path, O_RDONLY)
      guard let bytes = try file.readAll(max: max) else {
        throw CommandFailure.refused("\(path) is larger than \(max) bytes")
      }
      return bytes
    } catch let failure as CommandFailure {
      throw failure
    } catch let error as SystemError {
      throw .unreachable("cannot read \(path): \(String(cString: strerror(error.code)))")
    } catch {
      throw .unreachable("cannot read \(path)")
    }
  }

  /// Replaces a file in one step: whoever reads sees the old content or the new, also after a crash.
  static func replace(_ path: String, with bytes: [UInt8], mode: UInt32) throws(CommandFailure) {
    let temporary = "\(path).new"
    do {
      let file = try Descriptor(opening: temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: mode)
      try file.write(bytes)
      fsync(file.number)
    } catch {
      throw .unreachable("cannot write \(temporary): \(String(cString: strerror(error.code)))")
    }
    try rename(temporary, to: path)
  }

  static func rename(_ old: String, to new: String) throws(CommandFailure) {
    guard Glibc.rename(old, new) == 0 else { throw failure("cannot rename \(old) to \(new)") }
  }

  static func remove(_ path: String) throws(CommandFailure) {
    guard unlink(path) == 0 || errno == ENOENT else { throw failure("cannot remove \(path)") }
  }

  /// Makes the names in a folder durable.
  static func sync(folder: String) throws(CommandFailure) {
    do {
      let descriptor = try Descriptor(opening: folder, O_RDONLY | O_DIRECTORY)
      fsync(descriptor.number)
    } catch {
      throw .unreachable("cannot open \(folder): \(String(cString: strerror(error.code)))")
    }
  }

  static func failure(_ what: String) -> CommandFailure {
    .unreachable("\(what): \(String(cString: strerror(errno)))")
  }
}

extension Disk.Status {
  fileprivate init(_ status: stat) {
    let kind: Disk.Kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      case S_IFLNK: .link
      case S_IFIFO: .fifo
      default: .other
      }
    self.init(
      kind: kind, mode: status.st_mode & 0o7777, owner: status.st_uid, group: status.st_gid,
      size: Int64(status.st_size),
      changedAt: Int64(status.st_mtim.tv_sec))
  }
}
