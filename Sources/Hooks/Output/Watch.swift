import Domain
import GitProgram
import Glibc
import Processes

/// Stays with accepted submissions until each has ended, and tells the pusher what happens to them.
///
/// The end of the watching never ends the work: it stops where nobody reads any more, where it has taken too long, and
/// where no worker can be started.
struct Watch {
  let context: ReceiveContext
  private var running: [SubmissionID: [String: ContinuousClock.Instant]] = [:]
  private var ends: [SubmissionID: SubmissionEnd] = [:]
  private var startFailures = 0

  private static let heartbeatSeconds = 15.0
  private static let startFailuresMax = 5

  init(context: ReceiveContext) { self.context = context }

  /// Watches all of `requests`.
  ///
  /// - Returns: the ends that were seen; the others are still in flight.
  mutating func follow(
    _ requests: [SubmissionRequest], _ output: inout PushOutput
  ) throws(Refusal) -> [SubmissionID: SubmissionEnd] {
    let call = WorkerCall(context.place)
    var follower: JournalFollower
    do { follower = try JournalFollower(context.place, submissions: requests.map(\.id)) } catch {
      throw Refusal(.infrastructure, "\(error)")
    }
    let began = ContinuousClock.now
    var lastLine = began
    var lastLook = began
    noteCall(call.call())
    while ends.count < requests.count, !output.isReaderGone {
      let entries: [JournalFollower.Entry]
      do { entries = try follower.next(waiting: 1_000) } catch { throw Refusal(.infrastructure, "\(error)") }
      for entry in entries {
        note(entry)
        output.tell(entry.event, line: entry.line)
        lastLine = .now
      }
      guard ends.count < requests.count else { break }
      if lastLook.duration(to: .now) >= .seconds(1) {
        lastLook = .now
        if Self.readerHasGone { break }
        if call.isLeaseFree { noteCall(call.call()) }
        beat(&output, &lastLine)
      }
      guard !mustStop(began, requests, &output) else { break }
    }
    return ends
  }

  private mutating func note(_ entry: JournalFollower.Entry) {
    startFailures = 0
    let check = entry.event.fields["check"]?.string ?? ""
    switch entry.event.kind {
    case "check_started": running[entry.submission, default: [:]][check] = .now
    case "check_finished": running[entry.submission]?[check] = nil
    case "ended":
      running[entry.submission] = nil
      if let end = entry.event.end { ends[entry.submission] = end }
    default: break
    }
  }

  private mutating func noteCall(_ answer: WorkerCall.Answer) {
    switch answer {
    case .awake: startFailures = 0
    case .started, .nobody: startFailures += 1
    }
  }

  /// Says that the checks still run, where nothing has been said for a while.
  private func beat(_ output: inout PushOutput, _ lastLine: inout ContinuousClock.Instant) {
    guard lastLine.duration(to: .now) >= .seconds(Self.heartbeatSeconds) else { return }
    for (submission, checks) in running {
      for (check, started) in checks.sorted(by: { $0.key < $1.key }) {
        let age = started.duration(to: .now)
        output.tellRunning(check, seconds: Double(age.components.seconds), of: submission)
        lastLine = .now
      }
    }
  }

  private func mustStop(
    _ began: ContinuousClock.Instant, _ requests: [SubmissionRequest], _ output: inout PushOutput
  ) -> Bool {
    let waiting = requests.filter { ends[$0.id] == nil }.map(\.id.text)
    if startFailures > Self.startFailuresMax {
      output.warn("no worker could be started; the submission stays in the queue until one runs")
      output.hint("on the server: sluice doctor")
      return true
    }
    guard began.duration(to: .now) >= context.settings.waitMax else { return false }
    for id in waiting { output.hint("\(id) is still in flight: sluice watch \(id)") }
    return true
  }

  /// Whether the reading end of our standard error is closed.
  private static var readerHasGone: Bool {
    var polled = pollfd(fd: STDERR_FILENO, events: 0, revents: 0)
    return poll(&polled, 1, 0) > 0 && polled.revents & Int16(POLLERR) != 0
  }
}
