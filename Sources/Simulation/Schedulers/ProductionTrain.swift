import Domain

/// The train that lands work in production, event by event, in virtual time.
///
/// Merges never conflict and take no time, as do staging and landing. A candidate's check is the build of its member on
/// those of its path, and of what landed, that may change what it sees.
struct ProductionTrain: Scheduler {
  private struct Candidate {
    let member: Trace.Change
    let base: Train.Candidate.ID?
    let key: CheckKey
    /// Its member and everything below it that had not landed when it was made.
    let members: ChangeSet
  }

  private struct Check {
    let build: Build
    let onto: [Trace.Change]
  }

  private var train = Train()
  private var effects: [Train.Effect] = []
  private var candidates: [Train.Candidate.ID: Candidate] = [:]
  private var encounters: Encounters
  private var changes: [SubmissionID: Trace.Change] = [:]
  private var submissions: [SubmissionID] = []
  private var checks: [CheckKey: Check] = [:]
  private var keys: [Build: CheckKey] = [:]

  init(_ trace: Trace, workers: Int) {
    encounters = Encounters(trace)
    var settings = Train.Settings()
    settings.workers = workers
    // More than can run at once would only be built in vain.
    settings.window = 2 * workers
    _ = train.apply(.configured(settings))
    for change in 0..<trace.count {
      guard let id = SubmissionID("sub-1-\(change)") else { preconditionFailure("a number makes an id") }
      submissions.append(id)
      changes[id] = change
    }
  }

  mutating func take(_ event: World.Event, in world: inout World) {
    switch event {
    case .arrived(let change):
      encounters.enter(change)
      let likelihood = world.trace.workload.success
      tell(.enqueued(.init(submission: submissions[change], arrival: change, likelihood: likelihood)))
    case .finished(let build, let passed):
      guard let key = keys[build] else { preconditionFailure("only what has a key is built") }
      if passed, let check = checks[key] { encounters.passed(build.change, on: check.onto) }
      tell(.checked(key, passed ? .passed : .failed))
    }
    // Some effects are answered at once, and what follows stands behind what was asked before.
    var next = 0
    while next < effects.count {
      perform(effects[next], in: &world)
      next += 1
    }
    effects.removeAll(keepingCapacity: true)
  }

  private mutating func tell(_ event: Train.Event) { effects += train.apply(event) }

  private mutating func perform(_ effect: Train.Effect, in world: inout World) {
    switch effect {
    case .build(let candidate): build(candidate, in: world)
    case .run(let key, _, _, let again): run(key, again: again, in: &world)
    case .stop(let key): if let check = checks[key] { world.stop(check.build) }
    case .stage(let id): tell(.staged(id, .held))
    case .land(let id): land(id, in: &world)
    case .abandon(let id): candidates[id] = nil
    case .reject(let id):
      if let candidate = candidates.removeValue(forKey: id) { end(candidate.member, .refused, in: &world) }
    case .verify: preconditionFailure("nobody asks for a dry run")
    // A landing and a refusal have been told already.
    case .end: break
    }
  }

  private mutating func build(_ candidate: Train.Candidate, in world: World) {
    guard let member = changes[candidate.member] else { preconditionFailure("only who arrived is built") }
    let below = candidate.base.flatMap { candidates[$0]?.members } ?? ChangeSet(count: world.trace.count)
    let ahead = encounters.relevant(to: member) { below.contains($0) }
    let onto = encounters.relevant(to: member) { below.contains($0) || world.fates[$0] == .landed }
    let build = Build(change: member, onto: onto.reduce(.empty) { $0 ^ world.trace.fingerprint($1) })
    let key = key(of: build, onto: onto)
    candidates[candidate.id] = Candidate(
      member: member, base: candidate.base, key: key, members: below.inserting(member))
    var built = Train.Built(keys: [key], coversBase: false, relies: Set(ahead.map { submissions[$0] }))
    if let passed = world.result(build) { built.known[key] = passed ? .passed : .failed }
    tell(.built(candidate.id, built))
  }

  private mutating func key(of build: Build, onto: [Trace.Change]) -> CheckKey {
    if let key = keys[build] { return key }
    let number = UInt64(keys.count + 1)
    let bytes = [UInt8](repeating: 0, count: 12) + (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    guard let digest = ObjectID(bytes: bytes) else { preconditionFailure("20 bytes are an id") }
    let key = CheckKey(digest: digest)
    keys[build] = key
    checks[key] = Check(build: build, onto: onto)
    return key
  }

  private func run(_ key: CheckKey, again: Bool, in world: inout World) {
    guard let check = checks[key] else { preconditionFailure("only what was built is run") }
    if again { world.forget(check.build) }
    let change = check.build.change
    world.start(
      check.build, passes: world.trace.passes(change, on: check.onto), minutes: world.trace.minutes[change])
  }

  /// Lands everyone in a path, after a look at whether each was tested on what it lands on.
  private mutating func land(_ id: Train.Candidate.ID, in world: inout World) {
    var path: [Candidate] = []
    var next: Train.Candidate.ID? = id
    while let current = next, let candidate = candidates[current] {
      if world.fates[candidate.member] == nil { path.append(candidate) }
      next = candidate.base
    }
    for candidate in path.reversed() {
      guard let check = checks[candidate.key] else { preconditionFailure("what lands was built") }
      precondition(world.result(check.build) == true, "what lands has passed")
      let below = encounters.relevant(to: candidate.member) { world.fates[$0] == .landed }
      precondition(Set(below).isSubset(of: check.onto), "what lands was tested on all that may matter to it")
      end(candidate.member, .landed, in: &world)
    }
    tell(.landed(id, .held))
  }

  private mutating func end(_ change: Trace.Change, _ fate: World.Fate, in world: inout World) {
    world.end(change, fate)
    encounters.leave(change)
  }
}
