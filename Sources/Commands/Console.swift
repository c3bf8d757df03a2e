import Glibc
import Processes

/// Where commands print: results on standard output, everything else on standard error.
enum Console {
  /// Prints a line of the result. A reader that went away ends the command quietly, as `head` expects.
  static func say(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }

  /// Prints a line beside the result.
  static func note(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

  static func warn(_ sentence: String) { note("warning: \(sentence)") }

  static func report(_ failure: CommandFailure) {
    note("sluice: \(failure.sentence)")
    if let hint = failure.hint { note("hint: \(hint)") }
  }

  static func write(_ text: String, to number: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        // Nobody can be told that telling failed; the status says it.
        exit(ExitStatus.refused.rawValue)
      }
      bytes = bytes.dropFirst(count)
    }
  }
}
