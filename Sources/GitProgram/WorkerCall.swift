package import Domain
import Glibc
import Processes

/// Gets the worker of a repository to look at the inbox: by its FIFO where one lives, by starting one where not.
package struct WorkerCall: Sendable {
  private let place: StatePaths
  /// The `sluice` program; nil where it is not beside us.
  private let program: String?

  /// - Parameter program: the `sluice` to start; nil looks beside the running executable and in `../../bin` from it.
  package init(_ place: StatePaths, program: String? = nil) {
    self.place = place
    self.program = program ?? Self.installedProgram()
  }

  package enum Answer: Hashable, Sendable {
    case awake, started
    /// Nobody works and nobody could be started: why.
    case nobody(String)
  }

  /// Wakes the worker, or starts one where none holds the lease.
  package func call() -> Answer {
    // The byte first: a worker that is about to leave looks at the inbox once more after it has given the lease back.
    let isHeard = ring()
    if isHeard, !isLeaseFree { return .awake }
    return isLeaseFree ? start() : .awake
  }

  /// Whether no worker holds the lease.
  package var isLeaseFree: Bool {
    let file = open(place.lock, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return true }
    defer { close(file) }
    guard flock(file, LOCK_SH | LOCK_NB) == 0 else { return false }
    flock(file, LOCK_UN)
    return true
  }

  /// Writes one byte to the FIFO; false where nobody has it open.
  private func ring() -> Bool {
    let pipe = open(place.wake, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
    guard pipe >= 0 else { return false }
    defer { close(pipe) }
    var byte: UInt8 = 1
    // A full pipe has enough bytes in it already.
    return write(pipe, &byte, 1) == 1 || errno == EAGAIN
  }

  /// Starts a worker, where nobody else is just doing so.
  ///
  /// The one that was started holds a lock from before it is, so that of many pushes at once one starts it. It holds it still
  /// while it leaves: the lease alone says that it will look at the inbox.
  private func start() -> Answer {
    guard let program else { return .nobody("the sluice program is not installed beside the hooks") }
    for folder in [place.state, place.logs, place.journal] { mkdir(folder, 0o700) }
    do {
      let lock = try Descriptor(opening: place.start, O_RDWR | O_CREAT)
      var looks = 0
      while flock(lock.number, LOCK_EX | LOCK_NB) != 0, looks < Self.startLooksMax {
        guard isLeaseFree else { return .awake }
        usleep(2_000)
        looks += 1
      }
      guard isLeaseFree else { return .awake }
      return try start(program, holding: lock)
    } catch { return .nobody(error.description) }
  }

  /// Starts a worker in a session of its own, so that the end of the push does not end it.
  private func start(_ program: String, holding lock: borrowing Descriptor) throws(SystemError) -> Answer {
    let log = try openLog()
    var command = Command(
      program, ["-C", place.repository, "worker", "--detached"], environment: Self.environment, directory: "/")
    command.hasOwnSession = true
    let child = try ChildProcess(command, descriptors: [-1, log.number, log.number, lock.number])
    child.detach()
    return .started
  }

  /// Opens the workers' log, and begins a new one where it has grown large; one old one is kept.
  private func openLog() throws(SystemError) -> Descriptor {
    let path = place.logs + "/worker.log"
    var status = stat()
    if stat(path, &status) == 0, status.st_size >= Self.logBytesMax { rename(path, path + ".1") }
    return try Descriptor(opening: path, O_WRONLY | O_APPEND | O_CREAT)
  }

  private static let logBytesMax = 4 << 20

  /// Looks, 2 ms apart, until somebody else's start has to have come to something.
  private static let startLooksMax = 250

  private static var environment: [String] {
    var environment = ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"]
    if let user = UnixUser(uid: getuid()) { environment.append("HOME=\(user.home)") }
    #if FAILPOINTS
      if let points = getenv("SLUICE_FAILPOINT") { environment.append("SLUICE_FAILPOINT=\(String(cString: points))") }
    #endif
    return environment
  }

  private static func installedProgram() -> String? {
    var buffer = [CChar](repeating: 0, count: 4_096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    guard count > 0 else { return nil }
    let own = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let folder = own.prefix(upTo: own.lastIndex(of: "/") ?? own.startIndex)
    return ["\(folder)/sluice", "\(folder)/../../bin/sluice"].first { access($0, X_OK) == 0 }
  }
}
