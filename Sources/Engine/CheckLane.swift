import Checks
import Dispatch
import Domain
import Processes

/// Where checks run: threads of their own, since they block, which report to the engine's mailbox.
///
/// How many run at a time is the train's decision, and where repositories share lanes, whose turn it is; `deinit` waits for
/// the last.
final class CheckLane {
  private let place: StatePaths
  private let mailbox: Mailbox<CheckReport>
  private let threads = ThreadPool()
  private var workshop: CheckWorkshop
  /// Nil where the lanes are ours alone.
  private let shared: SharedLanes?
  /// What waits for its turn.
  private let queued = DispatchGroup()

  init(
    place: StatePaths, settings: ServerSettings, mailbox: Mailbox<CheckReport>, sharing shared: SharedLanes?
  ) throws {
    self.place = place
    self.mailbox = mailbox
    self.shared = shared
    workshop = try CheckWorkshop(place: place, settings: settings, solitude: shared?.solitude ?? Solitude())
  }

  /// Takes over changed settings for the jobs to come, once those that run have ended.
  func use(_ settings: ServerSettings) throws {
    guard SandboxSettings(settings) != workshop.settings else { return }
    wait()
    workshop.close()
    workshop = try CheckWorkshop(place: place, settings: settings, solitude: shared?.solitude ?? Solitude())
  }

  func run(_ job: CheckJob) {
    let workshop = workshop
    let mailbox = mailbox
    start { workshop.run(job, tell: mailbox.post) }
  }

  func run(_ job: StagingJob) {
    let workshop = workshop
    let mailbox = mailbox
    start { workshop.run(job, tell: mailbox.post) }
  }

  func run(_ job: WatchJob) {
    let workshop = workshop
    let mailbox = mailbox
    start { workshop.run(job, tell: mailbox.post) }
  }

  func run(_ job: ResolutionJob) {
    let workshop = workshop
    let mailbox = mailbox
    start { workshop.run(job, tell: mailbox.post) }
  }

  /// Lets go of the files of a tree that is not tested any more.
  func release(_ tree: ObjectID) {
    let workshop = workshop
    threads.run { workshop.release(tree) }
  }

  /// Removes files that were left for a quiet moment.
  func sweep() {
    let workshop = workshop
    threads.run { workshop.sweep() }
  }

  /// Brings the kept base of worktrees near a target's tip, while there is nothing else to do.
  func refreshBase(_ tree: ObjectID, log: @escaping @Sendable (String) -> Void) {
    let workshop = workshop
    threads.run { workshop.refreshBase(tree, log: log) }
  }

  private func start(_ work: @escaping @Sendable () -> Void) {
    guard let shared else { return threads.run(work) }
    let threads = threads
    let queued = queued
    queued.enter()
    shared.start(for: place.repository) { end in
      threads.run {
        work()
        end()
      }
      queued.leave()
    }
  }

  /// Waits until everything has ended, also what has not had its turn yet.
  private func wait() {
    queued.wait()
    threads.wait()
  }

  deinit {
    // Nobody would hear what it comes to.
    for _ in 0..<(shared?.withdraw(place.repository) ?? 0) { queued.leave() }
    wait()
    workshop.close()
  }
}
