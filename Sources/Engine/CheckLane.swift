import Checks
import Dispatch
import Domain
import Git
import Processes

/// Where checks run: a thread of its own, since they block, which reports to the engine's mailbox.
///
/// It owns the worktrees and a view of the objects of its own; one job runs at a time, and `deinit` waits for the last.
final class CheckLane {
  private let place: StatePaths
  private let mailbox: Mailbox<CheckReport>
  private let queue = DispatchQueue(label: "sluice.checks")
  private var workshop: CheckWorkshop

  init(place: StatePaths, settings: ServerSettings, mailbox: Mailbox<CheckReport>) throws {
    self.place = place
    self.mailbox = mailbox
    workshop = try CheckWorkshop(place: place, settings: settings)
  }

  /// Takes over changed settings for the jobs to come.
  func use(_ settings: ServerSettings) throws {
    guard SandboxSettings(settings) != workshop.settings else { return }
    queue.sync {}
    workshop = try CheckWorkshop(place: place, settings: settings)
  }

  func run(_ job: CheckJob) {
    let workshop = workshop
    let mailbox = mailbox
    queue.async { workshop.run(job, tell: mailbox.post) }
  }

  /// Brings the kept base of worktrees near the targets' tips, while there is nothing else to do.
  func refreshBase(_ tree: ObjectID, log: @escaping @Sendable (String) -> Void) {
    let workshop = workshop
    queue.async { workshop.refreshBase(tree, log: log) }
  }

  deinit { queue.sync {} }
}

/// What it takes to run checks: the sandbox, the worktrees, and where logs go.
struct CheckWorkshop: Sendable {
  let settings: SandboxSettings
  private let place: StatePaths
  private let worktrees: Worktrees
  private let runner: CheckRunner

  init(place: StatePaths, settings: ServerSettings) throws {
    self.place = place
    self.settings = SandboxSettings(settings)
    let sandbox = Sandbox(self.settings, folder: place.worktrees)
    worktrees = try Worktrees(folder: place.worktrees, sandbox: sandbox)
    runner = CheckRunner(sandbox, logs: place.logs)
  }

  /// Runs a job to its end and reports each step; a stopped job reports nothing more.
  func run(_ job: CheckJob, tell: (CheckReport) -> Void) {
    let plan = CheckPlan(integration: job.integration, sandbox: job.policy.sandbox)
    let stopped = { job.stop.isRaised }
    var results: [CheckResult] = []
    do {
      var content = RepositoryContent(try Repository(path: place.repository))
      let worktree = try worktrees.make(job.tree, from: &content)
      defer { worktree.remove() }
      guard let setup = runner.prepare(worktree, with: job.policy.setup, as: plan, shouldStop: stopped) else { return }
      if setup.verdict != .passed {
        return tell(.done(job.key, job.purpose, [], setupFailure: SetupFailure(setup)))
      }
      for (index, planned) in job.checks.enumerated() {
        // The first was told with the start of the integration, and the last one's end comes with the end of all.
        if index > 0 || job.purpose == .staging { tell(.started(job.key, check: planned.check.name)) }
        guard
          let result = runner.run(planned.check, key: planned.key, on: worktree, as: plan, shouldStop: stopped)
        else { return }
        if index < job.checks.count - 1 { tell(.finished(job.key, result)) }
        results.append(result)
      }
      tell(.done(job.key, job.purpose, results, setupFailure: nil))
    } catch {
      tell(.done(job.key, job.purpose, results, setupFailure: SetupFailure(error)))
    }
  }

  func refreshBase(_ tree: ObjectID, log: (String) -> Void) {
    do {
      var content = RepositoryContent(try Repository(path: place.repository))
      try worktrees.refreshBase(to: tree, from: &content)
    } catch { log("the kept worktree could not be brought up to date: \(error)") }
  }
}

/// Why nothing could be checked: in one sentence and the last lines of output.
struct SetupFailure: Sendable {
  let reason: String
  let output: [String]

  init(_ setup: SetupResult) {
    reason = setup.reason ?? setup.verdict.rawValue
    output = setup.outputTail
  }

  init(_ error: any Error) {
    reason = Printable.line("\(error)", max: 400)
    output = []
  }
}

/// The objects of a repository as worktrees are written from them.
private struct RepositoryContent: TreeContent {
  private let objects: Repository
  /// Larger files were refused at admission; what stands in the base may be as large as it is.
  private static let blobBytesMax = 1 << 31

  init(_ objects: Repository) { self.objects = objects }

  mutating func tree(_ id: ObjectID) throws(GitError) -> [TreeEntry] { try objects.tree(id) }
  mutating func commit(_ id: ObjectID) throws(GitError) -> Commit { try objects.commit(id) }
  mutating func blob(_ id: ObjectID) throws(GitError) -> [UInt8] { try objects.blob(id, sizeMax: Self.blobBytesMax) }
}
