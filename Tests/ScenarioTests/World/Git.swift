import Foundation

/// The git program with an environment that no machine's settings reach.
enum Git {
  static let path = "/usr/bin/git"

  static let environment: [String: String] = [
    "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "A U Thor", "GIT_AUTHOR_EMAIL": "author@example.com", "GIT_AUTHOR_DATE": "1700000000 +0000",
    "GIT_COMMITTER_NAME": "C O Mitter", "GIT_COMMITTER_EMAIL": "committer@example.com",
    "GIT_COMMITTER_DATE": "1700000000 +0000",
  ]

  /// Runs git in a repository; a failure is an error with what git said.
  @discardableResult
  static func run(
    in repository: String, _ arguments: String..., input: [UInt8] = [], environment: [String: String] = [:]
  ) async throws -> String {
    try await run(in: repository, arguments, input: input, environment: environment)
  }

  @discardableResult
  static func run(
    in repository: String, _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:]
  ) async throws -> String {
    let output = try await Program.run(
      path, ["-C", repository] + arguments, environment: Git.environment.merging(environment) { $1 }, input: input)
    guard output.status == 0 else {
      throw Program.Failure(
        description: "git \(arguments.joined(separator: " ")): exit \(output.status)\n\(output.text)")
    }
    return output.out.hasSuffix("\n") ? String(output.out.dropLast()) : output.out
  }

  /// Whether a git command succeeds.
  static func succeeds(in repository: String, _ arguments: String...) async throws -> Bool {
    try await Program.run(path, ["-C", repository] + arguments).status == 0
  }
}
