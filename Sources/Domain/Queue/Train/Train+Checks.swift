extension Train {
  /// Takes in what a candidate turned out to be.
  mutating func take(_ built: Built, of number: Int) {
    buildCount -= 1
    guard nodes[number] != nil else { return }
    nodes[number]?.build = .built
    nodes[number]?.keys = built.keys
    nodes[number]?.after = built.after
    isStaged = isStaged || !built.after.isEmpty
    nodes[number]?.coversBase = built.coversBase
    nodes[number]?.relies = built.relies.compactMap { numbers[$0] }.sorted()
    nodes[number]?.changesPolicy = built.changesPolicy
    if let node = nodes[number] { tickets[node.ticket]?.met.formUnion(node.relies) }
    for key in built.keys {
      checks[key, default: Check()].nodes.insert(number)
      if built.comparisons.contains(key) { checks[key]?.isComparison = true }
      guard let check = checks[key] else { continue }
      if let verdict = check.verdict {
        count(verdict, for: number)
      } else if check.runsOn == nil, !check.isAgain, let known = built.known[key] {
        if check.isComparison {
          let isAlone = isAlone(check)
          checks[key]?.isAlone = isAlone
        }
        settle(key, known)
      }
    }
    for hedge in nodes[number]?.hedges ?? [] { prepare(hedge, on: number) }
  }

  private mutating func count(_ verdict: CheckOutcome, for node: Int) {
    if verdict == .passed { nodes[node]?.passed += 1 } else { nodes[node]?.failed += 1 }
  }

  private mutating func settle(_ key: CheckKey, _ verdict: CheckOutcome) {
    guard let check = checks[key] else { return }
    checks[key]?.verdict = verdict
    checks[key]?.isAgain = false
    for node in check.nodes { count(verdict, for: node) }
    for hedge in check.hedges { learn(hedge, key, verdict) }
    checks[key]?.hedges = []
  }

  /// Forgets a check that nobody needs any more; one that runs goes on until it is known whether somebody new needs it.
  mutating func forgetIfUnneeded(_ key: CheckKey) {
    guard let check = checks[key], !check.isNeeded else { return }
    if check.runsOn == nil { checks[key] = nil } else { orphans.append(key) }
  }

  mutating func unbuilt(_ number: Int, _ outcome: Outcome, _ effects: inout [Effect]) {
    buildCount -= 1
    guard nodes[number] != nil else { return }
    switch outcome {
    case .held: preconditionFailure("what was built is told as built")
    case .refused:
      nodes[number]?.build = .refused
      for hedge in nodes[number]?.hedges ?? [] { prepare(hedge, on: number) }
    case .stale: removeSubtree(number, &effects)
    }
  }

  mutating func checked(_ key: CheckKey, _ outcome: CheckOutcome) {
    guard let check = checks[key] else { return }
    if check.runsOn != nil { endRun(of: key) }
    guard check.verdict == nil else { return }
    guard check.isNeeded else {
      checks[key] = nil
      return
    }
    settle(key, outcome)
    forgetIfUnneeded(key)
  }

  /// Forgets a failure that was seen in company, so that the check runs once more.
  mutating func reopen(_ key: CheckKey) {
    guard let check = checks[key], check.verdict == .failed else { return }
    checks[key]?.verdict = nil
    checks[key]?.isAgain = true
    for node in check.nodes { nodes[node]?.failed -= 1 }
  }

  /// Gives the workers what is worth most now: first what decides the head of the line, last what may never be needed.
  mutating func assign(_ walk: Walk, _ effects: inout [Effect]) {
    for node in walk.path + walk.dryRuns + walk.aside where isChosen(node) && isWorthFinishing(node, walk) {
      start(node, isSpare: false, &effects)
    }
    guard gate != .closed else { return }
    if let head = walk.dryRuns.first, nodes[head]?.base == nil { start(head, isSpare: false, &effects) }
    let firstFailing = walk.path.firstIndex { nodes[$0]?.fails == true }
    switch firstFailing {
    case nil: test(walk.path, &effects)
    case 0?: if let head = walk.path.first { start(head, isSpare: false, &effects) }
    case let failing?: narrow(walk.path, before: failing, &effects)
    }
    for node in walk.dryRuns where freeWorkers > 0 { start(node, isSpare: false, &effects) }
    if firstFailing == nil { testWithin(walk.path, &effects) }
    startHedges(&effects)
  }

  /// Workers that run nothing.
  private var idleWorkers: Int { settings.workers - runCount }
  /// Workers that run nothing, or what may never be needed.
  private var freeWorkers: Int { settings.workers - runCount + spareCount }

  /// Whether a node was chosen to be tested, and not merely shares a check with one that was.
  func isChosen(_ number: Int) -> Bool { nodes[number]?.isChosen == true }

  /// A failing candidate is run to its end only where it will be judged: its owner then reads everything at once.
  private func isWorthFinishing(_ number: Int, _ walk: Walk) -> Bool {
    guard let node = nodes[number] else { return false }
    return !node.fails || node.base == nil || walk.aside.contains(number)
  }

  /// Tests the line where nothing in it has failed: one by one while there are workers, in batches where more wait.
  private mutating func test(_ path: [Int], _ effects: inout [Effect]) {
    for node in path where nodes[node]?.coversBase == false { start(node, isSpare: false, &effects) }
    var position = path.lastIndex { isChosen($0) || isUnderTest($0) } ?? -1
    if position == -1, let head = path.first { makeRoomForUrgent(head, &effects) }
    while position < path.count - 1, freeWorkers > 0 {
      let rest = path.count - 1 - position
      var step = 1
      if rest > freeWorkers, nodes[path[position + 1]]?.coversBase == true, !isUrgent(path[position + 1]) {
        step = min(min(settings.batch, pace.batch), (rest + freeWorkers - 1) / freeWorkers)
      }
      // A stack is tested as one: its lower part alone only where the whole fails.
      while position + step < path.count - 1, step < settings.batch,
        waits(path[position + step + 1], for: path[position + step])
      {
        step += 1
      }
      position += step
      start(path[position], isSpare: false, &effects)
    }
  }

  /// Spends idle workers on the middle of batches that run: if one fails, half of the narrowing is done.
  private mutating func testWithin(_ path: [Int], _ effects: inout [Effect]) {
    guard let last = path.lastIndex(where: { isChosen($0) || isUnderTest($0) }) else { return }
    while idleWorkers > 0, let middle = middleOfLargestGap(in: path, before: last) {
      // The lower part of a stack would land alone.
      guard !waits(path[middle + 1], for: path[middle]) else { return }
      start(path[middle], isSpare: true, &effects)
    }
  }

  /// Looks for the fault in a path whose node at `failing` fails: tests the middle, and with more workers the quarters.
  private mutating func narrow(_ path: [Int], before failing: Int, _ effects: inout [Effect]) {
    let isTested = path[..<failing].contains { isChosen($0) || isUnderTest($0) }
    if !isTested, freeWorkers <= 0 { preempt(path[(failing + 1)...], &effects) }
    while freeWorkers > 0, let middle = middleOfLargestGap(in: path, before: failing) {
      start(path[middle], isSpare: false, &effects)
    }
  }

  /// The middle of the longest stretch that is not tested before an index; nil where everything is.
  private func middleOfLargestGap(in path: [Int], before end: Int) -> Int? {
    var best: (start: Int, count: Int)?
    var start = -1
    for index in 0...end where index == end || isChosen(path[index]) || isUnderTest(path[index]) {
      let count = index - start - 1
      if count > best?.count ?? 0 { best = (start, count) }
      start = index
    }
    return best.map { $0.start + ($0.count + 1) / 2 }
  }

  /// What is urgent is not tested together with others, whose faults would delay it.
  private func isUrgent(_ number: Int) -> Bool {
    nodes[number].flatMap { tickets[$0.ticket] }.map { $0.rank >= Priority.urgent.rank } ?? false
  }

  private func waits(_ later: Int, for earlier: Int) -> Bool {
    guard let later = nodes[later], let earlier = nodes[earlier], let ahead = tickets[earlier.ticket] else {
      return false
    }
    return tickets[later.ticket]?.waitsFor.contains(ahead.entry.submission) == true
  }

  /// Starts the checks of a node that have no verdict and do not run, as far as there are workers.
  mutating func start(_ number: Int, isSpare: Bool, _ effects: inout [Effect]) {
    guard let node = nodes[number], node.build == .built else { return }
    for key in node.keys {
      guard let check = checks[key], check.verdict == nil, isReady(key, of: node) else { continue }
      if check.runsOn != nil {
        if !isSpare, check.isSpare {
          checks[key]?.isSpare = false
          spareCount -= 1
        }
        continue
      }
      if idleWorkers <= 0, !isSpare { stopSpare(&effects) }
      guard idleWorkers > 0 else { return }
      let isAlone = isAlone(check)
      nodes[number]?.isChosen = true
      turns += 1
      checks[key]?.runsOn = number
      checks[key]?.turn = turns
      checks[key]?.isSpare = isSpare
      checks[key]?.isAlone = isAlone
      runCount += 1
      if isSpare { spareCount += 1 }
      effects.append(
        .run(key, on: .init(number: number), for: isSpare ? [] : audience(of: number), again: check.isAgain))
    }
  }

  /// Whether all that a check of a node waits for has passed.
  func isReady(_ key: CheckKey, of node: Node) -> Bool {
    node.after[key]?.allSatisfy { checks[$0]?.verdict == .passed } ?? true
  }

  /// Whether a failure of a check shows whose fault it is: what the first that needs it stands on is proven or tested too.
  private func isAlone(_ check: Check) -> Bool {
    check.nodes.contains { number in
      guard !check.isComparison else { return nodes[number]?.base == nil }
      return nodes[number].map { !$0.coversBase || $0.base.map(isUnderTest) ?? true } ?? false
    }
  }

  /// Whose submissions a node's checks decide: back to the one ahead that is tested itself.
  private func audience(of number: Int) -> [SubmissionID] {
    var members: [SubmissionID] = []
    var next: Int? = number
    while let current = next, let node = nodes[current] {
      if current != number, isChosen(current) { break }
      if let ticket = tickets[node.ticket] { members.append(ticket.entry.submission) }
      next = node.base
    }
    return members.reversed()
  }

  /// Frees a worker that runs what may never be needed.
  private mutating func stopSpare(_ effects: inout [Effect]) {
    let spare = checks.filter { $0.value.runsOn != nil && $0.value.isSpare }
    guard let victim = spare.max(by: { $0.value.turn < $1.value.turn }) else { return }
    stop(victim.key, &effects)
  }

  /// Frees a worker that tests something of which a part is known to fail.
  private mutating func preempt(_ doomed: ArraySlice<Int>, _ effects: inout [Effect]) {
    for node in doomed.reversed() {
      guard let key = nodes[node]?.keys.first(where: { checks[$0]?.runsOn == node }) else { continue }
      return stop(key, &effects)
    }
  }

  /// Frees a worker for an urgent head of the line: the run that is farthest back gives way.
  private mutating func makeRoomForUrgent(_ head: Int, _ effects: inout [Effect]) {
    guard freeWorkers <= 0, isUrgent(head) else { return }
    let running = checks.filter { $0.value.runsOn != nil }
    guard
      let victim = running.max(by: { ($0.value.runsOn ?? 0, $0.value.turn) < ($1.value.runsOn ?? 0, $1.value.turn) })
    else { return }
    stop(victim.key, &effects)
  }

  private mutating func stop(_ key: CheckKey, _ effects: inout [Effect]) {
    guard let check = checks[key], let node = check.runsOn else { return }
    nodes[node]?.isChosen = false
    endRun(of: key)
    effects.append(.stop(key))
    for hedge in check.hedges { forget(hedge) }
    forgetIfUnneeded(key)
  }

  private mutating func endRun(of key: CheckKey) {
    runCount -= 1
    if checks[key]?.isSpare == true { spareCount -= 1 }
    checks[key]?.runsOn = nil
    checks[key]?.isSpare = false
  }

  /// Stops what nobody needs any more, now that everything that may need it is known.
  mutating func stopOrphans(_ effects: inout [Effect]) {
    for key in orphans where checks[key]?.isNeeded == false { stop(key, &effects) }
    orphans = []
  }
}
