package import Domain
import Glibc
import Processes

/// What a command that writes a file anew came to.
package enum Rewriting: Sendable {
  case written([UInt8])
  /// It succeeded and left the file as it was.
  case unchanged
  case failed(reason: String)
  case stopped
}

extension CheckRunner {
  /// How long such a command may take: the line waits for it.
  package static let rewritingMax: Duration = .seconds(10 * 60)
  /// Bytes of the file.
  private static let sizeMax = 32 << 20

  /// Runs a command on a prepared worktree and takes what it left at one path; whatever else it wrote goes.
  ///
  /// Blocks until the end: give it a thread.
  package func rewrite(
    _ path: TreePath, by command: String, on worktree: Worktree, as plan: CheckPlan, shouldStop: () -> Bool = { false }
  ) -> Rewriting {
    do throws(SystemError) {
      var folder = try worktree.makeRun(for: .check)
      let run = run(
        command, in: &folder, of: worktree, timeout: Self.rewritingMax, attempt: 1,
        hasNetwork: network(plan) >= .setup, as: plan, log: "resolve", shouldStop: shouldStop)
      if run.end == .cancelled { return .stopped }
      var attempt = Attempt(number: 1, seconds: 0)
      attempt.apply(run, timeout: Self.rewritingMax, memoryMax: plan.sandbox.memory)
      guard attempt.verdict == .passed else {
        let said = attempt.outputTail.last { !$0.isEmpty }.map { ": \($0)" } ?? ""
        return .failed(reason: (attempt.reason ?? "failed") + said)
      }
      guard let files = try folder.collect().existingFolder(Worktrees.treeName) else { return .unchanged }
      return try Self.read(path.components[...], in: files)
    } catch {
      return .failed(reason: error.description)
    }
  }

  private static func read(
    _ path: ArraySlice<[UInt8]>, in folder: borrowing Folder
  ) throws(SystemError) -> Rewriting {
    guard let name = path.first, folder.kind(of: name) != nil else { return .unchanged }
    guard path.count == 1 else {
      guard folder.kind(of: name) == S_IFDIR else { return .failed(reason: "left no plain file there") }
      return try read(path.dropFirst(), in: folder.forcedFolder(name))
    }
    switch try folder.readFile(name, max: sizeMax) {
    case .bytes(let bytes): return .written(bytes)
    case .tooLarge: return .failed(reason: "wrote more than \(sizeMax >> 20) MiB")
    case .notAFile: return .failed(reason: "left no plain file there")
    }
  }
}
