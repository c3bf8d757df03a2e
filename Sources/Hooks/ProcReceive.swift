import Domain
import GitProgram
import Glibc
import Processes

/// git's `proc-receive`: takes every ref of a push, and is the authority on submissions.
package enum ProcReceive {
  /// - Returns: the exit status; git refuses every ref where it is not 0.
  package static func main() -> Int32 {
    StandardStreams.prepare()
    failpoint("proc.begin")
    let input = Descriptor(owning: STDIN_FILENO)
    let answers = Descriptor(owning: STDOUT_FILENO)
    var output = PushOutput(isJSON: false)
    do {
      let session = try ReceiveSession(input, answers)
      failpoint("proc.after_read")
      output = PushOutput(isJSON: session.options.contains("format=json"))
      let told = ReceivedPush(session: session).answer(&output)
      failpoint("proc.before_report")
      var packets: [UInt8] = []
      for (update, answer) in zip(session.updates, told) { packets += answer.packets(for: update.name) }
      try answers.write(packets + PktLine.flush)
      failpoint("proc.during_report")
      return 0
    } catch let refusal as Refusal {
      output.tell(refusal)
      return 1
    } catch { return 1 }
  }
}
