import Checks
import Domain
import GitProgram
import Glibc
import Processes

/// Runs the command `true` as a check of a submission would run.
enum SandboxExamination {
  static func run(_ repository: ServerRepository?) -> Diagnosis {
    do {
      let settings = try repository.map { try GitProgram(repository: $0.path).settings() } ?? ServerSettings()
      let scratch = try ScratchFolder()
      for name in ["worktrees", "logs"] { mkdir("\(scratch.path)/\(name)", 0o700) }
      let sandbox = Sandbox(SandboxSettings(settings), folder: "\(scratch.path)/worktrees")
      if let problem = sandbox.problem {
        return .error("sandbox", "\(problem); checks will not run", advice: "apt-get install bubblewrap")
      }
      let worktrees = try Worktrees(folder: "\(scratch.path)/worktrees", sandbox: sandbox)
      var content = NoContent()
      let worktree = try worktrees.make(.emptyTree, from: &content)
      defer { worktree.remove() }
      var check = Policy.Check(name: "probe", run: "true")
      check.timeout = .seconds(20)
      guard let integration = IntegrationID("int-0-doctor") else { return .error("sandbox", "no probe was made") }
      let result = CheckRunner(sandbox, logs: "\(scratch.path)/logs").run(
        check, key: CheckKey(digest: .emptyTree), on: worktree,
        as: CheckPlan(integration: integration, sandbox: Policy.Sandbox()))
      guard let result, result.verdict == .passed else {
        let why = ([result?.reason] + (result?.outputTail ?? [])).compactMap { $0 }.joined(separator: "; ")
        return .error(
          "sandbox", "a check cannot run: \(Printable.line(why, max: 400))",
          advice:
            "unprivileged user namespaces must be allowed: sysctl kernel.unprivileged_userns_clone user.max_user_namespaces"
        )
      }
      let mode = sandbox.mode == .overlay ? "over a kept tree (overlay)" : "in a whole copy of each tree (no overlay)"
      let user = geteuid() == 0 ? settings.sandboxUser : "\(Account.name(of: geteuid())) in a user namespace"
      return .ok("sandbox", "bubblewrap, \(mode), as \(user)")
    } catch let error as SettingError {
      return .warning("sandbox", "was not tried: \(error.key) does not read")
    } catch { return .error("sandbox", Printable.line("\(error)", max: 400)) }
  }

  /// The empty tree needs nothing to be read.
  private struct NoContent: TreeContent {
    struct Missing: Error {}

    func tree(_ id: ObjectID) throws(Missing) -> [TreeEntry] { [] }
    func commit(_ id: ObjectID) throws(Missing) -> Commit { throw Missing() }
    func blob(_ id: ObjectID) throws(Missing) -> [UInt8] { throw Missing() }
  }
}
