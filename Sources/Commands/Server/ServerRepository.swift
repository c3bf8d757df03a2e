import Glibc
import Processes

/// A bare git repository on this machine, as commands on the server see it.
struct ServerRepository: Sendable {
  /// The absolute path without links.
  let path: String
  let git: String

  /// The state folder, the journal and the rest of what Sluice keeps beside git's own files.
  var state: String { "\(path)/sluice" }
  var ledger: String { "\(state)/ledger.sqlite" }
  var hooks: String { "\(path)/hooks" }

  /// Opens the repository at a path, becoming its owner where we are root, so that every file we make is the owner's.
  static func open(_ name: String) throws(CommandFailure) -> ServerRepository {
    guard let git = Program.find("git") else { throw .unreachable("git is not on the PATH") }
    guard let path = Disk.realPath(name) else { throw .unreachable("\(name) does not exist") }
    guard Disk.kind(path) == .folder else { throw .unreachable("\(name) is not a git repository") }
    if Disk.kind("\(path)/.git") != nil {
      throw .refused(
        "\(name) has a working tree, and Sluice serves bare repositories",
        hint: "git clone --bare \(name) \(name).git, then use \(name).git")
    }
    let repository = ServerRepository(path: path, git: git)
    try repository.becomeOwner()
    let answer = try repository.run(["rev-parse", "--is-bare-repository"])
    guard answer.exit.isSuccess else { throw .unreachable("\(name) is not a git repository") }
    guard answer.line == "true" else {
      throw .refused(
        "\(name) is not bare (core.bare is false), and Sluice serves bare repositories",
        hint: "git clone --bare \(name) OTHER.git, then use OTHER.git")
    }
    return repository
  }

  /// Finds the bare repository that the working folder stands in; nil where there is none.
  static func enclosing() throws(CommandFailure) -> ServerRepository? {
    guard let git = Program.find("git") else { throw .unreachable("git is not on the PATH") }
    let answer: ProgramAnswer
    do {
      answer = try Program.run(
        git, ["-c", "safe.directory=*", "rev-parse", "--absolute-git-dir", "--is-bare-repository"],
        environment: Environment.forGit)
    } catch { throw .unreachable("\(error)") }
    let lines = answer.text.split(separator: "\n")
    guard answer.exit.isSuccess, lines.count == 2, lines[1] == "true" else { return nil }
    return try open(String(lines[0]))
  }

  /// The installed repository that the working folder stands in.
  static func installed() throws(CommandFailure) -> ServerRepository {
    guard let repository = try enclosing() else {
      throw .unreachable(
        "this folder is not inside a bare repository on the server", hint: "sluice -C /path/to/REPO.git …")
    }
    return try repository.demandInstalled()
  }

  /// This repository, where Sluice is installed in it.
  func demandInstalled() throws(CommandFailure) -> ServerRepository {
    guard isInstalled else { throw .unreachable("\(path) has no Sluice yet", hint: "sluice install \(path)") }
    return self
  }

  var isInstalled: Bool { Disk.kind(state) == .folder }

  /// Runs git on this repository and nothing else, in the caller's environment without `GIT_DIR` and its like.
  func run(_ arguments: [String], input: [UInt8] = []) throws(CommandFailure) -> ProgramAnswer {
    do {
      return try Program.run(
        git, ["--git-dir=\(path)"] + arguments, environment: Environment.forGit, directory: path, input: input)
    } catch { throw .unreachable("\(error)") }
  }

  /// Runs git and returns the first line of its answer.
  func line(_ arguments: [String]) throws(CommandFailure) -> String {
    let answer = try run(arguments)
    guard answer.exit.isSuccess else {
      throw .unreachable("git \(arguments.first ?? "") failed in \(path): \(answer.complaint)")
    }
    return answer.line
  }

  func version() throws(CommandFailure) -> GitVersion {
    let line = try line(["--version"])
    guard let version = GitVersion(line: line) else { throw .unreachable("'\(line)' is not a version of git") }
    return version
  }

  /// The branch that `HEAD` names, without `refs/heads/`; nil where `HEAD` is a commit.
  func headBranch() throws(CommandFailure) -> String? {
    let answer = try run(["symbolic-ref", "--quiet", "HEAD"])
    return answer.line.hasPrefix("refs/heads/") ? String(answer.line.dropFirst("refs/heads/".count)) : nil
  }

  /// The commit a branch points at; nil where there is no such branch.
  func tip(of branch: String) throws(CommandFailure) -> String? {
    let answer = try run(["rev-parse", "--verify", "--quiet", "--end-of-options", "refs/heads/\(branch)^{commit}"])
    return answer.exit.isSuccess ? answer.line : nil
  }

  private func becomeOwner() throws(CommandFailure) { try Self.becomeOwner(of: path) }

  /// Becomes the owner of a folder for the rest of the process, where we are root and it is another's.
  static func becomeOwner(of path: String) throws(CommandFailure) {
    guard let status = Disk.status(path) else { throw .unreachable("\(path) does not exist") }
    guard geteuid() == 0, status.owner != 0 else { return }
    guard setgroups(0, nil) == 0, setgid(status.group) == 0, setuid(status.owner) == 0 else {
      throw Disk.failure("cannot become the owner of \(path)")
    }
  }
}

extension ServerRepository {
  /// How many submissions have been accepted and have not ended: each holds its place in the lineage.
  func submissionsInFlight() throws(CommandFailure) -> Int {
    let answer = try run(["for-each-ref", "--format=%(refname)", "refs/sluice/lineage/"])
    return answer.text.split(separator: "\n").count
  }
}
