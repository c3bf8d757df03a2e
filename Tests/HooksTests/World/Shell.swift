import Glibc
import Processes

/// What a finished program said.
struct Finished: Sendable {
  let exit: Exit
  let output: String
  let errors: String

  var isSuccess: Bool { exit.isSuccess }
}

/// Programs run with a fixed environment, as tests need them.
enum Shell {
  static let environment = [
    "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME=/nonexistent", "LC_ALL=C.UTF-8",
    "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.org",
    "GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.org", "GIT_AUTHOR_DATE=1700000000 +0000",
    "GIT_COMMITTER_DATE=1700000000 +0000", "GIT_TERMINAL_PROMPT=0",
  ]

  static func run(
    _ arguments: [String], in folder: String, input: [UInt8] = [], environment more: [String] = []
  ) throws -> Finished {
    let running = try Running(arguments, in: folder, input: input, environment: more)
    return try running.finish()
  }
}

/// A program that runs while the test does something else.
final class Running {
  private var child: ChildProcess
  private let output: Descriptor
  private let errors: Descriptor
  private var seen = ""

  init(_ arguments: [String], in folder: String, input: [UInt8] = [], environment more: [String] = []) throws {
    signal(SIGPIPE, SIG_IGN)
    let names = Set(more.map { $0.prefix { $0 != "=" } })
    let kept = Shell.environment.filter { !names.contains($0.prefix { $0 != "=" }) }
    let messages = try Descriptor.pipe()
    // Files rather than pipes: neither side ever waits for the other.
    let source = try Self.temporaryFile()
    try source.write(input)
    lseek(source.number, 0, SEEK_SET)
    output = try Self.temporaryFile()
    var command = Command("/usr/bin/env", arguments, environment: kept + more, directory: folder)
    command.hasOwnSession = true
    child = try ChildProcess(
      command, descriptors: [source.number, output.number, messages.writing.number])
    errors = messages.keepReading()
  }

  /// Reads standard error up to the first line that holds `text`; nil where it ends before.
  func line(with text: String) throws -> String? {
    while true {
      if let line = seen.split(separator: "\n").first(where: { $0.contains(text) }) { return String(line) }
      let chunk = try errors.read(max: 65_536)
      guard !chunk.isEmpty else { return nil }
      seen += String(decoding: chunk, as: UTF8.self)
    }
  }

  func finish() throws -> Finished {
    seen += String(decoding: try errors.readAll(max: 64 << 20) ?? [], as: UTF8.self)
    let exit = child.wait()
    lseek(output.number, 0, SEEK_SET)
    let text = String(decoding: try output.readAll(max: 64 << 20) ?? [], as: UTF8.self)
    return Finished(exit: exit, output: text, errors: seen)
  }

  private static func temporaryFile() throws -> Descriptor {
    var template = Array("/tmp/sluice-file-XXXXXX".utf8CString)
    let number = mkstemp(&template)
    guard number >= 0 else { throw SystemError("mkstemp") }
    unlink(template)
    return Descriptor(owning: number)
  }

  func kill() { child.signal(SIGKILL) }
}
