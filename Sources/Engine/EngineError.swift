/// What stops the engine or one integration without anybody's fault; the words are for the log and the pusher alike.
enum EngineError: Error, CustomStringConvertible {
  /// A git command did not do what it must: which, and what it said.
  case git(String, String)
  /// A landing was refused by git, or its merge came out otherwise, although nothing had moved.
  case landing(String)
  /// The ledger and the repository do not belong together.
  case ledger(String)

  var description: String {
    switch self {
    case .git(let command, let text): "git \(command) failed: \(text)"
    case .ledger(let text), .landing(let text): text
    }
  }
}
