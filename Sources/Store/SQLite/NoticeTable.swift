import Domain
import GRDB

/// The outbox: notices that were not taken yet. One that was taken has no row.
///
/// Those of one submission for one receiver never become due before the ones ahead of them.
struct NoticeTable {
  private let database: Database
  init(_ database: Database) { self.database = database }

  private static let select =
    "SELECT id, submission, occasion, sink, body, created_at, attempts, due_at, is_dead, error FROM notice"

  func add(_ notice: Notice) throws {
    let sink = notice.sink.text.column
    try database.run(
      """
      INSERT INTO notice (id, submission, occasion, sink, body, created_at, attempts, due_at, is_dead, error)
      VALUES (?, ?, ?, ?, ?, ?, ?, max(?, coalesce(
        (SELECT max(due_at) FROM notice WHERE is_dead = 0 AND sink = ? AND submission = ?), 0)), ?, ?)
      """,
      [
        notice.id.text, notice.submission?.text, notice.occasion.rawValue, sink, notice.body.column, notice.createdAt,
        notice.attempts, notice.dueAt, sink, notice.submission?.text, notice.isDead, notice.error?.column,
      ])
  }

  func settle(_ settlement: NoticeSettlement) throws {
    switch settlement {
    case .delivered(let id): try database.run("DELETE FROM notice WHERE id = ?", [id.text])
    case .postponed(let id, let due, let error):
      try database.run(
        "UPDATE notice SET attempts = attempts + 1, due_at = ?, error = ? WHERE id = ?", [due, error.column, id.text])
      try database.run(
        """
        UPDATE notice SET due_at = ?1 WHERE is_dead = 0 AND due_at < ?1
          AND sink = (SELECT sink FROM notice WHERE id = ?2) AND submission = (SELECT submission FROM notice WHERE id = ?2)
        """, [due, id.text])
    case .dead(let id, let error):
      try database.run(
        "UPDATE notice SET attempts = attempts + 1, is_dead = 1, error = ? WHERE id = ?", [error.column, id.text])
    case .expired(let sink, let seconds, let error):
      try database.run(
        "UPDATE notice SET is_dead = 1, error = ? WHERE is_dead = 0 AND sink = ? AND created_at < ?",
        [error.column, sink.text.column, seconds])
    case .gone(let sink, let error):
      try database.run(
        "UPDATE notice SET is_dead = 1, error = ? WHERE is_dead = 0 AND sink = ?", [error.column, sink.text.column])
    }
  }

  /// Makes a notice due again, dead or waiting, as if it had never been tried.
  func resend(_ id: NoticeID, at now: Int64) throws {
    try database.run("UPDATE notice SET is_dead = 0, attempts = 0, due_at = ? WHERE id = ?", [now, id.text])
  }

  func waiting() throws -> [WaitingSink] {
    var found: [WaitingSink] = []
    // From one receiver to the next: how many notices wait for each does not count.
    while true {
      let next = try database.first(
        """
        SELECT sink, due_at FROM notice INDEXED BY notice_due WHERE is_dead = 0 AND sink > ? ORDER BY sink, due_at LIMIT 1
        """, [found.last?.sink.text.column ?? ""])
      guard var row = next else { return found }
      found.append(try WaitingSink(sink: row.word(NoticeSink.init), dueAt: row.integer()))
    }
  }

  func due(_ sink: NoticeSink, at now: Int64, max: Int) throws -> [Notice] {
    try database.all(
      "\(Self.select) INDEXED BY notice_of_sink WHERE is_dead = 0 AND sink = ? AND due_at <= ? ORDER BY sequence LIMIT ?",
      [sink.text.column, now, max]
    ).map(Self.notice)
  }

  func all(max: Int) throws -> [Notice] {
    try database.all("\(Self.select) ORDER BY sequence LIMIT ?", [max]).map(Self.notice)
  }

  func removeDead(createdBefore seconds: Int64) throws {
    try database.run("DELETE FROM notice WHERE is_dead = 1 AND created_at < ?", [seconds])
  }

  private static func notice(_ row: Columns) throws -> Notice {
    var row = row
    var notice = try Notice(
      id: row.word(NoticeID.init), submission: row.optionalWord(SubmissionID.init),
      occasion: row.word { Policy.Notification.Occasion(rawValue: $0) }, sink: row.word(NoticeSink.init),
      body: row.text(),
      createdAt: row.integer())
    notice.attempts = try Int(row.integer())
    notice.dueAt = try row.integer()
    notice.isDead = try row.flag()
    notice.error = try row.optionalText()
    return notice
  }
}
