import Domain
import GitProgram
import Glibc
import Processes

/// git's `post-receive`: passes ordinary refs on to the scripts that were there before.
///
/// Landings are told by the worker, which is there also when nobody watches. Where there is no `proc-receive`, this hook
/// takes the submissions in.
package enum PostReceive {
  /// - Returns: the exit status, which git ignores.
  package static func main() -> Int32 {
    StandardStreams.prepare()
    failpoint("post.begin")
    var output = PushOutput(isJSON: ReceiveContext.pushOptions().contains("format=json"))
    do {
      let lines = try ReceivedLines(reading: Descriptor(owning: STDIN_FILENO))
      guard lines.updates.contains(where: { !isAnswer($0) }) else { return 0 }
      let context = try ReceiveContext(git: ReceiveContext.git(inQuarantine: false))
      if context.settings.isFallback { try StoredSubmissions(context: context).takeIn(lines.updates, &output) }
      let ordinary = lines.updates.filter { isOrdinary($0, targets: context.targets) }
      guard !ordinary.isEmpty else { return 0 }
      let input = ordinary.flatMap { $0.line + [UInt8(ascii: "\n")] }
      return ChainedHooks(context: context).run("post-receive", input: input)
    } catch {
      output.tell(error)
      return 1
    }
  }

  /// Whether this is a name that `proc-receive` has only answered with.
  private static func isAnswer(_ update: ReceivedUpdate) -> Bool {
    ["refs/queued/", "refs/landed/", "refs/verified/", "refs/cancelled/"].contains { update.name.starts(with: $0.utf8) }
  }

  private static func isOrdinary(_ update: ReceivedUpdate, targets: Set<String>) -> Bool {
    switch PushedRef(name: update.name, targets: targets) {
    case .ordinary: true
    // A target that exists is moved by landings alone.
    case .target: if case .create = update.change { true } else { false }
    case .submission, .refused: false
    }
  }
}
