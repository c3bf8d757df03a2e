package import Domain

/// The right to write: the number of the newest lease. An older number is refused, whatever it wants to write.
package struct Fence: Hashable, Comparable, Sendable {
  package let number: Int64
  package init(number: Int64) { self.number = number }
  package static func < (left: Fence, right: Fence) -> Bool { left.number < right.number }
}

/// One event of a submission as the ledger and the journal number it, from 1 upwards without a gap.
package struct NumberedEvent: Hashable, Sendable {
  package let number: Int
  /// The event's JSON on one line.
  package let json: String
  package init(number: Int, json: String) {
    self.number = number
    self.json = json
  }
}

/// One thing that became true; several are written together or not at all.
package enum LedgerChange: Hashable, Sendable {
  /// Enters a request from the inbox as a queued submission, once.
  case entered(SubmissionRequest)
  /// Writes where a submission that is there already stands; its request never changes, and after its end nothing does.
  case submission(Submission)
  /// Writes an integration, new or known.
  case integration(Integration)
  /// Appends an event (one line of JSON) under the submission's next number.
  case event(SubmissionID, json: String)
  /// A landing: at most one for a submission, at most one of a commit on a target.
  case landing(Landing)
  /// A verdict under its key, with its single tests; the newest stands.
  case checkResult(CheckResult)
  /// Where the review of a submission stands.
  case review(Review)
  /// Whose integration a target begins.
  case gate(target: String, Train.Gate)
  /// Enters a notice in the outbox, with the event that it tells.
  case notice(Notice)
  /// Makes a notice due at a moment, dead or waiting, as if it had never been tried; one that is not there is passed over.
  case resend(NoticeID, at: Int64)
}

/// A receiver for whom notices wait.
package struct WaitingSink: Hashable, Sendable {
  package let sink: NoticeSink
  /// When the first of them is due, in seconds since 1970.
  package let dueAt: Int64

  package init(sink: NoticeSink, dueAt: Int64) {
    self.sink = sink
    self.dueAt = dueAt
  }
}

package enum LedgerError: Error, Equatable, Sendable {
  /// A newer lease exists: this process must stop.
  case fenced(held: Fence, newest: Fence)
  /// A change that contradicts what is written: a second entry, end or landing, a submission nobody entered.
  case conflict(String)
  /// The database cannot be opened, read or written; the text says which file and why.
  case unavailable(String)
  /// The database is damaged or from a newer version; the text says what to do.
  case damaged(String)
}

/// What Sluice knows beside git's own refs. Every write is one durable transaction.
package protocol Ledger: Sendable {
  /// The random text that this ledger was given when it was made: another text is another ledger.
  func epoch() throws(LedgerError) -> String
  /// The number of the newest lease, 0 before the first. A ledger whose number went back is an old copy.
  func newestLease() throws(LedgerError) -> Fence
  /// Takes the next lease and returns its number.
  func takeLease() throws(LedgerError) -> Fence

  /// Writes all changes in one transaction and returns the events as numbered, in order.
  func write(_ changes: [LedgerChange], holding fence: Fence) throws(LedgerError) -> [(SubmissionID, NumberedEvent)]

  /// Writes what became of notices, in one transaction.
  func settle(_ settlements: [NoticeSettlement], holding fence: Fence) throws(LedgerError)

  /// Forgets the events of old submissions and old dead letters, never the submissions, landings, certificates or verdicts themselves.
  ///
  /// - Takes those that ended before `seconds` and are not among the `keepNewest` newest ended ones, longest ended first.
  /// - Bound: at most `pruneMax` submissions a call; fewer in the answer means that nothing is left to prune.
  /// - Returns: the submissions whose events are gone, so that their journals can go too.
  func prune(
    endedBefore seconds: Int64, keepNewest: Int, holding fence: Fence
  ) throws(LedgerError) -> [SubmissionID]

  /// Reads everything once and throws `.damaged` where it does not hold together.
  func verifyIntegrity() throws(LedgerError)

  func submission(_ id: SubmissionID) throws(LedgerError) -> Submission?
  /// Every submission that has not ended, by priority (urgent first), then in the order they were entered.
  func openSubmissions() throws(LedgerError) -> [Submission]
  /// The newest ended submissions, newest first.
  func endedSubmissions(limit: Int) throws(LedgerError) -> [Submission]
  /// The landed submission of this very object under this name and target, if there is one.
  func landedSubmission(name: String, target: String, pushed: ObjectID) throws(LedgerError) -> Submission?
  /// The newest submission under a name.
  ///
  /// Looks through all of them: for whoever asks once.
  func newestSubmission(name: String, target: String) throws(LedgerError) -> Submission?
  /// Whether a submission with this task id or submission id has landed on the target.
  func hasLanded(taskOrSubmission: String, target: String) throws(LedgerError) -> Bool

  func integration(_ id: IntegrationID) throws(LedgerError) -> Integration?
  /// All integrations of a submission, oldest first.
  func integrations(of submission: SubmissionID) throws(LedgerError) -> [Integration]
  /// The events after `number`, in order.
  func events(of submission: SubmissionID, after number: Int) throws(LedgerError) -> [NumberedEvent]

  /// The newest verdict under a key, without its single tests, which are many and seldom asked for.
  func checkResult(_ key: CheckKey) throws(LedgerError) -> CheckResult?
  /// The single tests of the newest verdict under a key; nil where there is no verdict, or where it told of no tests, or is
  /// too old for its tests to be kept.
  ///
  /// Times are kept to the nanosecond.
  func testCases(_ key: CheckKey) throws(LedgerError) -> [TestCase]?
  /// What the newest runs of checks took, newest first.
  func checkSeconds(newest: Int) throws(LedgerError) -> [CheckSeconds]
  /// How often each test failed and passed on the same inputs, among so many of the newest verdicts.
  func flakyTests(newest: Int) throws(LedgerError) -> [String: Int]
  /// All landings on a target, oldest first.
  func landings(on target: String) throws(LedgerError) -> [Landing]
  /// The newest landings on all targets, newest first.
  func newestLandings(limit: Int) throws(LedgerError) -> [Landing]
  /// Where the review of a submission stands; nil where nobody asked for one and nobody gave one.
  func review(of submission: SubmissionID) throws(LedgerError) -> Review?
  /// The targets whose gate is not open.
  func gates() throws(LedgerError) -> [String: Train.Gate]

  /// The receivers for whom notices wait that are not dead.
  func waitingSinks() throws(LedgerError) -> [WaitingSink]
  /// The notices for a receiver that are due, oldest first.
  func dueNotices(for sink: NoticeSink, at seconds: Int64, limit: Int) throws(LedgerError) -> [Notice]
  /// The notices that were not taken yet, dead letters among them, oldest first.
  func notices(limit: Int) throws(LedgerError) -> [Notice]
}

extension Ledger {
  /// The most submissions that one call of `prune` takes.
  package static var pruneMax: Int { 500 }
}
