import Domain
import Glibc
import Processes

/// A running git with its three pipes.
struct GitChild: ~Copyable {
  private let what: String
  private var process: ChildProcess
  /// Nil once the input has ended.
  private var input: Descriptor?
  let output: Descriptor
  private let errors: Descriptor

  init(
    _ git: GitProgram, _ arguments: [String], writes: Bool, leavesSync: Bool = false, environment: [String] = []
  ) throws(GitProgramError) {
    what = arguments.first ?? ""
    do {
      let toChild = try Descriptor.pipe()
      let fromChild = try Descriptor.pipe()
      let messages = try Descriptor.pipe()
      process = try ChildProcess(
        git.command(arguments, writes: writes, leavesSync: leavesSync, environment: environment),
        descriptors: [toChild.reading.number, fromChild.writing.number, messages.writing.number])
      input = toChild.keepWriting()
      output = fromChild.keepReading()
      errors = messages.keepReading()
    } catch { throw .system(error) }
  }

  /// Writes to git's standard input; `SIGPIPE` must be ignored.
  mutating func send(_ bytes: [UInt8]) throws(GitProgramError) {
    guard takes(bytes) else { throw ended() }
  }

  private borrowing func takes(_ bytes: [UInt8]) -> Bool {
    switch input {
    case .some(let descriptor):
      do { try descriptor.write(bytes) } catch { return false }
      return true
    case .none: return false
    }
  }

  /// Sends all input and reads all output, both at once, so that neither side waits for the other.
  mutating func finish(sending bytes: [UInt8], outputMax: Int) throws(GitProgramError) -> GitResult {
    var pending = bytes[...]
    var answer: [UInt8] = []
    var messages: [UInt8] = []
    var isOpen = (output: true, errors: true)
    if pending.isEmpty { input = nil }
    while isOpen.output || isOpen.errors {
      let sink = inputNumber
      if sink >= 0 { _ = fcntl(sink, F_SETFL, O_NONBLOCK) }
      var polled = [
        pollfd(fd: isOpen.output ? output.number : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: isOpen.errors ? errors.number : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: sink, events: Int16(POLLOUT), revents: 0),
      ]
      guard poll(&polled, 3, -1) >= 0 || errno == EINTR else { throw .system(SystemError("cannot wait for git")) }
      do {
        if polled[0].revents != 0 {
          let chunk = try output.read(max: 65_536)
          isOpen.output = !chunk.isEmpty
          answer += chunk
        }
        if polled[1].revents != 0 {
          let chunk = try errors.read(max: 65_536)
          isOpen.errors = !chunk.isEmpty
          if messages.count < 65_536 { messages += chunk }
        }
      } catch { throw .system(error) }
      if polled[2].revents != 0 { pending = write(pending, to: sink) }
      guard answer.count <= outputMax else { throw .tooMuchOutput(what: what, max: outputMax) }
    }
    input = nil
    return GitResult(exit: process.wait(), output: answer, messages: Self.text(messages))
  }

  /// Ends the input, waits for the end, and tells what git said on standard error.
  mutating func ended() -> GitProgramError {
    input = nil
    var messages: [UInt8] = []
    do { messages = try errors.readAll(max: 65_536) ?? [] } catch {}
    _ = process.wait()
    return .ended(what: what, message: Self.text(messages))
  }

  /// Ends the input and lets the child end by itself, which nobody waits for.
  consuming func leave() { process.detach() }

  private var inputNumber: Int32 {
    switch input {
    case .some(let descriptor): descriptor.number
    case .none: -1
    }
  }

  /// Writes what the pipe takes; a reader that is gone takes no more, and its exit says why.
  private mutating func write(_ bytes: ArraySlice<UInt8>, to sink: Int32) -> ArraySlice<UInt8> {
    let count = bytes.withUnsafeBytes { Glibc.write(sink, $0.baseAddress, $0.count) }
    if count < 0, errno == EAGAIN || errno == EINTR { return bytes }
    let rest = count < 0 ? [] : bytes.dropFirst(count)
    if rest.isEmpty { input = nil }
    return rest
  }

  private static func text(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").joined(separator: "; ")
  }
}
