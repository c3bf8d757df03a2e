import Glibc
import Processes

/// To whom written files are given; nil where the caller already is that user.
struct FileOwner: Hashable, Sendable {
  let uid: UInt32
  let gid: UInt32
}

/// An open folder: everything is done relative to it, and nothing follows a symbolic link out of it.
struct Folder: ~Copyable {
  let descriptor: Descriptor
  let owner: FileOwner?

  /// Opens a folder by path.
  init(opening path: String, owner: FileOwner?) throws(SystemError) {
    descriptor = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    self.owner = owner
  }

  private init(owning descriptor: consuming Descriptor, owner: FileOwner?) {
    self.descriptor = descriptor
    self.owner = owner
  }

  /// Opens a folder inside; nil where it is none.
  borrowing func existingFolder(_ name: [UInt8]) -> Folder? {
    let opened = openat(descriptor.number, cName(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    return opened >= 0 ? Folder(owning: Descriptor(owning: opened), owner: owner) : nil
  }

  /// Makes a folder that must not be there yet and opens it.
  borrowing func makeFolder(_ name: [UInt8]) throws(SystemError) -> Folder {
    try check(mkdirat(descriptor.number, cName(name), 0o755), "cannot make the folder", name)
    let opened = openat(descriptor.number, cName(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    try check(opened, "cannot open the folder", name)
    let folder = Folder(owning: Descriptor(owning: opened), owner: owner)
    // The caller's umask may have taken rights away.
    try check(fchmod(opened, 0o755), "cannot set the mode of", name)
    if let owner { try check(fchown(opened, owner.uid, owner.gid), "cannot give away", name) }
    return folder
  }

  /// Opens a folder, and makes it where it is not there.
  borrowing func folder(_ name: [UInt8]) throws(SystemError) -> Folder {
    if let there = existingFolder(name) { return there }
    return try makeFolder(name)
  }

  /// Writes a file that must not be there yet.
  borrowing func writeFile(_ name: [UInt8], _ bytes: [UInt8], isExecutable: Bool) throws(SystemError) {
    let mode: mode_t = isExecutable ? 0o755 : 0o644
    let opened = openat(descriptor.number, cName(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
    try check(opened, "cannot create", name)
    let file = Descriptor(owning: opened)
    if !bytes.isEmpty { try file.write(bytes) }
    try check(fchmod(opened, mode), "cannot set the mode of", name)
    if let owner { try check(fchown(opened, owner.uid, owner.gid), "cannot give away", name) }
  }

  /// Writes a symbolic link as it is; nothing is followed.
  borrowing func writeLink(_ name: [UInt8], to target: [UInt8]) throws(SystemError) {
    try check(symlinkat(cName(target), descriptor.number, cName(name)), "cannot make the link", name)
    guard let owner else { return }
    let given = fchownat(descriptor.number, cName(name), owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW)
    try check(given, "cannot give away", name)
  }

  /// What hides the entries of its name in the layers below.
  enum Whiteout: Sendable {
    /// A character device 0:0, which overlays know, and which needs no privilege.
    case device
    /// A named pipe: where overlays cannot be mounted, such devices need not be allowed either.
    case pipe
  }

  /// Writes the entry that hides `name` in the layers below.
  borrowing func writeWhiteout(_ name: [UInt8], as whiteout: Whiteout) throws(SystemError) {
    let type = whiteout == .device ? S_IFCHR : S_IFIFO
    try check(mknodat(descriptor.number, cName(name), type, 0), "cannot make a whiteout for", name)
  }

  /// Moves an entry to another folder; the new name is free there.
  borrowing func move(_ old: [UInt8], to new: [UInt8], in target: borrowing Folder) throws(SystemError) {
    let result = renameat(descriptor.number, cName(old), target.descriptor.number, cName(new))
    try check(result, "cannot rename", old)
  }

  /// Moves an entry that a command has made, which may have taken even its owner's rights away.
  borrowing func forcedMove(_ old: [UInt8], to new: [UInt8], in target: borrowing Folder) throws(SystemError) {
    if renameat(descriptor.number, cName(old), target.descriptor.number, cName(new)) == 0 { return }
    let code = errno
    var status = stat()
    // A folder that gets another parent has to be writable itself, for the moment.
    if code == EACCES, fstatat(descriptor.number, cName(old), &status, AT_SYMLINK_NOFOLLOW) == 0,
      status.st_mode & S_IFMT == S_IFDIR
    {
      fchmodat(descriptor.number, cName(old), 0o700, 0)
      try move(old, to: new, in: target)
      fchmodat(target.descriptor.number, cName(new), status.st_mode & 0o7777, 0)
    } else {
      throw SystemError("cannot rename \(Self.text(old))", code: code)
    }
  }

  /// What stands under a name, as the file type bits of a mode; nil where nothing does.
  borrowing func kind(of name: [UInt8]) -> mode_t? {
    var status = stat()
    guard fstatat(descriptor.number, cName(name), &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
    return status.st_mode & S_IFMT
  }

  /// Sets the folder's own time to now.
  borrowing func touch() throws(SystemError) {
    guard futimens(descriptor.number, nil) == 0 else { throw SystemError("cannot touch a folder") }
  }

  /// The folder's own time, by the clock of the file system.
  borrowing func modificationTime() -> FileMark.Moment? {
    var status = stat()
    return fstat(descriptor.number, &status) == 0 ? FileMark.Moment(status.st_mtim) : nil
  }

  /// Removes a file or a link; false where it is a folder. What is not there is no error.
  borrowing func removeFile(_ name: [UInt8]) throws(SystemError) -> Bool {
    if unlinkat(descriptor.number, cName(name), 0) == 0 || errno == ENOENT { return true }
    guard errno == EISDIR || errno == EPERM else { throw SystemError("cannot remove \(Self.text(name))") }
    return false
  }

  /// Removes a folder where it is empty; says whether it did.
  @discardableResult
  borrowing func removeEmptyFolder(_ name: [UInt8]) -> Bool {
    unlinkat(descriptor.number, cName(name), AT_REMOVEDIR) == 0
  }

  /// Opens a folder of a finished command, which may have taken even its owner's rights away.
  borrowing func forcedFolder(_ name: [UInt8]) throws(SystemError) -> Folder {
    if existingFolder(name) == nil { fchmodat(descriptor.number, cName(name), 0o700, 0) }
    guard let folder = existingFolder(name) else { throw SystemError("cannot open \(Self.text(name))") }
    fchmod(folder.descriptor.number, 0o700)
    return folder
  }

  /// The names inside, in no order.
  borrowing func names() throws(SystemError) -> [[UInt8]] { try list().map(\.name) }

  /// The names inside with what stands under them, as the file type bits of a mode; in no order.
  borrowing func entries() throws(SystemError) -> [(name: [UInt8], type: mode_t)] {
    try list().compactMap { name, type in
      // Not every file system tells types with names; 0 says so.
      (type == 0 ? kind(of: name) : mode_t(type) << 12).map { (name, $0) }
    }
  }

  private borrowing func list() throws(SystemError) -> [(name: [UInt8], type: UInt8)] {
    let copy = fcntl(descriptor.number, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0, let stream = fdopendir(copy) else { throw SystemError("cannot list a folder") }
    defer { closedir(stream) }
    rewinddir(stream)
    var found: [(name: [UInt8], type: UInt8)] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != [UInt8(ascii: ".")], name != Array("..".utf8) { found.append((name, entry.pointee.d_type)) }
    }
    return found
  }

  enum FileContent {
    case bytes([UInt8])
    case tooLarge
    case notAFile
  }

  /// Reads a plain file of at most `max` bytes; a link is not followed, and a pipe not waited for.
  borrowing func readFile(_ name: [UInt8], max: Int) throws(SystemError) -> FileContent {
    let opened = openat(descriptor.number, cName(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard opened >= 0 else { return .notAFile }
    let file = Descriptor(owning: opened)
    var status = stat()
    guard fstat(file.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return .notAFile }
    guard status.st_size <= max else { return .tooLarge }
    // At once where it stays as it is: a large file must not be in memory twice.
    var bytes = try file.read(max: status.st_size + 1)
    while !bytes.isEmpty, bytes.count <= max {
      let more = try file.read(max: 65_536)
      if more.isEmpty { break }
      bytes += more
    }
    return bytes.count <= max ? .bytes(bytes) : .tooLarge
  }

  func check(_ result: Int32, _ step: String, _ name: [UInt8]) throws(SystemError) {
    guard result < 0 else { return }
    let code = errno
    throw SystemError("\(step) \(Self.text(name))", code: code)
  }

  static func text(_ name: [UInt8]) -> String { String(decoding: name, as: UTF8.self) }
}

func cName(_ name: [UInt8]) -> [CChar] { name.map(CChar.init(bitPattern:)) + [0] }
