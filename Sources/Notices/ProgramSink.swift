import Processes

/// Hands a notice to a program of the administrator's on its standard input.
struct ProgramSink {
  let isStopped: @Sendable () -> Bool
  private static let secondsMax = 30.0
  private static let pollSeconds = 0.5
  /// What sysexits(3) says of an input or an address that will not get better.
  private static let hopeless: ClosedRange<Int32> = 64...68

  /// - Parameter words: the absolute path and the arguments; no shell reads them.
  func run(_ words: [String], input: [UInt8], environment: [String]) -> NoticeOutcome {
    guard let program = words.first else { return .refused("no program is named") }
    var command = Command(
      program, Array(words.dropFirst()),
      environment: ["PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME=/nonexistent", "LANG=C.UTF-8"]
        + environment, directory: "/")
    command.hasOwnSession = true
    command.diesWithParent = true
    do throws(SystemError) {
      let file = try Descriptor.inMemory(holding: input)
      var child = try ChildProcess(command, descriptors: [file.number, -1, -1])
      var waited = 0.0
      while true {
        if let exit = child.wait(secondsMax: Self.pollSeconds) { return Self.outcome(of: exit, program) }
        waited += Self.pollSeconds
        // Dropping the child ends it, and all of its session.
        if isStopped() { return .stopped }
        if waited >= Self.secondsMax { return .failed("\(program) took more than \(Int(Self.secondsMax)) s") }
      }
    } catch { return .failed("\(error)") }
  }

  private static func outcome(of exit: Exit, _ program: String) -> NoticeOutcome {
    switch exit {
    case .status(0): .taken
    case .status(let number) where hopeless.contains(number): .refused("\(program) ended with \(exit)")
    case .status, .signal: .failed("\(program) ended with \(exit)")
    }
  }
}
