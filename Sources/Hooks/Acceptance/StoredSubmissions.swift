import Domain
import GitProgram
import Processes

/// The submit refs that git has stored where there is no `proc-receive`: they are taken in and removed.
struct StoredSubmissions {
  let context: ReceiveContext

  /// Takes in what this push has stored, and what an earlier push stored whose hook did not get to it.
  func takeIn(_ updates: [ReceivedUpdate], _ output: inout PushOutput) throws(Refusal) {
    let pushed = Set(updates.map(\.name))
    let stored = try stored()
    failpoint("post.after_reread")
    let own = stored.filter { pushed.contains($0.update.name) }
    let options = try PushOptions.parse(ReceiveContext.pushOptions())
    if !own.isEmpty { try takeIn(own, options, &output) }
    let left = stored.filter { !pushed.contains($0.update.name) }
    guard !left.isEmpty else { return }
    let reception = Reception(
      context: context, options: PushOptions(), refs: RefTransactions(git: context.git, leavesSync: true))
    let outcomes = left.map { reception.receive($0, isStored: true) }
    try reception.sync(outcomes)
    _ = WorkerCall(context.place).call()
  }

  private func takeIn(
    _ submissions: [PushPlan.Submission], _ options: PushOptions, _ output: inout PushOutput
  ) throws(Refusal) {
    let reception = Reception(
      context: context, options: options, refs: RefTransactions(git: context.git, leavesSync: true))
    let outcomes = submissions.map { reception.receive($0, isStored: true) }
    try reception.sync(outcomes)
    failpoint("post.before_output")
    reception.tell(outcomes, &output)
    _ = try reception.finish(outcomes, &output)
  }

  /// The submit refs as they are now, which need not be as they were pushed.
  private func stored() throws(Refusal) -> [PushPlan.Submission] {
    let spaces = ["refs/heads/submit/", "refs/submit/", "refs/tags/submit/"]
    let result = try answering {
      try context.git.run(["for-each-ref", "--format=%(objectname) %(refname)"] + spaces, outputMax: 16 << 20)
    }
    guard result.exit.isSuccess else { throw Refusal(.infrastructure, "git for-each-ref: \(result.messages)") }
    return result.text.split(separator: "\n").compactMap { line in
      let none = String(repeating: "0", count: 2 * ObjectID.byteCount)
      guard let update = ReceivedUpdate(line: Array("\(none) \(line)".utf8)[...]),
        case .submission(let name) = PushedRef(name: update.name, targets: context.targets)
      else { return nil }
      return PushPlan.Submission(name: name, update: update, ref: String(decoding: update.name, as: UTF8.self))
    }
  }
}
