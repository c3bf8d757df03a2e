/// Why a command ends without having done its work: an exit status, one sentence, and what to do next.
struct CommandFailure: Error, Hashable, Sendable {
  let status: ExitStatus
  /// One sentence, without `sluice:` and without a full stop.
  let sentence: String
  var hint: String?

  init(_ status: ExitStatus, _ sentence: String, hint: String? = nil) {
    self.status = status
    self.sentence = sentence
    self.hint = hint
  }

  static func refused(_ sentence: String, hint: String? = nil) -> CommandFailure {
    CommandFailure(.refused, sentence, hint: hint)
  }

  static func unreachable(_ sentence: String, hint: String? = nil) -> CommandFailure {
    CommandFailure(.unreachable, sentence, hint: hint)
  }
}
