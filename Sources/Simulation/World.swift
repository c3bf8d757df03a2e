/// Virtual time, workers that build, and what became of every change.
///
/// Whatever a scheduler does goes through here, so that it is counted for all alike.
struct World {
  enum Event {
    case arrived(Trace.Change)
    case finished(Build, passed: Bool)
  }

  enum Fate: Hashable { case landed, refused }

  private struct Running {
    let number: Int
    let startedAt: Double
    let passes: Bool
  }

  let trace: Trace
  let workers: Int
  /// Minutes since the start.
  private(set) var now = 0.0
  /// Runs started, tries of the same build counted each; a run that was stopped counts.
  private(set) var runs = 0
  private(set) var busyMinutes = 0.0
  private(set) var fates: [Fate?]
  private(set) var endedAt: [Double]
  /// In the order they landed.
  private(set) var landings: [Trace.Change] = []
  private var running: [Build: Running] = [:]
  private var results: [Build: Bool] = [:]
  private var calendar = Calendar()
  private var arrived = 0

  init(_ trace: Trace, workers: Int) {
    self.trace = trace
    self.workers = workers
    fates = Array(repeating: nil, count: trace.count)
    endedAt = Array(repeating: 0, count: trace.count)
  }

  var idleWorkers: Int { workers - running.count }
  var builds: some Collection<Build> { running.keys }
  func isRunning(_ build: Build) -> Bool { running[build] != nil }
  func result(_ build: Build) -> Bool? { results[build] }

  /// Whether two changes were ever in flight at the same time: only then is one made without knowing the other.
  func met(_ left: Trace.Change, _ right: Trace.Change) -> Bool {
    let (earlier, later) = (min(left, right), max(left, right))
    return fates[earlier] == nil || endedAt[earlier] > trace.arrivals[later]
  }

  /// Takes a worker for a build; a build that was ever finished is never run again.
  ///
  /// `passes` is its true outcome, which flakes may hide; `minutes` is how long one try takes.
  mutating func start(_ build: Build, passes: Bool, minutes: Double) {
    precondition(running.count < workers, "a worker runs one build at a time")
    precondition(running[build] == nil && results[build] == nil, "nothing is built twice")
    let tries = self.tries(build, passes: passes)
    runs += tries.count
    running[build] = Running(number: runs, startedAt: now, passes: tries.passes)
    calendar.insert(.init(at: now + Double(tries.count) * minutes, build: build, number: runs))
  }

  /// Gives the worker of a build back; what it did is lost.
  mutating func stop(_ build: Build) {
    guard let run = running.removeValue(forKey: build) else { return }
    busyMinutes += now - run.startedAt
  }

  /// Drops the result of a build, so that it is run again.
  mutating func forget(_ build: Build) { results[build] = nil }

  mutating func end(_ change: Trace.Change, _ fate: Fate) {
    precondition(fates[change] == nil, "a change ends once")
    fates[change] = fate
    endedAt[change] = now
    if fate == .landed { landings.append(change) }
  }

  /// Whether a change was refused that is good and really conflicts with nothing that landed before its end.
  func isInnocent(_ change: Trace.Change) -> Bool {
    guard fates[change] == .refused, trace.isGood[change] else { return false }
    return !landings.contains { endedAt[$0] <= endedAt[change] && met($0, change) && trace.conflicts($0, change) }
  }

  /// Lets time pass until something happens; nil when nothing will any more.
  mutating func next() -> Event? {
    while let finish = calendar.first {
      if arrived < trace.count, trace.arrivals[arrived] <= finish.at { break }
      calendar.removeFirst()
      // A build that was stopped may have been started again since.
      guard let run = running[finish.build], run.number == finish.number else { continue }
      now = finish.at
      running[finish.build] = nil
      busyMinutes += now - run.startedAt
      results[finish.build] = run.passes
      return .finished(finish.build, passed: run.passes)
    }
    guard arrived < trace.count else { return nil }
    defer { arrived += 1 }
    now = trace.arrivals[arrived]
    return .arrived(arrived)
  }

  private func tries(_ build: Build, passes: Bool) -> (count: Int, passes: Bool) {
    let workload = trace.workload
    guard workload.flakes > 0 else { return (1, passes) }
    let max = workload.retries + 1
    guard passes else { return (max, false) }
    let bits = build.onto.bits
    for attempt in 1...max {
      let draw = SplitMix64.hash(workload.seed, 4, UInt64(build.change), bits.high, bits.low, UInt64(runs + attempt))
      if SplitMix64.unit(draw) >= workload.flakes { return (attempt, true) }
    }
    return (max, false)
  }
}
