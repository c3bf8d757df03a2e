import Domain
import GRDB

/// Every submission that was ever entered, in the order of entering.
struct SubmissionTable {
  private let database: Database
  init(_ database: Database) { self.database = database }

  private static let select = """
    SELECT id, name, target, pushed, embedding, task_id, agent_id, identity, priority, is_dry_run, is_retry, accepted_at,
      supersedes, state, integration, category, reason, landed_commit, ended_at, is_promoted, change_files,
      change_folders
    FROM submission
    """

  /// Adds a submission as queued.
  func enter(_ request: SubmissionRequest) throws {
    try database.run(
      """
      INSERT INTO submission (id, name, target, pushed, embedding, task_id, agent_id, identity, priority, is_dry_run,
        is_retry, accepted_at, supersedes, state)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued') ON CONFLICT (id) DO NOTHING
      """,
      [
        request.id.text, request.name.column, request.target.column, request.pushed.hex, request.embedding.rawValue,
        request.taskID.column, request.agentID.column, request.identity.column, request.options.priority.column,
        request.options.isDryRun, request.options.isRetry, request.acceptedAt, request.supersedes?.text,
      ])
    guard database.changesCount == 1 else { throw LedgerError.conflict("\(request.id) was entered before") }
    for (position, needs) in request.options.dependsOn.enumerated() {
      try database.run("INSERT INTO dependency VALUES (?, ?, ?)", [request.id.text, position, needs.column])
    }
  }

  /// Writes where a submission stands; after its end it may only be said again what stands there.
  func update(_ submission: Submission) throws {
    try database.run(
      """
      UPDATE submission SET state = ?, integration = ?, category = ?, reason = ?, landed_commit = ?, ended_at = ?,
        is_promoted = ?, change_files = ?, change_folders = ?
      WHERE id = ? AND \(Schema.isOpen)
      """,
      [
        submission.state.rawValue, submission.integration?.text, submission.category?.rawValue,
        submission.reason?.column, submission.landedCommit?.hex, submission.endedAt,
        submission.isPromoted, submission.shape?.files, submission.shape?.folders.column, submission.id.text,
      ])
    guard database.changesCount == 0 else { return }
    guard let known = try find(submission.id) else {
      throw LedgerError.conflict("\(submission.id) was never entered")
    }
    guard known == submission else {
      throw LedgerError.conflict("\(submission.id) has ended as \(known.state.rawValue) and never changes again")
    }
  }

  func find(_ id: SubmissionID) throws -> Submission? {
    try all("WHERE id = ?", [id.text]).first
  }

  func open() throws -> [Submission] {
    try all("WHERE \(Schema.isOpen) ORDER BY priority DESC, sequence")
  }

  func ended(max: Int) throws -> [Submission] {
    try all("WHERE \(Schema.isEnded) ORDER BY ended_at DESC, sequence DESC LIMIT ?", [max])
  }

  func landed(name: String, target: String, pushed: ObjectID) throws -> Submission? {
    try all(
      "WHERE state = 'landed' AND pushed = ? AND name = ? AND target = ? ORDER BY sequence DESC LIMIT 1",
      [pushed.hex, name.column, target.column]
    ).first
  }

  func newest(name: String, target: String) throws -> Submission? {
    try all("WHERE name = ? AND target = ? ORDER BY sequence DESC LIMIT 1", [name.column, target.column]).first
  }

  func hasLanded(_ taskOrSubmission: String, on target: String) throws -> Bool {
    let text = taskOrSubmission.column
    return try database.first(
      """
      SELECT 1 FROM submission WHERE state = 'landed' AND task_id = ? AND target = ?
      UNION ALL
      SELECT 1 FROM submission WHERE state = 'landed' AND id = ? AND target = ?
      LIMIT 1
      """, [text, target.column, text, target.column]) != nil
  }

  /// The ended submissions that still have events, longest ended first, without the newest ended ones.
  func prunable(endedBefore seconds: Int64, keepNewest: Int, max: Int) throws -> [SubmissionID] {
    try database.all(
      """
      SELECT id FROM submission
      WHERE has_events = 1 AND \(Schema.isEnded) AND ended_at < ?1 AND (?2 = 0 OR (ended_at, sequence) < (
        SELECT ended_at, sequence FROM submission
        WHERE \(Schema.isEnded) ORDER BY ended_at DESC, sequence DESC LIMIT 1 OFFSET ?2 - 1))
      ORDER BY ended_at, sequence LIMIT ?3
      """, [seconds, keepNewest, max]
    ).map { row in
      var row = row
      return try row.word(SubmissionID.init)
    }
  }

  private func all(_ rest: String, _ arguments: StatementArguments = []) throws -> [Submission] {
    try database.all("\(Self.select) \(rest)", arguments).map(submission)
  }

  private func submission(_ row: Columns) throws -> Submission {
    var row = row
    let id = try row.word(SubmissionID.init)
    let name = try row.text()
    let target = try row.text()
    let pushed = try row.objectID()
    let embedding = try row.word(Embedding.init)
    let taskID = try row.text()
    let agentID = try row.text()
    let identity = try row.text()
    let options = try SubmissionOptions(
      priority: row.rank(Priority.init(column:)), isDryRun: row.flag(), isRetry: row.flag(), dependsOn: dependencies(id)
    )
    let request = try SubmissionRequest(
      id: id, name: name, target: target, pushed: pushed, embedding: embedding, taskID: taskID, agentID: agentID,
      identity: identity, options: options, acceptedAt: row.integer(), supersedes: row.optionalWord(SubmissionID.init))
    var submission = try Submission(request: request, state: row.word(SubmissionState.init))
    submission.integration = try row.optionalWord(IntegrationID.init)
    submission.category = try row.optionalWord(FailureCategory.init)
    submission.reason = try row.optionalText()
    submission.landedCommit = try row.optionalObjectID()
    submission.endedAt = try row.optionalInteger()
    submission.isPromoted = try row.flag()
    let files = try row.optionalInteger()
    let folders = try [String](column: row.optionalText())
    submission.shape = files.map { ChangeShape(files: Int($0), folders: folders) }
    return submission
  }

  private func dependencies(_ id: SubmissionID) throws -> [String] {
    try database.all("SELECT needs FROM dependency WHERE submission = ? ORDER BY position", [id.text]).map { row in
      var row = row
      return try row.text()
    }
  }
}

extension Priority {
  /// The number by which the queue is sorted; it stands in files, so it never changes.
  fileprivate var column: Int64 {
    switch self {
    case .low: 1
    case .normal: 2
    case .high: 3
    case .urgent: 4
    }
  }

  fileprivate init?(column: Int64) {
    guard let priority = Self.allCases.first(where: { $0.column == column }) else { return nil }
    self = priority
  }
}
