import Domain
import GitProgram
import Processes

/// One push in `proc-receive`: judged, entered in the inbox, watched, answered ref by ref.
struct ReceivedPush {
  let session: ReceiveSession

  /// The answer for each ref of the push, in its order.
  func answer(_ output: inout PushOutput) -> [RefAnswer] {
    do throws(Refusal) {
      let context = try ReceiveContext(git: ReceiveContext.git(inQuarantine: false))
      let plan = try PushPlan(session.updates, in: context)
      guard !plan.submissions.isEmpty else { return session.updates.map { _ in .ordinary } }
      guard !session.isAtomic || plan.submissions.count == 1 else {
        throw Refusal(
          .invalidPush, "--atomic with several submit refs: each submission has an answer of its own",
          hint: "push them without --atomic")
      }
      let options = try PushOptions.parse(session.options)
      let judged = AdmissionProof(context: context).take(session.updates, options: session.options)
      let reception = Reception(
        context: context, options: options, judged: judged ?? [],
        refs: RefTransactions(git: context.git, leavesSync: true))
      return try answer(plan.submissions, by: reception, &output)
    } catch {
      output.tell(error)
      return session.updates.map { _ in .refused(error) }
    }
  }

  private func answer(
    _ submissions: [PushPlan.Submission], by reception: Reception, _ output: inout PushOutput
  ) throws(Refusal) -> [RefAnswer] {
    let outcomes = submissions.map { reception.receive($0) }
    try reception.sync(outcomes)
    failpoint("proc.after_commit")
    reception.tell(outcomes, &output)
    return try reception.finish(outcomes, &output)
  }
}
