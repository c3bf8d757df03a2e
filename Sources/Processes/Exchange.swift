import Glibc

/// Feeds a child and listens to it at the same time, so that neither side waits for the other for ever.
///
/// - Bound: more output than `outputMax` bytes is an error (`EFBIG`); messages beyond `messagesMax` are passed over.
package struct Exchange {
  package private(set) var output: [UInt8] = []
  package private(set) var messages: [UInt8] = []
  private var input: ArraySlice<UInt8>
  private let outputMax: Int
  private let messagesMax: Int

  package init(sending input: [UInt8], outputMax: Int, messagesMax: Int = 65_536) {
    self.input = input[...]
    self.outputMax = outputMax
    self.messagesMax = messagesMax
  }

  /// Sends all input, ends it, and reads until the child has closed its output and its messages.
  ///
  /// A child that does not want the rest of its input is no error: its exit says whether that is right.
  package mutating func run(
    feeding feed: inout Descriptor?, output: borrowing Descriptor, messages: borrowing Descriptor
  ) throws(SystemError) {
    var sink = feed?.number ?? -1
    if sink >= 0 { _ = fcntl(sink, F_SETFL, O_NONBLOCK) }
    var isOpen = (output: true, messages: true)
    while isOpen.output || isOpen.messages {
      if input.isEmpty {
        feed = nil
        sink = -1
      }
      var waits = [
        pollfd(fd: isOpen.output ? output.number : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: isOpen.messages ? messages.number : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: sink, events: Int16(POLLOUT), revents: 0),
      ]
      guard poll(&waits, 3, -1) >= 0 || errno == EINTR else { throw SystemError("cannot wait for a program") }
      if waits[0].revents != 0 {
        let chunk = try output.read(max: 65_536)
        isOpen.output = !chunk.isEmpty
        self.output += chunk
        guard self.output.count <= outputMax else { throw SystemError("a program printed too much", code: EFBIG) }
      }
      if waits[1].revents != 0 {
        let chunk = try messages.read(max: 65_536)
        isOpen.messages = !chunk.isEmpty
        self.messages += chunk.prefix(messagesMax - self.messages.count)
      }
      if waits[2].revents != 0 { give(to: sink) }
    }
    feed = nil
  }

  private mutating func give(to sink: Int32) {
    let count = input.withUnsafeBytes { Glibc.write(sink, $0.baseAddress, $0.count) }
    if count >= 0 {
      input = input.dropFirst(count)
    } else if errno != EAGAIN, errno != EINTR {
      input = []
    }
  }
}
