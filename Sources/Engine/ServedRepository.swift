import Domain
import GitProgram
import Glibc
import Processes
import Store

/// One repository of a fleet: its lease and its FIFO for as long as it is served, and an engine while there is work.
final class ServedRepository {
  let place: StatePaths
  let wake: WakePipe
  private let lease: Lease
  /// Ends the engine that works.
  private var stop: StopFlag?
  /// When it is tried again after its engine broke, on the monotonic clock.
  private(set) var resumesAt: Double?
  private var breakdowns = 0

  /// What an engine of the fleet came to.
  struct End: Sendable {
    let repository: String
    /// Why it broke; nil where there was nothing more to do, or it was told to stop.
    let failure: String?
  }

  /// Takes the lease; nil where another worker holds it.
  init?(_ repository: String) throws(SystemError) {
    place = StatePaths(repository: repository)
    guard let lease = try Lease.take(place.lock) else { return nil }
    self.lease = lease
    wake = try WakePipe(path: place.wake)
  }

  var isWorking: Bool { stop != nil }

  /// Whether what the lease was taken on still stands where it stood.
  var isInPlace: Bool { lease.isOn(place.lock) }

  /// Starts an engine on a thread of its own.
  func start(
    sharing lanes: SharedLanes, lingerSeconds: Double, log: @escaping @Sendable (String) -> Void,
    tell: @escaping @Sendable (End) -> Void
  ) throws(SystemError) {
    let stop = StopFlag()
    let place = place
    let life = WorkerLife(lingerSeconds: lingerSeconds) { stop.isRaised }
    try EngineThread.start {
      var failure: String?
      do { try Self.work(place, life: life, sharing: lanes, log: log) } catch { failure = "\(error)" }
      tell(End(repository: place.repository, failure: failure))
    }
    self.stop = stop
    resumesAt = nil
  }

  private static func work(
    _ place: StatePaths, life: WorkerLife, sharing lanes: SharedLanes, log: @escaping @Sendable (String) -> Void
  ) throws {
    let git = try GitProgram(repository: place.repository)
    let engine = try Engine(
      place: place, ledger: SQLiteLedger(path: place.ledger), settings: git.settings(), git: git, sharing: lanes,
      log: log)
    try engine.run(life)
  }

  /// Tells the engine to end, and wakes it so that it hears.
  func end() {
    stop?.raise()
    wake.ring()
  }

  /// Notes that the engine has ended.
  ///
  /// - Returns: seconds until it is tried again, where it broke.
  func ended(_ end: End, now: Double) -> Double? {
    stop = nil
    guard end.failure != nil else {
      breakdowns = 0
      return nil
    }
    breakdowns += 1
    let pause = min(Self.pauseMax, Self.pauseMin * Double(1 << min(breakdowns - 1, 10)))
    resumesAt = now + pause
    return pause
  }

  /// Seconds before an engine that broke is tried again: doubled each time.
  private static let pauseMin = 5.0
  private static let pauseMax = 300.0
}
