import Glibc
import Processes

extension Folder {
  /// The mark of what stands under a name; nil where nothing does.
  borrowing func mark(of name: [UInt8]) -> FileMark? {
    var status = stat()
    guard fstatat(descriptor.number, cName(name), &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
    return FileMark(status)
  }

  /// The mark of the folder itself.
  borrowing func mark() throws(SystemError) -> FileMark {
    var status = stat()
    guard fstat(descriptor.number, &status) == 0 else { throw SystemError("cannot look at a folder") }
    return FileMark(status)
  }

  /// Sets what its owner, group and the others may do with the folder.
  borrowing func setRights(_ rights: mode_t) throws(SystemError) {
    guard fchmod(descriptor.number, rights) == 0 else { throw SystemError("cannot set the mode of a folder") }
  }

  /// Copies a file or link from another folder; the name is free here. Content, rights and time are the same afterwards.
  ///
  /// - Returns: the mark of the copy.
  borrowing func copy(_ name: [UInt8], from source: borrowing Folder) throws(SystemError) -> FileMark {
    let path = cName(name)
    let opened = openat(source.descriptor.number, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    if opened < 0, errno == ELOOP {
      try writeLink(name, to: try source.linkTarget(name))
    } else {
      try check(opened, "cannot open", name)
      try copyFile(name, from: Descriptor(owning: opened))
    }
    guard let mark = mark(of: name) else { throw SystemError("cannot find \(Self.text(name)), which was just written") }
    return mark
  }

  private borrowing func copyFile(_ name: [UInt8], from source: borrowing Descriptor) throws(SystemError) {
    var status = stat()
    try check(fstat(source.number, &status), "cannot look at", name)
    guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError("no file: \(Self.text(name))", code: EINVAL) }
    let opened = openat(descriptor.number, cName(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    try check(opened, "cannot create", name)
    let file = Descriptor(owning: opened)
    let chunk = min(Int(status.st_size) + 1, 1 << 20)
    while case let bytes = try source.read(max: chunk), !bytes.isEmpty { try file.write(bytes) }
    if let owner { try check(fchown(opened, owner.uid, owner.gid), "cannot give away", name) }
    try check(fchmod(opened, status.st_mode & 0o777), "cannot set the mode of", name)
    let times = [status.st_mtim, status.st_mtim]
    try check(futimens(opened, times), "cannot set the time of", name)
  }

  private borrowing func linkTarget(_ name: [UInt8]) throws(SystemError) -> [UInt8] {
    var failure: Int32 = 0
    let max = Int(PATH_MAX)
    let target = [UInt8](unsafeUninitializedCapacity: max) { buffer, filled in
      let count = buffer.withMemoryRebound(to: CChar.self) { characters in
        characters.baseAddress.map { readlinkat(descriptor.number, cName(name), $0, max) } ?? -1
      }
      if count < 0 { failure = errno }
      filled = Swift.max(count, 0)
    }
    guard failure == 0 else { throw SystemError("cannot read the link \(Self.text(name))", code: failure) }
    return target
  }
}

extension Folder {
  /// Gives the owner back the right to read what a command has made, with everything inside.
  borrowing func makeReadable(_ name: [UInt8], depthMax: Int) throws(SystemError) {
    guard let mark = mark(of: name) else { return }
    let wanted: mode_t
    switch mark.type {
    case S_IFDIR: wanted = 0o700
    case S_IFREG: wanted = 0o400
    default: return
    }
    if mark.rights & wanted != wanted {
      try check(fchmodat(descriptor.number, cName(name), mark.rights | wanted, 0), "cannot set the mode of", name)
    }
    guard mark.isFolder, let inner = existingFolder(name) else { return }
    guard depthMax > 0 else { throw SystemError("setup made folders too deep", code: ENAMETOOLONG) }
    for entry in try inner.names() { try inner.makeReadable(entry, depthMax: depthMax - 1) }
  }
}
