import ArgumentParser
import Glibc

/// Where a command runs: `-C DIR`, before the subcommand as with git, or after it.
struct Place: ParsableArguments {
  @Option(name: .customShort("C"), help: ArgumentHelp("Run as if started in this folder.", valueName: "dir"))
  var directory: String?

  /// Goes to the folder, for the whole process.
  func enter() throws(CommandFailure) {
    if let directory { try Self.enter(directory) }
  }

  /// Takes the `-C DIR` pairs in front of the subcommand and goes there, each relative to the one before.
  static func enter(leadingOf arguments: [String]) throws(CommandFailure) -> [String] {
    var rest = arguments[...]
    while rest.first == "-C", let directory = rest.dropFirst().first {
      try enter(directory)
      rest = rest.dropFirst(2)
    }
    return Array(rest)
  }

  private static func enter(_ directory: String) throws(CommandFailure) {
    guard chdir(directory) == 0 else {
      throw .unreachable("cannot change to \(directory): \(String(cString: strerror(errno)))")
    }
  }
}
