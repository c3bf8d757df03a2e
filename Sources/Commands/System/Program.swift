import Glibc
import Processes

/// What a program printed and how it ended.
struct ProgramAnswer: Sendable {
  let exit: Exit
  let output: [UInt8]
  let errors: [UInt8]

  var text: String { String(decoding: output, as: UTF8.self) }
  /// The first line of the output, without its line end.
  var line: String { text.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? "" }
  /// What it said on standard error, for a sentence of ours.
  var complaint: String {
    let lines = String(decoding: errors, as: UTF8.self).split(separator: "\n")
    let first = lines.first { $0.hasPrefix("fatal:") || $0.hasPrefix("error:") } ?? lines.first ?? "it said nothing"
    return String(first)
  }
}

/// Runs programs for a command, in the caller's environment or a part of it.
enum Program {
  /// Bytes kept of each stream; a program that prints more is ended.
  static let outputMax = 256 << 20

  /// Runs a program to its end, feeding `input` and collecting both streams.
  static func run(
    _ executable: String, _ arguments: [String], environment: [String], directory: String? = nil, input: [UInt8] = []
  ) throws(SystemError) -> ProgramAnswer {
    let command = Command(executable, arguments, environment: environment, directory: directory)
    var feed = try Descriptor.pipe()
    var output = try Descriptor.pipe()
    var errors = try Descriptor.pipe()
    var child = try ChildProcess(
      command, descriptors: [feed.reading.number, output.writing.number, errors.writing.number])
    feed.reading = try Descriptor(opening: "/dev/null", O_RDONLY)
    output.writing = try Descriptor(opening: "/dev/null", O_WRONLY)
    errors.writing = try Descriptor(opening: "/dev/null", O_WRONLY)
    var exchange = Exchange(input: input)
    try exchange.run(feeding: feed.writing.number, output: output.reading.number, errors: errors.reading.number) {
      feed.writing = Descriptor(owning: -1)
    }
    return ProgramAnswer(exit: child.wait(), output: exchange.output, errors: exchange.errors)
  }

  /// Runs a program on our own standard streams.
  static func attend(
    _ executable: String, _ arguments: [String], environment: [String], directory: String? = nil,
    outputTo descriptor: Int32 = STDOUT_FILENO
  ) throws(SystemError) -> Exit {
    let command = Command(executable, arguments, environment: environment, directory: directory)
    var child = try ChildProcess(command, descriptors: [STDIN_FILENO, descriptor, STDERR_FILENO])
    return child.wait()
  }

  /// The absolute path of a program by the caller's `PATH`; nil where there is none.
  static func find(_ name: String) -> String? {
    let path = Environment.value("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
    for folder in path.split(separator: ":") where folder.hasPrefix("/") {
      let candidate = "\(folder)/\(name)"
      if Disk.kind(following: candidate) == .file, access(candidate, X_OK) == 0 { return candidate }
    }
    return nil
  }
}

/// Feeds a child and listens to it at the same time, so that neither waits for the other for ever.
private struct Exchange {
  var input: ArraySlice<UInt8>
  var output: [UInt8] = []
  var errors: [UInt8] = []

  init(input: [UInt8]) { self.input = input[...] }

  mutating func run(
    feeding feed: Int32, output: Int32, errors: Int32, closeFeed: () -> Void
  ) throws(SystemError) {
    _ = fcntl(feed, F_SETFL, O_NONBLOCK)
    var isFeeding = true
    var isOpen = [true, true]
    while isOpen.contains(true) {
      if isFeeding, input.isEmpty {
        closeFeed()
        isFeeding = false
      }
      var waits = [
        pollfd(fd: isOpen[0] ? output : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: isOpen[1] ? errors : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: isFeeding ? feed : -1, events: Int16(POLLOUT), revents: 0),
      ]
      guard poll(&waits, 3, -1) >= 0 || errno == EINTR else { throw SystemError("cannot wait for a program") }
      if waits[0].revents != 0 { isOpen[0] = try Self.take(output, into: &self.output) }
      if waits[1].revents != 0 { isOpen[1] = try Self.take(errors, into: &self.errors) }
      if waits[2].revents != 0, isFeeding { give(to: feed) }
    }
  }

  private mutating func give(to feed: Int32) {
    let count = input.withUnsafeBytes { Glibc.write(feed, $0.baseAddress, $0.count) }
    if count > 0 {
      input = input.dropFirst(count)
    } else if errno != EAGAIN && errno != EINTR {
      // The child does not want more; its exit says whether that is right.
      input = []
    }
  }

  private static func take(_ number: Int32, into bytes: inout [UInt8]) throws(SystemError) -> Bool {
    let chunk = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, filled in
      filled = max(0, read(number, buffer.baseAddress, 65_536))
    }
    bytes += chunk
    guard bytes.count <= Program.outputMax else { throw SystemError("a program printed too much", code: EFBIG) }
    return !chunk.isEmpty
  }
}
