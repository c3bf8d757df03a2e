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
    var exchange = Exchange(sending: bytes, outputMax: outputMax)
    do { try exchange.run(feeding: &input, output: output, messages: errors) } catch {
      throw error.code == EFBIG ? .tooMuchOutput(what: what, max: outputMax) : .system(error)
    }
    return GitResult(exit: process.wait(), output: exchange.output, messages: Self.text(exchange.messages))
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

  private static func text(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").joined(separator: "; ")
  }
}
