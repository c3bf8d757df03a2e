import Glibc
import Processes

extension Sandbox {
  private static let openFilesMax: Int64 = 4_096
  /// Of all sandboxes of one user together; each has a lower bound of its own.
  private static let processesMax: Int64 = 16_384
  private static let fileSizeMax: Int64 = 16 << 30

  /// Runs a command to its end and waits until every process of it is gone.
  ///
  /// - Parameter shouldStop: asked a few times a second; true ends the command.
  func run(_ request: SandboxRequest, shouldStop: () -> Bool) -> SandboxRun {
    let start = ContinuousClock.now
    func notStarted(_ reason: String) -> SandboxRun {
      SandboxRun(end: .notStarted(reason), duration: start.duration(to: .now), usage: TreeUsage(), outputTail: [])
    }
    if let problem { return notStarted(problem) }
    var command = Command(
      bubblewrap,
      layout.arguments(
        running: request.command, hasNetwork: request.hasNetwork, memoryMax: request.memoryMax),
      environment: layout.environment(attempt: request.attempt))
    command.stage = request.stage
    command.hasOwnSession = true
    command.diesWithParent = true
    command.user = owner.map { ($0.uid, $0.gid) }
    command.fileSizeMax = Self.fileSizeMax
    command.openFilesMax = Self.openFilesMax
    command.processesMax = Self.processesMax
    do {
      let output = try Descriptor.pipe()
      let status = try Descriptor.pipe()
      let child = try ChildProcess(
        command, descriptors: [-1, output.writing.number, output.writing.number, status.writing.number])
      var watch = try SandboxWatch(
        child, output: output.keepReading(), status: status.keepReading(), request: request,
        user: command.user ?? (geteuid(), getegid()), start: start)
      return watch.watch(shouldStop: shouldStop)
    } catch {
      return notStarted(error.description)
    }
  }
}
