import Checks
import Domain
import Glibc
import Testing

/// Both ways in which the files of a candidate are made.
let modes: [Sandbox.Mode] = [.overlay, .copy]

/// A folder as a repository has it, below a folder that only its owner may enter; it goes with this value.
final class World {
  let root: String
  var content = MemoryContent()
  let sandbox: Sandbox
  let worktrees: Worktrees
  let runner: CheckRunner
  var plan: CheckPlan
  private let isOwner: Bool

  /// - Parameter isOwner: whether the folder goes with this value.
  init(_ settings: SandboxSettings = SandboxSettings(), root: String? = nil, isOwner: Bool = true) throws {
    self.isOwner = isOwner
    self.root = try root ?? newFolder()
    for name in ["worktrees", "logs"] { mkdir("\(self.root)/\(name)", 0o700) }
    sandbox = Sandbox(settings, folder: "\(self.root)/worktrees")
    worktrees = try Worktrees(folder: "\(self.root)/worktrees", sandbox: sandbox)
    runner = CheckRunner(sandbox, logs: "\(self.root)/logs")
    let id = try #require(IntegrationID("int-1700000000-abcdefgh"))
    plan = CheckPlan(integration: id, sandbox: Policy.Sandbox())
  }

  convenience init(_ mode: Sandbox.Mode, root: String? = nil, isOwner: Bool = true) throws {
    var settings = SandboxSettings()
    settings.usesOverlay = mode == .overlay
    try self.init(settings, root: root, isOwner: isOwner)
    #expect(sandbox.mode == mode)
  }

  deinit { if isOwner { remove(root) } }

  /// Makes the worktree of these files.
  func worktree(_ files: [String: MemoryContent.Entry]) throws -> Worktree {
    let tree = content.store(files)
    return try worktrees.make(tree, from: &content)
  }

  /// Runs one command as a check.
  func run(
    _ command: String, on worktree: Worktree, change: (inout Policy.Check) -> Void = { _ in },
    shouldStop: () -> Bool = { false }
  ) -> CheckResult? {
    var check = Policy.Check(name: "tests", run: command)
    change(&check)
    return runner.run(check, key: CheckKey(digest: .emptyTree), on: worktree, as: plan, shouldStop: shouldStop)
  }

  /// Runs one command as a check and gives what it printed.
  func output(_ command: String, on worktree: Worktree) -> String {
    guard run(command, on: worktree) != nil else { return "" }
    return text(of: "\(root)/logs/int-1700000000-abcdefgh/tests.log") ?? ""
  }

  /// Whether nothing of a candidate is left after a quiet moment.
  var isClean: Bool {
    worktrees.sweep()
    return names(in: "worktrees").allSatisfy { name in ["base-", "lane-", "kept-"].contains { name.hasPrefix($0) } }
  }

  func names(in folder: String) -> [String] { ChecksTests.names(at: "\(root)/\(folder)") }
}

extension CheckRunner {
  /// Runs the steps that prepare a worktree, in their order, until one does not succeed; each runs, and nothing is kept.
  ///
  /// - Returns: nil where `shouldStop` said so.
  func prepare(
    _ worktree: Worktree, with setup: [Policy.Setup], as plan: CheckPlan, shouldStop: () -> Bool = { false }
  ) -> SetupResult? {
    let steps = setup.map { setup in
      var step = setup
      step.keep = []
      return PlannedSetup(setup: step, key: CheckKey(digest: .emptyTree))
    }
    return prepare(worktree, with: steps, as: plan, shouldStop: shouldStop)
  }
}
