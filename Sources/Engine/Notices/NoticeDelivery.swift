import Dispatch
import Domain
import GitProgram
import Glibc
import Notices
import Processes
import Store
import Synchronization

/// Sends what stands in the outbox, beside the engine's loop and never in its way.
///
/// - One thread looks who waits; each receiver has a lane of its own, so that a slow one keeps nobody else waiting.
/// - At least once: a notice is settled after it was taken; whoever dies between the two sends it again under the same id.
/// - In order for each submission and receiver: what waits for another attempt keeps those behind it.
final class NoticeDelivery: Sendable {
  private struct State {
    var settings: ServerSettings
    /// Receivers that are being sent to.
    var busy: Set<NoticeSink> = []
    /// Receivers that did not answer lately, and until when they are left alone, by the monotonic clock.
    var resting: [NoticeSink: (failures: Int, until: Double)] = [:]
    /// Whether somebody waits whose time has come or is near.
    var hasWork = true
    var isStopped = false
  }

  private let state: Mutex<State>
  private let ledger: any Ledger
  private let fence: Fence
  private let git: GitProgram
  private let repository: String
  private let log: @Sendable (String) -> Void
  private let clock = Clock()
  private let lanes = ThreadPool()
  private let thread = DispatchQueue(label: "sluice.notices")
  private let wake = DispatchSemaphore(value: 0)
  private let isAwake = Atomic<Bool>(false)

  /// Receivers that are sent to at the same time.
  private static let lanesMax = 16
  /// Notices that one lane takes at a time, and the seconds after which it writes down what became of them: so much is sent
  /// twice at most after a crash.
  private static let batchMax = 200
  private static let batchSeconds = 0.5
  /// Seconds that a worker waits for a notice whose time is near, rather than leave it to the next worker.
  private static let nearSeconds: Int64 = 60
  /// Seconds that a receiver who failed is left alone at most, though something else is due for it.
  private static let restSecondsMax = 60.0
  /// Failures in a row after which no worker stays for a receiver's sake.
  private static let failuresMax = 6
  /// Seconds between two looks.
  private static let lookSeconds = 30.0

  init(
    ledger: any Ledger, fence: Fence, git: GitProgram, settings: ServerSettings,
    log: @escaping @Sendable (String) -> Void
  ) {
    self.ledger = ledger
    self.fence = fence
    self.git = git
    repository = git.repository
    self.log = log
    state = Mutex(State(settings: settings))
  }

  /// Begins to send.
  func start() { thread.async { self.run() } }

  /// Takes over changed settings for what is sent from now on.
  func use(_ settings: ServerSettings) {
    state.withLock { $0.settings = settings }
    look()
  }

  /// Has somebody look: something new stands in the outbox.
  func look() {
    state.withLock { $0.hasWork = true }
    if !isAwake.exchange(true, ordering: .acquiringAndReleasing) { wake.signal() }
  }

  /// Whether a worker that ends now would leave notices behind whose time has come or is near.
  var hasWork: Bool { state.withLock { $0.hasWork } }

  /// Stops sending and waits until nothing is under way; what was not taken stays for the next worker.
  func stop() {
    state.withLock { $0.isStopped = true }
    wake.signal()
    thread.sync {}
    lanes.wait()
  }

  private var isStopped: Bool { state.withLock { $0.isStopped } }

  private func run() {
    while !isStopped {
      var pause = Self.lookSeconds
      do throws(LedgerError) { pause = try dispatch() } catch {
        if case .fenced = error { return }
        log("notifications wait: \(error)")
        pause = 5
      }
      _ = wake.wait(timeout: .now() + pause)
      isAwake.store(false, ordering: .releasing)
    }
  }

  /// Starts a lane for each receiver whose time has come.
  ///
  /// - Returns: seconds until the next one's has.
  private func dispatch() throws(LedgerError) -> Double {
    state.withLock { $0.hasWork = false }
    let waiting = try ledger.waitingSinks()
    let (now, mark) = (clock.seconds, clock.monotonic)
    var pause = Self.lookSeconds
    var ready: [NoticeSink] = []
    state.withLock { state in
      state.resting = state.resting.filter { entry in waiting.contains { $0.sink == entry.key } }
      if !state.busy.isEmpty { state.hasWork = true }
      for entry in waiting {
        let seconds = max(Double(entry.dueAt - now), (state.resting[entry.sink]?.until ?? mark) - mark)
        let isDown = (state.resting[entry.sink]?.failures ?? 0) >= Self.failuresMax
        if seconds < Double(Self.nearSeconds), !isDown { state.hasWork = true }
        guard !state.busy.contains(entry.sink) else { continue }
        if seconds <= 0, state.busy.count < Self.lanesMax {
          state.busy.insert(entry.sink)
          ready.append(entry.sink)
        } else if seconds > 0 {
          pause = min(pause, seconds)
        }
      }
    }
    for sink in ready {
      lanes.run {
        self.deliver(to: sink)
        self.state.withLock { _ = $0.busy.remove(sink) }
        self.look()
      }
    }
    return pause
  }

  private func deliver(to sink: NoticeSink) {
    var settlements: [NoticeSettlement] = []
    do {
      let settings = state.withLock { $0.settings }
      let due = try ledger.dueNotices(for: sink, at: clock.seconds, limit: Self.batchMax)
      let sender = try NoticeSender(settings: settings, repository: repository) { [weak self] in self?.isStopped ?? true
      }
      let end = clock.monotonic + Self.batchSeconds
      for notice in due {
        guard !isStopped, clock.monotonic < end || settlements.isEmpty else { break }
        failpoint("notice.send_before")
        let outcome = send(notice, by: sender, settings)
        failpoint("notice.send_after")
        settlements += settle(notice, outcome)
        // A dead letter keeps nobody waiting.
        if case .taken = outcome { continue }
        guard case .refused = outcome else { break }
      }
    } catch { rest(sink, "\(error)") }
    guard !settlements.isEmpty else { return }
    failpoint("notice.mark_before")
    do { try ledger.settle(settlements, holding: fence) } catch {
      // They are sent again under the same ids.
      rest(sink, "\(error)")
    }
  }

  private func send(_ notice: Notice, by sender: NoticeSender, _ settings: ServerSettings) -> NoticeOutcome {
    if notice.sink.isForAdministrators, !settings.notify.contains(where: { $0.sink == notice.sink }) {
      return .refused("git config sluice.notify names this receiver no more")
    }
    guard notice.sink == .notes else { return sender.send(notice, at: clock.seconds) }
    do {
      try EventNotes(git: git).note(notice, on: object(of: notice))
      return .taken
    } catch { return .failed("\(error)") }
  }

  /// What a note of a notice stands on.
  private func object(of notice: Notice) throws -> ObjectID? {
    guard let id = notice.submission, let submission = try ledger.submission(id) else { return nil }
    return submission.landedCommit ?? submission.request.pushed
  }

  /// What is to be written of an attempt; nothing for one that does not count.
  private func settle(_ notice: Notice, _ outcome: NoticeOutcome) -> [NoticeSettlement] {
    switch outcome {
    case .stopped: return []
    case .taken:
      state.withLock { $0.resting[notice.sink] = nil }
      return [.delivered(notice.id)]
    case .refused(let words):
      return [dead(notice, words)]
    case .gone(let words):
      log("\(notice.sink.shown): \(words); what waits for it are dead letters")
      return [.gone(notice.sink, error: words)]
    case .failed(let words, let retryAfter):
      rest(notice.sink, words)
      var random = SystemRandomNumberGenerator()
      guard
        let wait = NoticeSchedule.secondsToWait(afterAttempts: notice.attempts + 1, using: &random)
      else { return [dead(notice, words)] }
      let asked = min(max(0, retryAfter ?? 0), NoticeSchedule.secondsMax)
      let (now, error) = (clock.seconds, Printable.line(words, max: 400))
      return [
        .postponed(notice.id, until: now + max(wait, asked), error: error),
        .expired(notice.sink, createdBefore: now - NoticeSchedule.ageMax, error: error),
      ]
    }
  }

  private func dead(_ notice: Notice, _ words: String) -> NoticeSettlement {
    log("\(notice.sink.shown): \(words); \(notice.id) is a dead letter: sluice notices retry \(notice.id)")
    return .dead(notice.id, error: Printable.line(words, max: 400))
  }

  /// Leaves a receiver alone for a while: what fails for one submission fails for the next.
  private func rest(_ sink: NoticeSink, _ words: String) {
    let failures = state.withLock { state in
      let failures = (state.resting[sink]?.failures ?? 0) + 1
      let seconds = min(Self.restSecondsMax, Double(1 << min(failures - 1, 6)))
      state.resting[sink] = (failures, clock.monotonic + seconds)
      return failures
    }
    if failures == 1 { log("\(sink.shown): \(Printable.line(words, max: 400)); it is tried again") }
  }
}
