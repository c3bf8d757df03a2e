import Domain
import Glibc
import Processes

/// What works on this host, in sentences: for `sluice doctor`.
package struct SandboxReport: Hashable, Sendable {
  /// One sentence, and whether it asks for something.
  package struct Line: Hashable, Sendable {
    /// Whether something has to be mended before checks can run, or run as they should.
    package let isProblem: Bool
    package let text: String
  }

  package let lines: [Line]
  /// Whether a command was run in the sandbox just now.
  package let isUsable: Bool
}

extension Sandbox {
  /// Runs an empty command in the sandbox and says what was found.
  ///
  /// - Parameter folder: the folder of worktrees; a worker may be using it at the same time.
  package func report(folder: String) -> SandboxReport {
    var lines: [SandboxReport.Line] = []
    func say(_ text: String, isProblem: Bool = false) { lines.append(.init(isProblem: isProblem, text: text)) }
    for path in layout.missingPaths { say("sluice.sandboxReadOnly names \(path), which is not there", isProblem: true) }
    let run = trial(below: folder)
    switch run.end {
    case .exited(0):
      say("checks run in \(version), started and ended in \(Int(run.duration / .milliseconds(1))) ms")
    case .notStarted(let why): say("no check can be run: \(why)", isProblem: true)
    case .exited, .timedOut, .outOfMemory, .cancelled:
      say("no check can be run: `true` did not succeed", isProblem: true)
    }
    if let owner {
      say("the worker is root; checks run as \(settings.user) (uid \(owner.uid))")
    } else if !isRoot {
      say("the worker has no privileges; checks run as its own user, kept apart by namespaces")
    }
    switch mode {
    case .overlay: say("overlays can be mounted: the files of a candidate cost what it changes")
    case .copy:
      say("overlays cannot be mounted in \(folder): copies of the tree are kept and compared file by file instead")
    }
    say("the memory of checks is watched ten times a second over the whole process tree")
    say("network for checks: \(settings.networkMax.rawValue) (sluice.allowNetwork)")
    return SandboxReport(lines: lines, isUsable: run.end == .exited(0))
  }

  private func trial(below folder: String) -> SandboxRun {
    let name = "trial-\(getpid())"
    var content = NoContent()
    do {
      let top = try Folder(opening: folder, owner: nil)
      try FolderRemoval.remove(name, in: top)
      defer { do { try FolderRemoval.remove(name, in: top) } catch {} }
      _ = try top.makeFolder(Array(name.utf8))
      let worktrees = try Worktrees(folder: "\(folder)/\(name)", sandbox: self)
      let worktree = try worktrees.make(.emptyTree, from: &content)
      let run = try worktree.makeRun(for: .check)
      let stage = stage(folder: worktrees.folder, root: run.root, results: run.results, hasNetwork: false)
      return self.run(
        SandboxRequest(
          command: "true", stage: stage, hasNetwork: false, memoryMax: 1 << 28, durationMax: .seconds(30), attempt: 1,
          log: nil), shouldStop: { false })
    } catch {
      return SandboxRun(end: .notStarted("\(error)"), duration: .zero, usage: TreeUsage(), outputTail: [])
    }
  }

  /// What bubblewrap says it is.
  private var version: String {
    do {
      let output = try Descriptor.pipe()
      var command = Command(bubblewrap, ["--version"], environment: [])
      command.hasOwnSession = true
      var child = try ChildProcess(command, descriptors: [-1, output.writing.number, -1])
      let text = try output.keepReading().readAll(max: 1_000) ?? []
      return child.wait().isSuccess ? OutputLines.clean(text.prefix { $0 != 10 }, max: 60) : bubblewrap
    } catch {
      return bubblewrap
    }
  }
}

/// A repository without objects: the empty tree needs none.
private struct NoContent: TreeContent {
  struct Missing: Error {}

  mutating func tree(_ id: ObjectID) throws(Missing) -> [TreeEntry] { throw Missing() }
  mutating func commit(_ id: ObjectID) throws(Missing) -> Commit { throw Missing() }
  mutating func blob(_ id: ObjectID) throws(Missing) -> [UInt8] { throw Missing() }
}
