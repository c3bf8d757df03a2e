import Glibc
package import Processes

/// The `git` executable on one bare repository, with an environment built from nothing.
///
/// Nothing that a pusher or a submission can set reaches it: no `GIT_*` variable, no configuration outside the repository,
/// no hook, no replaced object.
package struct GitProgram: Sendable {
  package let executable: String
  /// The bare repository, absolute.
  package let repository: String
  let quarantine: [String]

  /// Finds git on a fixed list of folders.
  ///
  /// - Parameter quarantine: the variables of git's quarantine as `NAME=value`, for a hook that runs inside it; elsewhere empty.
  package init(repository: String, quarantine: [String] = []) throws(GitProgramError) {
    precondition(repository.hasPrefix("/"), "the repository's path is relative")
    guard let found = Self.folders.map({ $0 + "/git" }).first(where: { access($0, X_OK) == 0 }) else {
      throw .notFound(searched: Self.folders)
    }
    executable = found
    self.repository = repository
    self.quarantine = quarantine
  }

  /// The variables that a hook passes on so that its children see the objects of a push that is still in quarantine.
  package static let quarantineVariables = [
    "GIT_QUARANTINE_PATH", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  ]

  /// How to start git: in the repository's folder, in a process group of its own.
  ///
  /// - Parameters:
  ///   - writes: whether it writes objects or refs, which are then made durable one by one. Such a child is not killed with
  ///     us: it reads the end of its input and removes its lock files.
  ///   - leavesSync: whether we make what it writes durable afterwards, all at once. It then only sees to it that a file has
  ///     its content on disk before it gets its name.
  package func command(
    _ arguments: [String], writes: Bool = false, leavesSync: Bool = false, environment: [String] = []
  ) -> Command {
    var options = ["--git-dir=\(repository)", "-c", "core.hooksPath=/dev/null", "-c", "core.useReplaceRefs=false"]
    if writes { options += ["-c", "core.fsync=all", "-c", "gc.auto=0"] }
    if leavesSync { options += ["-c", "core.fsyncMethod=writeout-only"] }
    var command = Command(
      executable, options + arguments, environment: Self.environment(with: quarantine + environment),
      directory: repository)
    command.hasOwnGroup = true
    command.diesWithParent = !writes
    return command
  }

  /// Runs git to its end.
  ///
  /// - Bound: at most `outputMax` bytes of output, and 64 KiB of messages.
  package func run(
    _ arguments: [String], input: [UInt8] = [], writes: Bool = false, environment: [String] = [],
    outputMax: Int = 1 << 20
  ) throws(GitProgramError) -> GitResult {
    var child = try GitChild(self, arguments, writes: writes, environment: environment)
    return try child.finish(sending: input, outputMax: outputMax)
  }

  /// The variables of every git, but for those that a caller gives.
  private static func environment(with more: [String]) -> [String] {
    let given = Set(more.map { $0.prefix { $0 != "=" } })
    return environment.filter { own in !given.contains(own.prefix { $0 != "=" }) } + more
  }

  private static let folders = ["/usr/local/bin", "/usr/bin", "/bin"]

  private static let environment = [
    "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/nonexistent", "LC_ALL=C.UTF-8", "GIT_CONFIG_NOSYSTEM=1",
    "GIT_CONFIG_GLOBAL=/dev/null", "GIT_ATTR_NOSYSTEM=1", "GIT_NO_REPLACE_OBJECTS=1", "GIT_TERMINAL_PROMPT=0",
    "GIT_OPTIONAL_LOCKS=0", "GIT_LITERAL_PATHSPECS=1", "GIT_ALLOW_PROTOCOL=none", "GIT_LFS_SKIP_SMUDGE=1",
    // Reflogs and tags name somebody; without these git would look for a mailbox on the host.
    "GIT_AUTHOR_NAME=Sluice", "GIT_AUTHOR_EMAIL=sluice@localhost", "GIT_COMMITTER_NAME=Sluice",
    "GIT_COMMITTER_EMAIL=sluice@localhost",
  ]
}

/// What a finished git said.
package struct GitResult: Hashable, Sendable {
  package let exit: Exit
  package let output: [UInt8]
  /// The first 64 KiB of standard error.
  package let messages: String

  package init(exit: Exit, output: [UInt8], messages: String) {
    self.exit = exit
    self.output = output
    self.messages = messages
  }

  package var text: String { String(decoding: output, as: UTF8.self) }
}
