import Domain
import Glibc
import Processes

/// The clone that an agent works in: what its commits change, and where they go.
struct WorkingTree: Sendable {
  /// The top folder, absolute.
  let path: String
  let git: String
  /// The commit to submit.
  let head: ObjectID
  /// The branch that is checked out; nil on a detached `HEAD`.
  let branch: String?

  /// Finds the clone that the working folder stands in.
  static func current() throws(CommandFailure) -> WorkingTree {
    let (git, top) = try locate()
    let head = try run(git, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], in: top)
    guard head.exit.isSuccess, let id = ObjectID(hex: head.line) else {
      throw .refused("there is no commit yet", hint: "git add … && git commit, then submit")
    }
    let branch = try run(git, ["symbolic-ref", "--quiet", "--short", "HEAD"], in: top)
    return WorkingTree(path: top, git: git, head: id, branch: branch.exit.isSuccess ? branch.line : nil)
  }

  /// The git to run, and the top folder of the clone that the working folder stands in, whether anything is committed or not.
  static func locate() throws(CommandFailure) -> (git: String, top: String) {
    guard let git = Program.find("git") else { throw .unreachable("git is not on the PATH") }
    let top = try run(git, ["rev-parse", "--show-toplevel"], in: nil)
    guard top.exit.isSuccess, !top.line.isEmpty else {
      throw .unreachable(
        "this folder is not inside a working tree of git", hint: "cd into your clone, or name it with sluice -C DIR …")
    }
    return (git, top.line)
  }

  /// Runs git in the top folder, in the caller's environment.
  func run(
    _ arguments: [String], input: [UInt8] = [], environment: [String] = []
  ) throws(CommandFailure) -> ProgramAnswer {
    try Self.run(git, arguments, in: path, input: input, environment: environment)
  }

  /// Runs git and returns the first line; a failure is told in git's words.
  func line(
    _ arguments: [String], input: [UInt8] = [], environment: [String] = []
  ) throws(CommandFailure) -> String {
    let answer = try run(arguments, input: input, environment: environment)
    guard answer.exit.isSuccess else {
      throw .unreachable("git \(arguments.first ?? "") failed: \(answer.complaint)")
    }
    return answer.line
  }

  /// The value of a setting; nil where there is none.
  func setting(_ key: String) throws(CommandFailure) -> String? {
    let answer = try run(["config", "--get", key])
    return answer.exit.isSuccess && !answer.line.isEmpty ? answer.line : nil
  }

  /// Refuses changes that are not committed: what is tested here must be what is sent.
  func demandClean() throws(CommandFailure) {
    let answer = try run(["status", "--porcelain", "--untracked-files=normal", "-z"])
    let entries = answer.text.split(separator: "\0")
    let changed = entries.filter { !$0.hasPrefix("??") }
    guard changed.isEmpty else {
      throw .refused(
        "\(changed.count) change\(changed.count == 1 ? " is" : "s are") not committed: \(Printable.line(changed[0].dropFirst(3), max: 200))\(changed.count > 1 ? " and others" : "")",
        hint: "git commit them, or git stash them, then submit")
    }
    guard let untracked = entries.first else { return }
    let name = Printable.line(untracked.dropFirst(3), max: 200)
    Console.warn("files that git does not track are not submitted: \(name)\(entries.count > 1 ? " and others" : "")")
  }

  private static func run(
    _ git: String, _ arguments: [String], in directory: String?, input: [UInt8] = [], environment: [String] = []
  ) throws(CommandFailure) -> ProgramAnswer {
    do {
      return try Program.run(
        git, arguments, environment: Environment.all + environment, directory: directory, input: input)
    } catch { throw .unreachable("\(error)") }
  }
}
