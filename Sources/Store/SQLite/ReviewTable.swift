import Domain
import GRDB

/// What people were asked about submissions, and what they said.
struct ReviewTable {
  private let database: Database
  init(_ database: Database) { self.database = database }

  func put(_ review: Review) throws {
    try database.run(
      """
      INSERT INTO review (submission, asked_at, approved_by, approved_at) VALUES (?, ?, ?, ?)
      ON CONFLICT (submission) DO UPDATE SET asked_at = excluded.asked_at, approved_by = excluded.approved_by,
        approved_at = excluded.approved_at
      """,
      [review.submission.text, review.askedAt, review.approval?.by.column, review.approval?.at])
  }

  func find(_ submission: SubmissionID) throws -> Review? {
    guard
      var row = try database.first(
        "SELECT asked_at, approved_by, approved_at FROM review WHERE submission = ?", [submission.text])
    else { return nil }
    var review = Review(submission: submission, askedAt: try row.optionalInteger())
    if let by = try row.optionalText(), let at = try row.optionalInteger() {
      review.approval = Approval(by: by, at: at)
    }
    return review
  }
}
