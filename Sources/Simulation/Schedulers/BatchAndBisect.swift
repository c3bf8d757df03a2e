/// Takes what waits and may conflict as one batch; a batch that fails is halved until its culprits are found.
///
/// Batches that cannot conflict run beside each other. A batch takes as long as its longest member: its checks share what
/// they prepare.
struct BatchAndBisect: Scheduler {
  private struct Batch {
    /// In the order of arrival.
    var members: [Trace.Change]
    /// The later halves of what failed, tried after `members`.
    var rest: [[Trace.Change]] = []
    /// Whether one of what failed was refused already: then the later halves may be good.
    var hasCulprit = false
  }

  /// About one over the square root of the share that fails: larger batches fail more often than they save.
  private let membersMax: Int
  private var line: Line
  private var isTaken: Set<Trace.Change> = []
  private var batches: [Build: Batch] = [:]
  private var batchesMade = 0

  init(_ trace: Trace) {
    line = Line(trace)
    let failures = max(1 - trace.workload.success, 0.001)
    membersMax = max(Int((1 / failures.squareRoot()).rounded()), 2)
  }

  mutating func take(_ event: World.Event, in world: inout World) {
    switch event {
    case .arrived(let change): line.enter(change)
    case .finished(let build, let passed):
      if let batch = batches.removeValue(forKey: build) { finish(batch, passed: passed, in: &world) }
    }
    formBatches(in: &world)
  }

  private mutating func finish(_ finished: Batch, passed: Bool, in world: inout World) {
    var batch = finished
    if passed {
      for member in batch.members { end(member, .landed, in: &world) }
    } else if batch.members.count > 1 {
      let middle = batch.members.count / 2
      batch.rest.insert(Array(batch.members[middle...]), at: 0)
      batch.members.removeSubrange(middle...)
      batch.hasCulprit = false
      return start(batch, in: &world)
    } else {
      end(batch.members[0], .refused, in: &world)
      batch.hasCulprit = true
    }
    guard !batch.rest.isEmpty else { return }
    batch.members = batch.rest.removeFirst()
    // Where all in front landed, the failure is in this half: nothing to build.
    if batch.hasCulprit { start(batch, in: &world) } else { finish(batch, passed: false, in: &world) }
  }

  private mutating func end(_ change: Trace.Change, _ fate: World.Fate, in world: inout World) {
    world.end(change, fate)
    isTaken.remove(change)
    _ = line.leave(change, landed: fate == .landed)
  }

  private mutating func start(_ batch: Batch, in world: inout World) {
    batchesMade += 1
    let build = Build(change: batch.members[0], onto: Fingerprint(number: batchesMade))
    let members = Set(batch.members)
    let passes = batch.members.allSatisfy { member in
      let place = line[member]
      return world.trace.passes(member, on: place.landedChanges + place.open.filter { members.contains($0) })
    }
    batches[build] = batch
    world.start(build, passes: passes, minutes: batch.members.map { world.trace.minutes[$0] }.max() ?? 0)
  }

  /// Starts with the oldest change that nothing in flight stands in the way of, and takes along those that only such
  /// members hold up.
  private mutating func formBatches(in world: inout World) {
    guard world.idleWorkers > 0 else { return }
    for head in line.changes where !isTaken.contains(head) && line[head].open.isEmpty && world.idleWorkers > 0 {
      var members = [head]
      var candidates = line[head].followers.sorted()
      while members.count < membersMax, let candidate = candidates.first {
        candidates.removeFirst()
        let isHeldByMembersOnly = line[candidate].open.allSatisfy { members.contains($0) }
        guard !members.contains(candidate), !isTaken.contains(candidate), isHeldByMembersOnly else { continue }
        members.append(candidate)
        candidates = (candidates + line[candidate].followers).sorted()
      }
      isTaken.formUnion(members)
      start(Batch(members: members), in: &world)
    }
  }
}
