import CProcesses
import Glibc

/// An open file descriptor with one owner; it is closed when the owner is gone.
package struct Descriptor: ~Copyable {
  package let number: Int32

  /// Takes over an open descriptor.
  package init(owning number: Int32) { self.number = number }

  /// Opens a file, close-on-exec.
  package init(opening path: String, _ flags: Int32, mode: UInt32 = 0o600) throws(SystemError) {
    if flags & O_CREAT != 0, let code = failpointError() {
      number = -1
      throw SystemError("cannot open \(path)", code: code)
    }
    number = open(path, flags | O_CLOEXEC, mode)
    guard number >= 0 else { throw SystemError("cannot open \(path)") }
  }

  /// A pipe, close-on-exec at both ends.
  package static func pipe() throws(SystemError) -> Pipe {
    var ends: [Int32] = [0, 0]
    let result = sluice_pipe(&ends)
    guard result == 0 else { throw SystemError("cannot make a pipe", code: -result) }
    return Pipe(reading: Descriptor(owning: ends[0]), writing: Descriptor(owning: ends[1]))
  }

  /// A file in memory that holds bytes, open at its beginning: a reader takes as much as it likes, and nobody waits.
  package static func inMemory(holding bytes: [UInt8]) throws(SystemError) -> Descriptor {
    let number = sluice_memory_file()
    guard number >= 0 else { throw SystemError("cannot make a file in memory", code: -number) }
    let file = Descriptor(owning: number)
    try file.write(bytes)
    guard lseek(number, 0, SEEK_SET) == 0 else { throw SystemError("cannot go to the beginning of a file") }
    return file
  }

  /// Writes all bytes. A reader that is gone is an error, not a signal, where SIGPIPE is ignored.
  package borrowing func write(_ bytes: some Sequence<UInt8>) throws(SystemError) {
    let bytes = Array(bytes)
    if let code = failpointError() { throw SystemError("cannot write", code: code) }
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(number, $0.baseAddress?.advanced(by: written), bytes.count - written)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw SystemError("cannot write")
      }
      written += count
    }
  }

  /// Reads at most `max` bytes; an empty answer is the end.
  package borrowing func read(max: Int) throws(SystemError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: max) { buffer, filled in
      var count = -1
      repeat { count = Glibc.read(number, buffer.baseAddress, max) } while count < 0 && errno == EINTR
      if count < 0 { failure = errno }
      filled = Swift.max(count, 0)
    }
    guard failure == 0 else { throw SystemError("cannot read", code: failure) }
    return bytes
  }

  /// Reads at most `max` bytes from a place in the file, without moving; nil where that fails.
  package borrowing func read(max: Int, at offset: UInt64) -> [UInt8]? {
    guard let offset = Int(exactly: offset) else { return nil }
    var isRead = false
    let bytes = [UInt8](unsafeUninitializedCapacity: max) { buffer, filled in
      var count = -1
      repeat { count = pread(number, buffer.baseAddress, max, offset) } while count < 0 && errno == EINTR
      isRead = count >= 0
      filled = Swift.max(count, 0)
    }
    return isRead ? bytes : nil
  }

  /// Reads to the end; nil where there is more than `max` bytes.
  package borrowing func readAll(max: Int) throws(SystemError) -> [UInt8]? {
    var bytes: [UInt8] = []
    while true {
      let chunk = try read(max: 65_536)
      if chunk.isEmpty { return bytes }
      bytes += chunk
      if bytes.count > max { return nil }
    }
  }

  /// Begins to write the file's content to the disk, and does not wait.
  package borrowing func beginWriteOut() { _ = sluice_begin_write_out(number) }

  /// Writes the file's content to the disk, so that a name it gets afterwards never stands for an empty file.
  ///
  /// It is not durable before the file system is synced.
  package borrowing func writeOut() throws(SystemError) {
    // Not every file system knows the short way.
    guard sluice_write_out(number) != 0 else { return }
    try sync()
  }

  /// Makes the file's content durable.
  package borrowing func sync() throws(SystemError) {
    if let code = failpointError() { throw SystemError("cannot sync a file", code: code) }
    guard fsync(number) == 0 else { throw SystemError("cannot sync a file") }
  }

  /// Makes everything written to the file system that holds this descriptor durable.
  package borrowing func syncFileSystem() throws(SystemError) {
    if let code = failpointError() { throw SystemError("cannot sync the file system", code: code) }
    let result = sluice_syncfs(number)
    guard result == 0 else { throw SystemError("cannot sync the file system", code: -result) }
  }

  deinit { close(number) }
}

/// The two ends of a pipe.
package struct Pipe: ~Copyable {
  package var reading: Descriptor
  package var writing: Descriptor

  /// Keeps the reading end and closes the writing one, so that the pipe ends when the other writers are gone.
  package consuming func keepReading() -> Descriptor { reading }

  /// Keeps the writing end and closes the other.
  package consuming func keepWriting() -> Descriptor { writing }
}
