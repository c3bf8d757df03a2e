import Foundation
import Processes
import Synchronization

/// What a program said and how it ended.
struct Output: Sendable {
  /// The exit status; 128 and the signal's number where a signal ended it.
  let status: Int32
  let out: String
  let errors: String

  /// Everything it said.
  var text: String { errors + out }
  var lines: [String] { text.split(separator: "\n").map(String.init) }
}

/// A program that was started: it can be waited for, watched and ended.
final class Program: Sendable {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private struct State {
    var texts = ["", ""]
    var status: Int32?
    var openPipes = 2
    var isOverdue = false
    var watchers: [(text: String, continuation: CheckedContinuation<Bool, Never>)] = []
    var enders: [CheckedContinuation<Void, Never>] = []
  }

  let pid: Int32
  private let label: String
  private let state = Mutex(State())

  /// Starts a program in a session of its own. What it leaves running with its output open counts as itself.
  init(
    _ executable: String, _ arguments: [String], environment: [String: String] = Git.environment,
    in directory: String? = nil,
    input: [UInt8] = [], seconds: Int = 120
  ) throws {
    label = ([executable] + arguments).joined(separator: " ")
    let feed = try Program.file(holding: input)
    let out = try Descriptor.pipe()
    let errors = try Descriptor.pipe()
    var command = Command(
      executable, arguments, environment: environment.map { "\($0)=\($1)" }.sorted(), directory: directory)
    command.hasOwnSession = true
    let child = try ChildProcess(command, descriptors: [feed.number, out.writing.number, errors.writing.number])
    let pid = child.pid
    self.pid = pid
    child.detach()
    let readers = [out.reading.number, errors.reading.number].map { fcntl($0, F_DUPFD_CLOEXEC, 3) }
    for (index, descriptor) in readers.enumerated() {
      Thread.detachNewThread { self.read(Descriptor(owning: descriptor), as: index) }
    }
    Thread.detachNewThread {
      var status: Int32 = 0
      while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
      let code = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
      self.settle { $0.status = code }
    }
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds)) { [weak self] in self?.giveUp() }
  }

  /// Runs a program to its end.
  static func run(
    _ executable: String, _ arguments: [String], environment: [String: String] = Git.environment,
    in directory: String? = nil,
    input: [UInt8] = [], seconds: Int = 120
  ) async throws -> Output {
    try await Program(
      executable, arguments, environment: environment, in: directory, input: input, seconds: seconds
    ).ended()
  }

  /// Waits for the end of the program and of its output.
  func ended() async throws -> Output {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if Self.isOver(state) { return true }
        state.enders.append(continuation)
        return false
      }
      if isOver { continuation.resume() }
    }
    return try state.withLock { state in
      if state.isOverdue {
        throw Failure(description: "did not end in time: \(label)\n\(state.texts[1])\(state.texts[0])")
      }
      return Output(status: state.status ?? -1, out: state.texts[0], errors: state.texts[1])
    }
  }

  /// Waits until the program has said a text.
  func says(_ text: String) async throws {
    let isSaid = await withCheckedContinuation { continuation in
      let known: Bool? = state.withLock { state in
        if state.texts.contains(where: { $0.contains(text) }) { return true }
        if Self.isOver(state) { return false }
        state.watchers.append((text, continuation))
        return nil
      }
      if let known { continuation.resume(returning: known) }
    }
    guard isSaid else {
      let said = state.withLock { $0.texts[1] + $0.texts[0] }
      throw Failure(description: "never said '\(text)': \(label)\n\(said)")
    }
  }

  /// What it has said so far.
  var said: String { state.withLock { $0.texts[1] + $0.texts[0] } }

  /// Sends a signal to the program and all that it started in its session.
  func signal(_ number: Int32) {
    if state.withLock({ $0.status == nil }) { kill(-pid, number) }
  }

  private func read(_ descriptor: consuming Descriptor, as index: Int) {
    var pending: [UInt8] = []
    while true {
      let bytes: [UInt8]
      do { bytes = try descriptor.read(max: 65_536) } catch { break }
      guard !bytes.isEmpty else { break }
      pending += bytes
      // A character cut in two waits for its other half.
      guard let text = String(validating: pending, as: UTF8.self) else { continue }
      pending = []
      settle { $0.texts[index] += text }
    }
    let rest = String(decoding: pending, as: UTF8.self)
    settle {
      $0.texts[index] += rest
      $0.openPipes -= 1
    }
  }

  private func settle(_ change: @Sendable (inout State) -> Void) {
    let (heard, missed, enders) = state.withLock { state in
      change(&state)
      let isOver = Self.isOver(state)
      let heard = state.watchers.filter { watcher in state.texts.contains { $0.contains(watcher.text) } }
      state.watchers.removeAll { watcher in state.texts.contains { $0.contains(watcher.text) } }
      let missed = isOver ? state.watchers : []
      let enders = isOver ? state.enders : []
      if isOver { (state.watchers, state.enders) = ([], []) }
      return (heard.map(\.continuation), missed.map(\.continuation), enders)
    }
    for watcher in heard { watcher.resume(returning: true) }
    for watcher in missed { watcher.resume(returning: false) }
    for ender in enders { ender.resume() }
  }

  private func giveUp() {
    guard state.withLock({ !Self.isOver($0) }) else { return }
    kill(-pid, SIGKILL)
    settle { $0.isOverdue = true }
  }

  private static func isOver(_ state: State) -> Bool {
    state.isOverdue || (state.status != nil && state.openPipes == 0)
  }

  private static func file(holding bytes: [UInt8]) throws -> Descriptor {
    guard !bytes.isEmpty else { return try Descriptor(opening: "/dev/null", O_RDONLY) }
    var template = Array((NSTemporaryDirectory() + "/sluice-input.XXXXXX").utf8CString)
    let number = mkstemp(&template)
    guard number >= 0 else { throw SystemError("cannot make a temporary file") }
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    let file = Descriptor(owning: number)
    unlink(template)
    try file.write(bytes)
    lseek(file.number, 0, SEEK_SET)
    return file
  }
}
