import Domain
import Git
import GitProgram
import Glibc
import Processes

/// All repositories below given folders, served by one process: an engine for each that has work, and fairly shared lanes.
///
/// One that has nothing to do costs its lease and its FIFO, so that a push finds a worker and starts no other. One that is
/// gone, or whose engine breaks, is told and left alone; the others go on.
final class Fleet {
  private let settings: FleetSettings
  private let lanes: SharedLanes
  private let log: @Sendable (String) -> Void
  private let clock = Clock()
  private let ends: Mailbox<ServedRepository.End>
  private var served: [String: ServedRepository] = [:]
  /// What is not served, and why: told once.
  private var leftAlone: [String: String] = [:]
  private var scansAt = -Double.infinity

  /// Seconds that an engine waits for more before it ends.
  private static let lingerSeconds = 20.0
  /// Repositories served at a time: each holds two descriptors, and some more while it has work.
  private static let repositoriesMax = 5_000

  init(_ settings: FleetSettings, log: @escaping @Sendable (String) -> Void) throws {
    let lanes = settings.lanes ?? min(FleetSettings.lanesMax, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    self.settings = settings
    self.lanes = SharedLanes(settings, lanes: lanes)
    self.log = log
    ends = try Mailbox()
    Self.raiseDescriptorLimit()
    log("\(lanes) lane\(lanes == 1 ? "" : "s") for the repositories below \(settings.roots.joined(separator: ", "))")
  }

  /// Serves until `shouldStop`, then ends its engines; what they were doing is carried on by the next worker.
  func run(shouldStop: () -> Bool) {
    while !shouldStop() {
      for end in ends.take() { take(in: end) }
      if clock.monotonic >= scansAt { scan() }
      startDue()
      wait()
    }
    for repository in served.values where repository.isWorking { repository.end() }
    while served.values.contains(where: \.isWorking) {
      var polled = pollfd(fd: ends.descriptor, events: Int16(POLLIN), revents: 0)
      _ = poll(&polled, 1, 1_000)
      for end in ends.take() { take(in: end) }
    }
  }

  /// Lets go of what is gone, and takes up what is new.
  private func scan() {
    scansAt = clock.monotonic + Double(settings.scanSeconds)
    for (path, repository) in served where !repository.isInPlace {
      guard !repository.isWorking else {
        repository.end()
        continue
      }
      letGo(path, because: "it is gone")
    }
    var found: Set<String> = []
    for root in settings.roots {
      let below = InstalledRepositories(below: root, depth: settings.depth)
      found.formUnion(below.paths)
      leave(
        root,
        because: below.isCutShort
          ? "only the first \(InstalledRepositories.foldersMax) folders below it are looked at: name roots nearer to the repositories"
          : nil)
    }
    for path in leftAlone.keys where !found.contains(path) && !settings.roots.contains(path) { leftAlone[path] = nil }
    for path in found.sorted() {
      if let repository = served[path] {
        // A hook whose byte got lost, or a push past the hooks.
        if !repository.isWorking, repository.resumesAt == nil, hasMail(repository) { start(repository) }
      } else {
        takeUp(path)
      }
    }
  }

  private func takeUp(_ path: String) {
    guard let owner = InstalledRepositories.owner(of: path) else { return }
    guard owner == geteuid() else {
      return leave(
        path, because: "it belongs to user \(owner), and this worker runs as user \(geteuid()): it needs one of its own"
      )
    }
    guard served.count < Self.repositoriesMax else {
      return leave(path, because: "\(Self.repositoriesMax) repositories are served already")
    }
    do {
      guard let repository = try ServedRepository(path) else {
        return leave(path, because: "another worker serves it; it is taken up when that ends")
      }
      leave(path, because: nil)
      served[path] = repository
      log("\(path): served")
      // Whatever the last worker left is found by an engine alone.
      start(repository, lingerSeconds: 0)
    } catch { leave(path, because: error.description) }
  }

  private func hasMail(_ repository: ServedRepository) -> Bool {
    let path = repository.place.repository
    do {
      let isEmpty = try Repository(path: path).references(under: SluiceRef.inboxSpace).isEmpty
      leave(path, because: nil)
      return !isEmpty
    } catch {
      leave(path, because: "\(error)")
      return false
    }
  }

  /// Tells once why something is not served, or not wholly; nil where nothing is wrong any more.
  private func leave(_ path: String, because reason: String?) {
    guard leftAlone[path] != reason else { return }
    leftAlone[path] = reason
    if let reason { log("\(path): left alone: \(reason)") }
  }

  private func letGo(_ path: String, because reason: String) {
    served[path] = nil
    log("\(path): no longer served: \(reason)")
  }

  private func start(_ repository: ServedRepository, lingerSeconds: Double = Fleet.lingerSeconds) {
    let path = repository.place.repository
    let log = log
    let ends = ends
    do {
      try repository.start(
        sharing: lanes, lingerSeconds: lingerSeconds, log: { log("\(path): \($0)") }, tell: ends.post)
    } catch { letGo(path, because: error.description) }
  }

  private func startDue() {
    let now = clock.monotonic
    for repository in served.values where !repository.isWorking {
      if let due = repository.resumesAt, due <= now { start(repository) }
    }
  }

  /// Takes in that an engine has ended.
  private func take(in end: ServedRepository.End) {
    guard let repository = served[end.repository] else { return }
    let pause = repository.ended(end, now: clock.monotonic)
    guard repository.isInPlace else { return letGo(end.repository, because: "it is gone") }
    if let failure = end.failure, let pause {
      log("\(end.repository): left alone for \(Int(pause)) s, since its engine stopped: \(failure)")
    } else if hasMail(repository) {
      // A push that came while the engine was leaving has seen a worker.
      start(repository)
    }
  }

  /// Waits for a push, the end of an engine, or the next look.
  private func wait() {
    let idle = served.values.filter { !$0.isWorking && $0.resumesAt == nil }
    var polled = [pollfd(fd: ends.descriptor, events: Int16(POLLIN), revents: 0)]
    polled += idle.map { pollfd(fd: $0.wake.descriptor, events: Int16(POLLIN), revents: 0) }
    // A signal may come between the look at it and the wait.
    guard poll(&polled, nfds_t(polled.count), 1_000) > 0 else { return }
    for (repository, poll) in zip(idle, polled.dropFirst()) where poll.revents != 0 {
      repository.wake.empty()
      start(repository)
    }
  }

  /// Takes as many descriptors as the administrator allows; a check gets a limit of its own.
  private static func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = min(limit.rlim_max, 65_536)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
