import Checks
import Domain
import Processes

/// Where checks run: threads of their own, since they block, which report to the engine's mailbox.
///
/// How many run at a time is the train's decision; `deinit` waits for the last.
final class CheckLane {
  private let place: StatePaths
  private let mailbox: Mailbox<CheckReport>
  private let threads = ThreadPool()
  private var workshop: CheckWorkshop

  init(place: StatePaths, settings: ServerSettings, mailbox: Mailbox<CheckReport>) throws {
    self.place = place
    self.mailbox = mailbox
    workshop = try CheckWorkshop(place: place, settings: settings)
  }

  /// Takes over changed settings for the jobs to come, once those that run have ended.
  func use(_ settings: ServerSettings) throws {
    guard SandboxSettings(settings) != workshop.settings else { return }
    threads.wait()
    workshop.close()
    workshop = try CheckWorkshop(place: place, settings: settings)
  }

  func run(_ job: CheckJob) {
    let workshop = workshop
    let mailbox = mailbox
    threads.run { workshop.run(job, tell: mailbox.post) }
  }

  func run(_ job: StagingJob) {
    let workshop = workshop
    let mailbox = mailbox
    threads.run { workshop.run(job, tell: mailbox.post) }
  }

  func run(_ job: WatchJob) {
    let workshop = workshop
    let mailbox = mailbox
    threads.run { workshop.run(job, tell: mailbox.post) }
  }

  func run(_ job: ResolutionJob) {
    let workshop = workshop
    let mailbox = mailbox
    threads.run { workshop.run(job, tell: mailbox.post) }
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

  deinit {
    threads.wait()
    workshop.close()
  }
}
