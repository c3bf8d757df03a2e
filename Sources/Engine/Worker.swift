package import Domain
import Git
import GitProgram
import Glibc
import Processes
import Store
import Synchronization

/// One engine from its lease to its end: what `sluice worker` runs.
package enum Worker {
  package enum Ending: Sendable {
    /// Another worker holds the lease.
    case leaseIsHeld
    /// It was told to stop, or there was nothing to do for a while.
    case finished
  }

  /// Seconds that a detached worker waits for more before it ends.
  private static let lingerSeconds = 20.0

  /// Works on a repository until it is told to stop or, where detached, until its queue has been empty for a while.
  ///
  /// - Throws: what made work impossible; whatever was in flight is in the inbox still, for the next worker.
  package static func run(
    _ place: StatePaths, detached: Bool, log: @escaping @Sendable (String) -> Void
  ) throws -> Ending {
    let life = WorkerLife(lingerSeconds: detached ? lingerSeconds : nil) { stopRequested.load(ordering: .relaxed) }
    return try work(place, life: life, log: log)
  }

  /// Works on all repositories below the settings' folders until it is told to stop.
  ///
  /// - Throws: what keeps it from beginning; what goes wrong with a repository is told and keeps the others from nothing.
  package static func run(_ fleet: FleetSettings, log: @escaping @Sendable (String) -> Void) throws {
    hearSignals()
    try Fleet(fleet, log: log).run { stopRequested.load(ordering: .relaxed) }
  }

  /// Packs refs and objects and prunes what is kept for a while only, as an idle worker does.
  ///
  /// - Returns: `.leaseIsHeld` where a worker runs, which does the same by itself.
  package static func maintain(_ place: StatePaths, log: @escaping @Sendable (String) -> Void) throws -> Ending {
    guard let lease = try Lease.take(place.lock) else { return .leaseIsHeld }
    let git = try GitProgram(repository: place.repository)
    let engine = try Engine(
      place: place, ledger: SQLiteLedger(path: place.ledger), settings: git.settings(), git: git, log: log)
    try engine.maintain()
    _ = consume lease
    return .finished
  }

  private static func hearSignals() {
    signal(SIGPIPE, SIG_IGN)
    for number in [SIGTERM, SIGINT, SIGHUP] { signal(number) { _ in stopRequested.store(true, ordering: .relaxed) } }
  }

  private static func work(
    _ place: StatePaths, life: WorkerLife, log: @escaping @Sendable (String) -> Void
  ) throws -> Ending {
    hearSignals()
    let git = try GitProgram(repository: place.repository)
    while true {
      do {
        guard let lease = try Lease.take(place.lock) else { return .leaseIsHeld }
        let ledger = try SQLiteLedger(path: place.ledger)
        let settings = try git.settings()
        let engine = try Engine(place: place, ledger: ledger, settings: settings, git: git, log: log)
        try engine.run(life)
        _ = consume lease
      }
      // A push that came while the lease was still held has seen a worker: look once more before leaving.
      guard !stopRequested.load(ordering: .relaxed),
        try Repository(path: place.repository).references(under: SluiceRef.inboxSpace).isEmpty == false
      else { return .finished }
    }
  }
}

/// Set by a signal handler, which may do little more.
private let stopRequested = Atomic<Bool>(false)
