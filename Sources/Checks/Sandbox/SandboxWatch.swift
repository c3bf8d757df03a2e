import Glibc
import Processes

/// Watches one sandbox: takes its output, holds it to its limits, and sees to it that nothing of it lives on.
struct SandboxWatch: ~Copyable {
  private var child: ChildProcess
  private let outer: ProcessDescriptor
  /// The first process of the sandbox's process namespace: with it goes everything inside.
  private var inner: ProcessDescriptor?
  private var innerPid: Int32?
  private let output: Descriptor
  private let status: Descriptor
  private let request: SandboxRequest
  private let user: (uid: UInt32, gid: UInt32)
  private let start: ContinuousClock.Instant
  private var kept: KeptOutput
  private var report: [UInt8] = []
  private var isOutputOpen = true
  private var isStatusOpen = true
  private var verdict: SandboxRun.End?
  /// The most that was ever seen of each.
  private var usage = TreeUsage()
  private var killedAt: ContinuousClock.Instant?
  private let buffer: UnsafeMutableRawBufferPointer

  private static let chunk = 1 << 18
  private static let processesMax: Int64 = 2_048
  private static let reportMax = 1 << 16
  /// Milliseconds between looks at memory and at whether to stop: often at first, then a few times a second.
  private static let ticks = [20, 40, 80, 100]
  private static let endGrace: Duration = .seconds(10)

  init(
    _ child: consuming ChildProcess, output: consuming Descriptor, status: consuming Descriptor,
    request: SandboxRequest,
    user: (uid: UInt32, gid: UInt32), start: ContinuousClock.Instant
  ) throws(SystemError) {
    outer = try ProcessDescriptor(pid: child.pid)
    self.child = child
    self.output = output
    self.status = status
    self.request = request
    self.user = user
    self.start = start
    kept = KeptOutput(path: request.log)
    buffer = .allocate(byteCount: Self.chunk, alignment: 16)
    for descriptor in [self.output.number, self.status.number] {
      _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }
  }

  deinit { buffer.deallocate() }

  /// Watches to the end.
  mutating func watch(shouldStop: () -> Bool) -> SandboxRun {
    var tick = 0
    var nextLook = start + .milliseconds(Self.ticks[0])
    let deadline = start + request.durationMax
    while true {
      let now = ContinuousClock.now
      if killedAt == nil, now >= deadline { end(as: .timedOut) }
      if now >= nextLook {
        let cost = look(shouldStop: shouldStop)
        tick = min(tick + 1, Self.ticks.count - 1)
        // Looking at a very large tree is dear; it never takes more than a tenth of the time.
        nextLook = now + max(.milliseconds(Self.ticks[tick]), cost * 10)
      }
      if wait(until: killedAt == nil ? min(nextLook, deadline) : nextLook) { break }
    }
    // Until it is waited for, what it and all that it has waited for have used can be asked.
    usage.raise(to: ProcessTree.usage(of: [child.pid]))
    let exit = child.wait()
    usage.raise(to: TreeUsage(cpuSeconds: child.cpuSeconds))
    let isOver = finish(exit)
    let end = verdict ?? read(exit)
    if case .notStarted = end { usage = TreeUsage() }
    return SandboxRun(
      end: end, duration: start.duration(to: .now), usage: usage, outputTail: kept.lastLines(), isOver: isOver)
  }

  /// Waits for output or the end; says whether the sandbox has ended.
  private mutating func wait(until moment: ContinuousClock.Instant) -> Bool {
    var entries = [
      pollfd(fd: outer.number, events: Int16(POLLIN), revents: 0),
      pollfd(fd: isOutputOpen ? output.number : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: isStatusOpen ? status.number : -1, events: Int16(POLLIN), revents: 0),
    ]
    let left = max(ContinuousClock.now.duration(to: moment), .zero)
    let milliseconds = left.components.seconds * 1_000 + left.components.attoseconds / 1_000_000_000_000_000 + 1
    guard poll(&entries, nfds_t(entries.count), Int32(clamping: milliseconds)) > 0 else { return false }
    if entries[2].revents != 0 { readStatus() }
    if entries[1].revents != 0 { isOutputOpen = readOutput() }
    return entries[0].revents != 0
  }

  /// Looks at memory and at whether to stop; says how long that took.
  private mutating func look(shouldStop: () -> Bool) -> Duration {
    if let killedAt {
      // The first process did not take everything with it in time: end what can still be found.
      if killedAt.duration(to: .now) > Self.endGrace { killAll() }
      return .zero
    }
    if shouldStop() {
      end(as: .cancelled)
      return .zero
    }
    return ContinuousClock().measure {
      let pids = ProcessTree.pids(from: child.pid)
      let used = ProcessTree.residentBytes(of: pids, limit: request.memoryMax)
      usage.peakMemory = max(usage.peakMemory ?? 0, used)
      usage.raise(to: ProcessTree.usage(of: pids))
      if used > request.memoryMax { end(as: .outOfMemory) }
    }
  }

  private mutating func end(as verdict: SandboxRun.End) {
    self.verdict = verdict
    killedAt = .now
    readStatus()
    // The kernel buries what it kills here without adding it up.
    usage.raise(to: ProcessTree.usage(of: ProcessTree.pids(from: child.pid)))
    if inner == nil { killAll() }
    inner?.signal(SIGKILL)
  }

  private func killAll() {
    for pid in ProcessTree.pids(from: child.pid).dropFirst() { kill(pid, SIGKILL) }
    outer.signal(SIGKILL)
  }

  /// Reads one chunk; false at the end of the output.
  private mutating func readOutput() -> Bool {
    let count = Glibc.read(output.number, buffer.baseAddress, buffer.count)
    if count > 0 { kept.append(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
    return count > 0 || count < 0 && (errno == EAGAIN || errno == EINTR)
  }

  /// Reads what bubblewrap reports: the first line names the first process inside.
  private mutating func readStatus() {
    guard isStatusOpen else { return }
    let count = Glibc.read(status.number, buffer.baseAddress, 4_096)
    if count > 0, report.count < Self.reportMax { report += buffer[..<count] }
    isStatusOpen = count > 0 || count < 0 && (errno == EAGAIN || errno == EINTR)
    if inner == nil, let pid = Self.number(after: "\"child-pid\": ", in: report) { openInner(Int32(pid)) }
  }

  /// Opens a handle on the first process inside, where the pid is still its own: a short command may be over by now.
  private mutating func openInner(_ pid: Int32) {
    do {
      let opened = try ProcessDescriptor(pid: pid)
      let namespace = Self.number(after: "\"pid-namespace\": ", in: report)
      guard ProcessTree.parent(of: pid) == child.pid || namespace == ProcessTree.namespace(of: pid) else { return }
      // In its own user namespace, so that what one command uses up is not missing to another of the same user.
      opened.limitProcesses(of: pid, to: Self.processesMax, as: user)
      inner = consume opened
      innerPid = pid
    } catch {}
  }

  /// Ends what the command left running, and takes what is left in the pipes; says whether nothing runs any more.
  private mutating func finish(_ exit: Exit) -> Bool {
    inner?.signal(SIGKILL)
    // Where the first process inside was never seen, bubblewrap's own exit says that it had ended.
    let isOver = inner?.waitForEnd(milliseconds: 10_000) ?? (killedAt == nil && !Self.isSignal(exit))
    // Its parent is gone, so it is left to process 1 to bury: in a container that may be us.
    if getpid() == 1, let innerPid { waitpid(innerPid, nil, WNOHANG) }
    while isStatusOpen, readMoreStatus() {}
    // Nobody writes any more; what does not end now is not waited for.
    var left = 1 << 26
    while isOutputOpen, left > 0 {
      let count = Glibc.read(output.number, buffer.baseAddress, buffer.count)
      guard count > 0 else { break }
      kept.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      left -= count
    }
    kept.finish()
    return isOver
  }

  private mutating func readMoreStatus() -> Bool {
    let before = report.count
    readStatus()
    return report.count > before
  }

  private static func isSignal(_ exit: Exit) -> Bool {
    if case .signal = exit { true } else { false }
  }

  private func read(_ exit: Exit) -> SandboxRun.End {
    guard Self.number(after: "\"exit-code\": ", in: report) != nil else {
      // Without this line the sandbox itself failed, and what it printed says why.
      return .notStarted(kept.lastLines().last ?? "the sandbox ended with \(exit) before the command was started")
    }
    switch exit {
    case .status(let status): return .exited(status)
    case .signal(let number): return .exited(128 + number)
    }
  }

  private static func number(after key: String, in bytes: [UInt8]) -> Int? {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let range = text.firstRange(of: key) else { return nil }
    let digits = text[range.upperBound...].prefix { $0.isASCII && $0.isNumber }
    // A number that is still being written has no comma or space after it.
    return range.upperBound == text.endIndex || digits.endIndex == text.endIndex ? nil : Int(digits)
  }
}
