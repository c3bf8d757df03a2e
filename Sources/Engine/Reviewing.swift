import Domain
import Store

/// What people were asked of the submissions in flight, and what they said.
struct Reviews {
  /// What one that is parked waits for, and until when (seconds since 1970).
  fileprivate struct Wait {
    let requested: RequestedReviews
    let deadline: Int64
  }

  fileprivate var known: [SubmissionID: Review] = [:]
  fileprivate var waits: [SubmissionID: Wait] = [:]

  /// Takes up what the ledger says of a submission that comes back.
  mutating func resume(_ review: Review?) {
    guard let review else { return }
    known[review.submission] = review
  }

  mutating func forget(_ submission: SubmissionID) {
    known[submission] = nil
    waits[submission] = nil
  }
}

extension Engine {
  /// Lets a submission through that nobody has to look at, or that somebody has approved.
  ///
  /// A dry run lands nothing, so that nobody is asked.
  func demandApproval(of request: SubmissionRequest, _ requested: RequestedReviews) throws(AwaitedReview) {
    guard !requested.reviews.isEmpty, !request.options.isDryRun, approval(of: request.id) == nil else { return }
    throw AwaitedReview(requested: requested)
  }

  func approval(of submission: SubmissionID) -> Approval? { reviews.known[submission]?.approval }

  /// Takes a submission out of the line until somebody has answered; the others go on.
  func park(
    _ request: SubmissionRequest, _ candidate: Train.Candidate.ID, on target: String, for requested: RequestedReviews
  ) {
    var review = reviews.known[request.id] ?? Review(submission: request.id)
    let isNew = review.askedAt == nil
    let askedAt = review.askedAt ?? clock.seconds
    review.askedAt = askedAt
    reviews.known[request.id] = review
    let patience = requested.reviews.map(\.timeout.components.seconds).min() ?? 0
    let wait = Reviews.Wait(requested: requested, deadline: askedAt + patience)
    reviews.waits[request.id] = wait
    toldPositions[request.id] = nil
    if isNew {
      let asked = Event.reviewRequested(
        request, reviews: requested.reviews.map(\.name), paths: requested.paths.map(\.description),
        until: wait.deadline)
      record([.review(review), event(asked, of: request.id)])
    }
    if var submission = open[request.id], submission.state != .queued {
      submission.state = .queued
      open[request.id] = submission
      record([.submission(submission)])
    }
    // First out of the line, so that it is not built again at once.
    tell(target, .parked(request.id))
    tell(target, .unbuilt(candidate, .stale))
  }

  /// Takes in what an administrator says of a submission; what was said before stands.
  func review(_ submission: SubmissionID, _ answer: ReviewAnswer, by identity: String, at: Int64) {
    guard let request = open[submission]?.request else { return }
    var review = reviews.known[submission] ?? Review(submission: submission)
    guard review.approval == nil else { return }
    switch answer {
    case .approved:
      let approval = Approval(by: identity, at: at)
      review.approval = approval
      reviews.known[submission] = review
      reviews.waits[submission] = nil
      record([.review(review), event(.reviewApproved(request, approval), of: submission)])
      tell(request.target, .unparked(submission))
    case .refused(let reason):
      guard review.isPending else { return }
      let words = "\(Printable.line(identity, max: 80)) refused it: \(Printable.line(reason, max: 300))"
      tell(
        request.target,
        .refused(
          submission,
          Refusal(.manualReview, words, hint: "mend it, and push to refs/heads/submit/\(request.name) again")))
    }
  }

  /// Refuses those that have waited for people as long as the policy lets them.
  func endReviewsOverdue() {
    for (submission, wait) in reviews.waits where wait.deadline <= clock.seconds {
      guard let request = open[submission]?.request else { continue }
      reviews.waits[submission] = nil
      let names = wait.requested.reviews.map(\.name).joined(separator: ", ")
      tell(
        request.target,
        .refused(
          submission,
          Refusal(
            .manualReview, "nobody has approved it in time for \(names)",
            hint: "push it again, and ask an administrator for 'sluice approve' with the new id")))
    }
  }

  /// The reviews of a candidate, as results beside those of its checks; they were answered before it was made.
  func reviewResults(of built: BuiltCandidate, _ request: SubmissionRequest) -> [CheckResult] {
    guard let review = reviews.known[request.id], let approval = review.approval else { return [] }
    return built.reviews.map { asked in
      CheckResult(
        name: asked.name, kind: "review", verdict: .passed,
        reason: "approved by \(approval.by) at \(Timestamp.rfc3339(approval.at))",
        seconds: Double(max(0, approval.at - (review.askedAt ?? approval.at))), key: CheckKey(digest: request.pushed))
    }
  }
}
