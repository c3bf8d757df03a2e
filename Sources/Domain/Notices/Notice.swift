/// One occasion told to one receiver: a row of the outbox, written in the same transaction as the event it tells.
package struct Notice: Hashable, Sendable {
  /// The same whenever it is sent: receivers drop duplicates by it.
  package let id: NoticeID
  /// Whose it is: those of one submission reach a receiver in order.
  package let submission: SubmissionID?
  package let occasion: Policy.Notification.Occasion
  package let sink: NoticeSink
  /// What is told: one line of JSON, `{"type", "timestamp", "data"}`, which no sending changes.
  package let body: String
  /// Seconds since 1970.
  package let createdAt: Int64
  /// How often it was tried in vain.
  package var attempts = 0
  /// Seconds since 1970 before which it is not tried.
  package var dueAt: Int64
  /// Whether nobody tries it any more until somebody says so.
  package var isDead = false
  /// Why it was not taken the last time.
  package var error: String?

  package init(
    id: NoticeID, submission: SubmissionID?, occasion: Policy.Notification.Occasion, sink: NoticeSink, body: String,
    createdAt: Int64
  ) {
    self.id = id
    self.submission = submission
    self.occasion = occasion
    self.sink = sink
    self.body = body
    self.createdAt = createdAt
    dueAt = createdAt
  }

  package var json: JSONValue {
    [
      "id": .string(id.text), "submission_id": (submission?.text).json, "event": .string(occasion.rawValue),
      "sink": .string(sink.text), "state": isDead ? "dead" : "waiting", "attempts": .integer(attempts),
      "created_at": .string(Timestamp.rfc3339(createdAt)),
      "next_attempt_at": isDead ? .null : .string(Timestamp.rfc3339(dueAt)), "error": error.json,
    ]
  }
}

/// What became of a notice that was tried.
package enum NoticeSettlement: Hashable, Sendable {
  /// It was taken: its row goes.
  case delivered(NoticeID)
  /// It is tried again; those behind it wait for it.
  case postponed(NoticeID, until: Int64, error: String)
  /// It is a dead letter.
  case dead(NoticeID, error: String)
  /// What is older and still waits for a receiver is dead: who is away for long does not fill the ledger.
  case expired(NoticeSink, createdBefore: Int64, error: String)
  /// The receiver wants nothing more: all that waits for it is dead.
  case gone(NoticeSink, error: String)
}

/// When a notice that was not taken is tried again.
package enum NoticeSchedule {
  /// After so many attempts, which take about a day, it is a dead letter.
  package static let attemptsMax = 10
  package static let secondsMax: Int64 = 12 * 3_600
  /// What is older than three days is a dead letter when its receiver fails, however often it was tried itself.
  package static let ageMax: Int64 = 3 * 86_400

  /// Seconds to wait after `attempts` in vain: 2, 8, 32, … at most twelve hours, less up to half by chance, so that those
  /// that failed together do not come back together; nil where there is no other attempt.
  package static func secondsToWait(afterAttempts attempts: Int, using random: inout some RandomNumberGenerator)
    -> Int64?
  {
    guard attempts < attemptsMax else { return nil }
    let full = min(secondsMax, 2 << Int64(2 * (max(1, attempts) - 1)))
    return Int64.random(in: (full + 1) / 2...full, using: &random)
  }
}
