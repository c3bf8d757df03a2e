import Domain
import GitProgram
import Processes

/// Takes the submissions of one push in: judges each, enters it, tells the pusher, watches.
struct Reception {
  /// What became of one submit ref before anybody watched it.
  enum Outcome: Sendable {
    case entered(Acceptance, warnings: [String])
    /// A withdrawal was entered; `deletes` where it was asked for by deleting the ref.
    case cancelled(SubmissionRequest, deletes: Bool)
    case refused(Refusal)

    /// The submission that the answer waits for.
    var request: SubmissionRequest? {
      switch self {
      case .entered(let acceptance, _): acceptance.request
      case .cancelled(let request, _): request
      case .refused: nil
      }
    }
  }

  let context: ReceiveContext
  let options: PushOptions
  private let admission: Admission
  private let inbox: Inbox
  private let hooks: ChainedHooks

  /// What `pre-receive` has judged already.
  private let judged: [AdmittedWork]

  init(context: ReceiveContext, options: PushOptions, judged: [AdmittedWork] = [], refs: RefTransactions) {
    self.context = context
    self.options = options
    self.judged = judged
    admission = Admission(context: context, options: options)
    inbox = Inbox(context: context, questions: admission.questions, refs: refs)
    hooks = ChainedHooks(context: context)
  }

  /// Judges one submission and enters it.
  ///
  /// - Parameter isStored: whether git has stored the submit ref, because there is no `proc-receive`; it is taken away.
  func receive(_ submission: PushPlan.Submission, isStored: Bool = false) -> Outcome {
    let new = submission.update.change.new
    let stored = isStored ? new.map { (submission.ref, $0) } : nil
    do throws(Refusal) {
      // git asks the update hook itself about refs that it stores.
      guard isStored || hooks.update(submission.ref, to: new) else {
        throw Refusal(.unauthorized, "the repository's update hook declined submit/\(submission.name)")
      }
      guard let new, !options.isCancel else {
        try admission.checkOwner(of: submission.name)
        let request = try inbox.cancel(submission.name, target: admission.target(), at: .now())
        try inbox.forget(stored)
        return .cancelled(request, deletes: new == nil)
      }
      let known = judged.first { $0.name == submission.name && $0.pushed.id == new }
      let work: AdmittedWork
      if let known { work = known } else { work = try admission.admit(new, as: submission.name) }
      let acceptance = try inbox.accept(work, options: options.submission, at: .now(), replacing: stored)
      if !acceptance.isNew { try inbox.forget(stored) }
      return .entered(acceptance, warnings: work.warnings)
    } catch {
      do { try inbox.forget(stored) } catch {}
      return .refused(error)
    }
  }

  /// Makes what was entered durable, before the first word about it.
  func sync(_ outcomes: [Outcome]) throws(Refusal) {
    inbox.refs.leave()
    inbox.questions.leave()
    guard outcomes.contains(where: { $0.request != nil }) else { return }
    try inbox.sync()
  }

  func tell(_ outcomes: [Outcome], _ output: inout PushOutput) {
    for outcome in outcomes {
      switch outcome {
      case .entered(let acceptance, let warnings):
        for warning in warnings { output.warn(warning) }
        output.tellAcceptance(of: acceptance.request, isNew: acceptance.isNew)
      case .cancelled: break
      case .refused(let refusal): output.tell(refusal)
      }
    }
  }

  /// Watches, where the pusher waits, and answers.
  func finish(_ outcomes: [Outcome], _ output: inout PushOutput) throws(Refusal) -> [RefAnswer] {
    let requests = outcomes.compactMap(\.request)
    guard options.waits, context.settings.waits, !requests.isEmpty else {
      if !requests.isEmpty { _ = WorkerCall(context.place).call() }
      return outcomes.map { answer($0, end: nil) }
    }
    var watch = Watch(context: context)
    let ends = try watch.follow(requests, &output)
    return outcomes.map { outcome in answer(outcome, end: outcome.request.flatMap { ends[$0.id] }) }
  }

  private func answer(_ outcome: Outcome, end: SubmissionEnd?) -> RefAnswer {
    switch outcome {
    case .refused(let refusal): return .refused(refusal)
    case .entered(let acceptance, _): return end.map { .ended($0, acceptance.request) } ?? .queued(acceptance.request)
    case .cancelled(let request, let deletes):
      guard let end, end.state != .cancelled, end.state != .superseded else {
        return .cancelled(request, deletes: deletes)
      }
      return .refused("\(FailureCategory.invalidPush.rawValue): it had \(end.state.rawValue) already")
    }
  }
}
