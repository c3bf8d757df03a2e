import Domain
import Testing

/// A world that answers a train's effects and remembers what happened: merges, checks and landings with known truths.
struct TrainWorld {
  /// What is true of a submission, whatever the train believes.
  struct Truth {
    /// The parts of the tree it changes: a check reads one part each.
    var areas: Set<Int> = [0]
    /// Whether it breaks its areas by itself.
    var isBad = false
    var isDryRun = false
    /// Those together with which it breaks an area they share.
    var breaksWith: Set<SubmissionID> = []
    /// Those with which it does not merge.
    var conflictsWith: Set<SubmissionID> = []
    var waitsFor: Set<SubmissionID> = []
    var changesPolicy = false
    /// Whether it is parked until somebody has said yes.
    var isReviewed = false
  }

  var train = Train()
  var truths: [SubmissionID: Truth] = [:]
  var ends: [SubmissionID: SubmissionState] = [:]
  /// In the order they landed; each inner list moved the target at once.
  var landings: [[SubmissionID]] = []
  var running: [CheckKey: [SubmissionID]] = [:]
  /// Every run there was, as the names of those in the tree it ran on.
  var runs: [[SubmissionID]] = []
  var stopped = 0
  /// Whether the check of each part waits for those of the parts before it.
  var isStaged = false
  /// Whether checks weigh all that is ahead of what they run on.
  var areComparisons = false
  /// Checks that hold their answers until they are released.
  var flakes: Set<CheckKey> = []
  /// Those to which somebody has said yes.
  var approved: Set<SubmissionID> = []
  var landed: [SubmissionID] { landings.flatMap { $0 } }
  private var queue: [Train.Effect] = []
  private var candidates: [Train.Candidate.ID: (member: SubmissionID, base: Train.Candidate.ID?)] = [:]
  private var unbuilt: Set<Train.Candidate.ID> = []
  private var keysBuilt: [Train.Candidate.ID: [CheckKey]] = [:]
  private var keyNames: [String: CheckKey] = [:]
  private var contents: [CheckKey: (area: Int, members: [SubmissionID])] = [:]
  private var verdicts: [CheckKey: Train.CheckOutcome] = [:]
  private var arrivals = 0
  private var delivered: [Train.Candidate.ID] = []

  init(workers: Int = 2, window: Int = 20, batch: Int = 8, perAgent: Int? = nil) {
    var settings = Train.Settings()
    settings.workers = workers
    settings.window = window
    settings.batch = batch
    settings.perAgent = perAgent
    tell(.configured(settings))
  }

  mutating func tell(_ event: Train.Event) {
    queue += train.apply(event)
    drain()
  }

  mutating func enqueue(
    _ name: String, priority: Priority = .normal, agent: String = "", _ truth: Truth = Truth()
  ) -> SubmissionID {
    let id = Self.submission(name)
    truths[id] = truth
    arrivals += 1
    tell(
      .enqueued(
        Train.Entry(
          submission: id, agent: agent, priority: priority, arrival: arrivals, isDryRun: truth.isDryRun,
          waitsFor: truth.waitsFor)))
    return id
  }

  static func submission(_ name: String) -> SubmissionID {
    guard let id = SubmissionID("sub-1-\(name)") else { preconditionFailure("a test names ids well") }
    return id
  }

  mutating func approve(_ submission: SubmissionID) {
    approved.insert(submission)
    tell(.unparked(submission))
  }

  /// Lets the running check on a tree of exactly these members answer.
  mutating func release(_ members: SubmissionID...) {
    guard let key = running.keys.first(where: { Set(contents[$0]?.members ?? []) == Set(members) }) else {
      Issue.record("no check runs on \(members); running: \(Array(running.values))")
      return
    }
    finish(key)
  }

  /// Lets one running check answer.
  mutating func finish(_ key: CheckKey) {
    running[key] = nil
    var outcome = truth(of: key)
    if flakes.remove(key) != nil { outcome = .failed }
    verdicts[key] = outcome
    tell(.checked(key, outcome))
  }

  /// Lets everything answer, oldest first, until nothing runs.
  mutating func settle() {
    for _ in 0..<10_000 {
      guard let next = running.keys.min(by: { $0.description < $1.description }) else { return }
      finish(next)
    }
    Issue.record("the queue does not drain")
  }

  /// The key of a check on a tree that holds what has landed and these.
  mutating func key(_ area: Int, _ members: [SubmissionID]) -> CheckKey {
    let relevant = Set(members.filter { truths[$0]?.areas.contains(area) == true }).sorted { $0.text < $1.text }
    let name = "\(area) \(relevant.map(\.text))"
    if let key = keyNames[name] { return key }
    let digits = String(keyNames.count + 1, radix: 16)
    let hex = String(repeating: "0", count: 40 - digits.count) + digits
    guard let digest = ObjectID(hex: hex) else { preconditionFailure("40 digits are an id") }
    let key = CheckKey(digest: digest)
    keyNames[name] = key
    contents[key] = (area, relevant)
    return key
  }

  func truth(of key: CheckKey) -> Train.CheckOutcome {
    let members = contents[key]?.members ?? []
    let breaks = members.contains { member in
      guard let truth = truths[member] else { return false }
      return truth.isBad || !truth.breaksWith.isDisjoint(with: members)
    }
    return breaks ? .failed : .passed
  }

  /// Whether a tree of these would pass all that is known to be true.
  mutating func holds(_ members: [SubmissionID]) -> Bool {
    let areas = members.reduce(into: Set<Int>()) { $0.formUnion(truths[$1]?.areas ?? []) }
    let merges = members.allSatisfy { truths[$0]?.conflictsWith.isDisjoint(with: members) ?? true }
    // A key that is new is known to this world only once it is made: made first, asked for then.
    let keys = areas.map { key($0, members) }
    return merges && keys.allSatisfy { truth(of: $0) == .passed }
  }

  private mutating func drain() {
    while !queue.isEmpty { perform(queue.removeFirst()) }
    #expect(running.count <= train.settings.workers, "no more checks run than there are workers")
  }

  private mutating func perform(_ effect: Train.Effect) {
    switch effect {
    case .build(let candidate): build(candidate)
    case .run(let key, let id, _, let isAgain):
      #expect(running[key] == nil, "the same inputs are not tested twice at a time")
      #expect(isAgain || verdicts[key] == nil, "the same inputs are not tested twice")
      #expect(!delivered.contains(id), "what is on its way to the target is not tested any more")
      if isStaged, let area = contents[key]?.area {
        let before = keysBuilt[id, default: []].prefix(area)
        #expect(before.allSatisfy { verdicts[$0] == .passed }, "what waits for others runs after they have passed")
      }
      running[key] = members(of: id)
      runs.append(members(of: id))
    case .stop(let key):
      #expect(running.removeValue(forKey: key) != nil, "only what runs is stopped")
      stopped += 1
    case .stage(let id):
      delivered = path(to: id)
      queue += train.apply(.staged(id, .held))
    case .land(let id): land(id)
    case .abandon(let id): #expect(candidates[id] != nil, "only what was built is dropped")
    case .reject(let id): reject(id)
    case .verify(let id): if let candidate = candidates[id] { end(candidate.member, .verified) }
    case .end(let submission, let state, _): end(submission, state)
    }
  }

  private mutating func build(_ candidate: Train.Candidate) {
    candidates[candidate.id] = (candidate.member, candidate.base)
    if let base = candidate.base, unbuilt.contains(base) {
      unbuilt.insert(candidate.id)
      queue += train.apply(.unbuilt(candidate.id, .stale))
      return
    }
    if truths[candidate.member]?.isReviewed == true, !approved.contains(candidate.member) {
      unbuilt.insert(candidate.id)
      queue += train.apply(.parked(candidate.member))
      queue += train.apply(.unbuilt(candidate.id, .stale))
      return
    }
    let ahead = candidate.base.map(members) ?? []
    let below = landed + ahead
    guard truths[candidate.member]?.conflictsWith.isDisjoint(with: below) ?? true,
      !below.contains(where: { truths[$0]?.conflictsWith.contains(candidate.member) == true })
    else {
      unbuilt.insert(candidate.id)
      queue += train.apply(.unbuilt(candidate.id, .refused))
      return
    }
    let areas = truths[candidate.member]?.areas ?? []
    // All checks of the tree, as a policy has them: those of areas that nobody touched are known.
    let keys = (0..<3).map { key($0, below + [candidate.member]) }
    keysBuilt[candidate.id] = keys
    for key in keys where contents[key]?.members.isEmpty == true { verdicts[key] = .passed }
    let known = Dictionary(uniqueKeysWithValues: keys.compactMap { key in verdicts[key].map { (key, $0) } })
    queue += train.apply(
      .built(
        candidate.id,
        Train.Built(
          keys: keys, after: isStaged ? [keys[1]: [keys[0]], keys[2]: Array(keys[..<2])] : [:], known: known,
          comparisons: areComparisons ? Set(keys) : [],
          relies: Set(ahead.filter { truths[$0]?.areas.isDisjoint(with: areas) == false }),
          changesPolicy: truths[candidate.member]?.changesPolicy ?? false)))
  }

  func members(of id: Train.Candidate.ID) -> [SubmissionID] {
    path(to: id).compactMap { candidates[$0]?.member }.filter { !landed.contains($0) }
  }

  /// The candidates from the first that ever was on the target's tip to this one.
  private func path(to id: Train.Candidate.ID) -> [Train.Candidate.ID] {
    var path: [Train.Candidate.ID] = []
    var next: Train.Candidate.ID? = id
    while let current = next {
      path.append(current)
      next = candidates[current]?.base
    }
    return path.reversed()
  }

  private mutating func land(_ id: Train.Candidate.ID) {
    let members = members(of: id)
    let tree = landed + members
    #expect((0..<3).allSatisfy { verdicts[key($0, tree)] == .passed }, "only what was proven lands")
    for member in members {
      let ready = landed + members.prefix { $0 != member }
      #expect(truths[member]?.waitsFor.isSubset(of: ready) == true, "what somebody waits for lands before")
    }
    landings.append(members)
    queue += train.apply(.landed(id, .held))
  }

  private mutating func reject(_ id: Train.Candidate.ID) {
    guard let candidate = candidates[id] else { return }
    #expect(members(of: id) == [candidate.member], "nothing unproven is ahead of what is refused")
    if ends[candidate.member] == nil {
      #expect(!holds(landed + [candidate.member]), "nobody is refused for another's fault")
    }
    end(candidate.member, .rejected)
  }

  private mutating func end(_ submission: SubmissionID, _ state: SubmissionState) {
    #expect(ends[submission] == nil, "a submission ends once")
    ends[submission] = state
  }
}
