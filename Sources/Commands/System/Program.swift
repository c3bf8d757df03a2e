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
  /// Bytes kept of the output; a program that prints more is ended.
  static let outputMax = 256 << 20

  /// Runs a program to its end, feeding `input` and collecting both streams.
  static func run(
    _ executable: String, _ arguments: [String], environment: [String], directory: String? = nil, input: [UInt8] = []
  ) throws(SystemError) -> ProgramAnswer {
    let command = Command(executable, arguments, environment: environment, directory: directory)
    let toChild = try Descriptor.pipe()
    let fromChild = try Descriptor.pipe()
    let messages = try Descriptor.pipe()
    var child = try ChildProcess(
      command, descriptors: [toChild.reading.number, fromChild.writing.number, messages.writing.number])
    var feed: Descriptor? = toChild.keepWriting()
    var exchange = Exchange(sending: input, outputMax: outputMax)
    try exchange.run(feeding: &feed, output: fromChild.keepReading(), messages: messages.keepReading())
    return ProgramAnswer(exit: child.wait(), output: exchange.output, errors: exchange.messages)
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
