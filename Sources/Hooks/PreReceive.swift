import Domain
import GitProgram
import Glibc
import Processes

/// git's `pre-receive`: refuses a push while its objects are still in quarantine, so that nothing of it stays.
///
/// It decides nothing for good: git shows it names that it has not checked yet, and skips it where it is missing.
/// `ProcReceive` judges again.
package enum PreReceive {
  /// - Returns: the exit status; anything but 0 declines the whole push.
  package static func main() -> Int32 {
    StandardStreams.prepare()
    failpoint("pre.begin")
    var output = PushOutput(isJSON: ReceiveContext.pushOptions().contains("format=json"))
    do {
      let lines = try ReceivedLines(reading: Descriptor(owning: STDIN_FILENO))
      failpoint("pre.after_stdin")
      let context = try ReceiveContext(git: ReceiveContext.git(inQuarantine: true))
      let works = try judge(lines.updates, in: context)
      failpoint("pre.after_validate")
      let status = ChainedHooks(context: context).run("pre-receive", input: lines.bytes)
      if status == 0, !works.isEmpty, !context.settings.isFallback {
        AdmissionProof(context: context).leave(works, of: lines.updates, options: ReceiveContext.pushOptions())
      }
      return status
    } catch {
      output.tell(error)
      return 1
    }
  }

  private static func judge(
    _ updates: [ReceivedUpdate], in context: ReceiveContext
  ) throws(Refusal) -> [AdmittedWork] {
    let plan = try PushPlan(updates, in: context)
    guard !plan.submissions.isEmpty else { return [] }
    try PushCertificate()?.check()
    let options = try PushOptions.parse(ReceiveContext.pushOptions())
    let admission = Admission(context: context, options: options)
    defer { admission.questions.leave() }
    var works: [AdmittedWork] = []
    for submission in plan.submissions {
      guard let pushed = submission.update.change.new, !options.isCancel else {
        try admission.checkOwner(of: submission.name)
        _ = try admission.target()
        guard submission.update.change.new != nil || !context.settings.isFallback else {
          throw Refusal(
            .invalidPush, "this server cannot see the deletion of a submit ref",
            hint: "git push -o cancel <remote> HEAD:\(submission.ref)")
        }
        continue
      }
      works.append(try admission.admit(pushed, as: submission.name))
    }
    return works
  }
}
