import Glibc
package import Processes

/// The FIFO through which a hook tells the worker that something has come in: the worker's end.
package struct WakePipe: ~Copyable {
  private let end: Descriptor

  /// Opens the FIFO for both directions, so that writers never meet a pipe without a reader while a worker lives.
  package init(path: String) throws(SystemError) {
    if mkfifo(path, 0o600) != 0, errno != EEXIST { throw SystemError("cannot make \(path)") }
    end = try Descriptor(opening: path, O_RDWR | O_NONBLOCK)
  }

  /// Waits until somebody writes to the FIFO, `other` can be read, or the time is over; empties the FIFO.
  package borrowing func wait(or other: Int32, milliseconds: Int32) {
    var polled = [
      pollfd(fd: end.number, events: Int16(POLLIN), revents: 0), pollfd(fd: other, events: Int16(POLLIN), revents: 0),
    ]
    _ = poll(&polled, 2, milliseconds)
    empty()
  }

  /// What to poll for `POLLIN`, by who waits for several.
  package var descriptor: Int32 { end.number }

  /// Wakes whoever waits at the FIFO, which may be another that has opened it.
  package borrowing func ring() {
    var byte: UInt8 = 1
    // A full pipe has enough bytes in it already.
    _ = write(end.number, &byte, 1)
  }

  /// Takes what has been written.
  package borrowing func empty() {
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while read(end.number, &buffer, buffer.count) > 0 {}
  }
}
