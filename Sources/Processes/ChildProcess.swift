import CProcesses
import Glibc

/// Why a child could not be started or talked to: the step and the system's word for it.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  package let step: String
  package let code: Int32

  package init(_ step: String, code: Int32 = errno) {
    self.step = step
    self.code = code
  }

  package var description: String { "\(step): \(String(cString: strerror(code)))" }
}

/// How a child ended.
package enum Exit: Hashable, Sendable, CustomStringConvertible {
  case status(Int32)
  case signal(Int32)

  package var description: String {
    switch self {
    case .status(let number): "status \(number)"
    case .signal(let number): "signal \(number)"
    }
  }

  package var isSuccess: Bool { self == .status(0) }
}

/// What to start: nothing is inherited but what is named here.
package struct Command: Sendable {
  /// An absolute path; nothing is searched.
  package var executable: String
  package var arguments: [String]
  /// `NAME=value`; the whole environment.
  package var environment: [String]
  package var directory: String?
  /// Whether the child leads a session of its own, so that its group can be ended as one.
  package var hasOwnSession = false
  /// Whether the child leads a process group of its own in our session: it can be ended as one too, and is scheduled with
  /// us, where the kernel would hold a new session back while others compute.
  package var hasOwnGroup = false
  package var diesWithParent = false
  package var user: (uid: UInt32, gid: UInt32)?
  package var fileSizeMax: Int64?
  package var openFilesMax: Int64?
  package var processesMax: Int64?
  /// Mounts of the child's own; nil for a child that sees what the caller sees.
  package var stage: Stage?

  package init(_ executable: String, _ arguments: [String], environment: [String], directory: String? = nil) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.directory = directory
  }
}

/// A running child. Dropping it ends it: the safe end is the default end.
package struct ChildProcess: ~Copyable {
  package let pid: Int32
  /// Processor time, user and system, of the child and of all that it has waited for; nil before it was waited for.
  package private(set) var cpuSeconds: Double?
  private let leadsGroup: Bool
  private var isReaped = false

  /// Starts a child whose descriptors 0, 1, 2, … are those given; -1 stands for `/dev/null`.
  package init(_ command: Command, descriptors: [Int32]) throws(SystemError) {
    let argv = CStringArray([command.executable] + command.arguments)
    let envp = CStringArray(command.environment)
    let strings = CStringArray([command.directory ?? ""])
    defer { withExtendedLifetime((argv, envp, strings)) {} }
    var failedStep: UnsafePointer<CChar>?
    let started = Self.withStage(command.stage) { stage in
      descriptors.withUnsafeBufferPointer { wanted in
        command.executable.withCString { path in
          var spawn = sluice_spawn(
            path: path, argv: argv.pointer, envp: envp.pointer,
            directory: command.directory == nil ? nil : UnsafePointer(strings.pointer[0]),
            descriptors: wanted.baseAddress,
            descriptor_count: Int32(wanted.count), new_session: command.hasOwnSession ? 1 : 0,
            new_group: command.hasOwnGroup ? 1 : 0,
            die_with_parent: command.diesWithParent ? 1 : 0, uid: command.user.map { Int64($0.uid) } ?? -1,
            gid: command.user.map { Int64($0.gid) } ?? -1, file_size_max: command.fileSizeMax ?? -1,
            open_files_max: command.openFilesMax ?? -1, processes_max: command.processesMax ?? -1, stage: stage)
          return sluice_spawn(&spawn, &failedStep)
        }
      }
    }
    guard started > 0 else {
      let step = failedStep.map { String(cString: $0) } ?? "cannot start"
      throw SystemError(step == "cannot start" ? "cannot start \(command.executable)" : step, code: -started)
    }
    pid = started
    leadsGroup = command.hasOwnSession || command.hasOwnGroup
  }

  /// Waits for the end.
  package mutating func wait() -> Exit {
    var status: Int32 = 0
    var usage = rusage()
    while wait4(pid, &status, 0, &usage) < 0 && errno == EINTR {}
    isReaped = true
    cpuSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
    return Self.exit(from: status)
  }

  /// Waits for the end, at most `secondsMax`; nil where the child still runs.
  package mutating func wait(secondsMax: Double) -> Exit? {
    var waited = 0.0
    var pause = 0.001
    while true {
      if let exit = poll() { return exit }
      guard waited < secondsMax else { return nil }
      usleep(UInt32(pause * 1e6))
      waited += pause
      pause = min(pause * 2, 0.05)
    }
  }

  /// The exit, where the child has ended; does not wait.
  package mutating func poll() -> Exit? {
    guard !isReaped else { return nil }
    var status: Int32 = 0
    guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
    isReaped = true
    return Self.exit(from: status)
  }

  /// Sends a signal to the child, or to its whole session where it leads one.
  package func signal(_ number: Int32) {
    guard !isReaped else { return }
    kill(leadsGroup ? -pid : pid, number)
  }

  /// Lets the child live on without us: it is not ended and not waited for.
  package consuming func detach() {
    isReaped = true
  }

  deinit {
    guard !isReaped else { return }
    kill(leadsGroup ? -pid : pid, SIGKILL)
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
  }

  private static func withStage(_ stage: Stage?, _ body: (UnsafePointer<sluice_stage>?) -> pid_t) -> pid_t {
    guard let stage else { return body(nil) }
    var options: String?
    var tree: String?
    switch stage.root {
    case .overlay(let text): options = text
    case .folder(let path): tree = path
    }
    let strings = CStringArray([stage.folder, stage.point, options ?? "", tree ?? ""])
    let binds = CStringArray(stage.shown.flatMap { [$0.source, $0.name] })
    defer { withExtendedLifetime((strings, binds)) {} }
    return binds.pointer.withMemoryRebound(to: UnsafePointer<CChar>?.self, capacity: 2 * stage.shown.count + 1) {
      pairs in
      var described = sluice_stage(
        own_user_namespace: stage.ownsUserNamespace ? 1 : 0, folder: strings.pointer[0], point: strings.pointer[1],
        overlay_options: options == nil ? nil : UnsafePointer(strings.pointer[2]),
        tree: tree == nil ? nil : UnsafePointer(strings.pointer[3]), binds: pairs)
      return body(&described)
    }
  }

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

  private static func exit(from status: Int32) -> Exit {
    sluice_wait_exited(status) != 0 ? .status(sluice_wait_exit_status(status)) : .signal(sluice_wait_signal(status))
  }
}

/// A NULL-terminated array of C strings that lives as long as this value.
private final class CStringArray {
  let pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int

  init(_ strings: [String]) {
    count = strings.count
    pointer = .allocate(capacity: strings.count + 1)
    for (index, string) in strings.enumerated() { pointer[index] = strdup(string) }
    pointer[strings.count] = nil
  }

  deinit {
    for index in 0..<count { free(pointer[index]) }
    pointer.deallocate()
  }
}
