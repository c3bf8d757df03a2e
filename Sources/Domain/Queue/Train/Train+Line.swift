extension Train {
  /// What a walk along the line found.
  struct Walk {
    /// The nodes that are hoped to land, from the target's tip on: each stands on the one before.
    var path: [Int] = []
    /// Nodes that do not hold where they stand, while something ahead of them is unproven.
    var aside: [Int] = []
    /// Nodes that nobody stands on, since they land nothing.
    var dryRuns: [Int] = []
    /// Whether somebody's end was decided on the way.
    var hasEnded = false

    /// What is left to think about while some of the path are on their way to the target.
    func without(delivered: [Int]) -> Walk {
      var rest = self
      rest.path.removeAll(where: delivered.contains)
      rest.aside.removeAll(where: delivered.contains)
      return rest
    }
  }

  /// Decides what comes next, from what is known now.
  mutating func plan(_ effects: inout [Effect]) {
    // Each end makes room for others.
    for _ in 0...line.count {
      let walk = walk(&effects)
      if walk.hasEnded { continue }
      guard buildCount == 0 else { return }
      deliver(walk, &effects)
      if bypass(walk, &effects) { continue }
      guard buildCount == 0 else { return }
      stopOrphans(&effects)
      let rest = walk.without(delivered: delivery.map { path(to: $0.node) } ?? [])
      chooseHedges(rest, &effects)
      guard buildCount == 0 else { return }
      return assign(rest, &effects)
    }
  }

  /// Follows the line from the target's tip: builds what is missing, judges what has nothing unproven ahead.
  private mutating func walk(_ effects: inout [Effect]) -> Walk {
    var walk = Walk()
    var base: Int?
    var aboard: Set<SubmissionID> = []
    var agents: [String: Int] = [:]
    for number in line {
      guard walk.path.count < pace.reach else { break }
      guard let ticket = tickets[number], !ticket.isParked, ticket.waitsFor.isSubset(of: aboard) else { continue }
      if let most = settings.perAgent {
        guard agents[ticket.entry.agent, default: 0] < most else { continue }
        agents[ticket.entry.agent, default: 0] += 1
      }
      guard let node = child(of: base, for: number) ?? begin(number, on: base, &effects) else { continue }
      if base == nil, judge(node, &effects) {
        walk.hasEnded = true
        continue
      }
      if isAside(node, on: base) {
        tickets[number]?.isSuspect = true
        walk.aside.append(node)
        continue
      }
      if ticket.entry.isDryRun {
        walk.dryRuns.append(node)
        continue
      }
      if nodes[node]?.build != .building { tickets[number]?.isSuspect = false }
      nodes[node]?.isLine = true
      walk.path.append(node)
      aboard.insert(ticket.entry.submission)
      base = node
      if nodes[node]?.changesPolicy == true { break }
    }
    return walk
  }

  private mutating func begin(_ ticket: Int, on base: Int?, _ effects: inout [Effect]) -> Int? {
    switch gate {
    case .closed: return nil
    case .urgentOnly: guard let rank = tickets[ticket]?.rank, rank >= Priority.urgent.rank else { return nil }
    case .open: break
    }
    return makeNode(ticket, on: base, isLine: true, &effects)
  }

  /// Ends a node on the target's tip where that can be decided: nothing unproven is ahead of it.
  mutating func judge(_ number: Int, _ effects: inout [Effect]) -> Bool {
    guard let node = nodes[number], let entry = tickets[node.ticket]?.entry else { return true }
    switch node.build {
    case .building: return false
    case .refused:
      reject(number, &effects)
      return true
    case .built:
      // What else runs cannot change it.
      if node.failed > 0 {
        let doubtful = node.keys.filter { checks[$0]?.verdict == .failed && checks[$0]?.isAlone == false }
        guard doubtful.isEmpty else {
          // It failed in company: whose fault that was shows alone.
          for key in doubtful { reopen(key) }
          return false
        }
        reject(number, &effects)
        return true
      }
      guard entry.isDryRun, node.holds else { return false }
      effects.append(.verify(.init(number: number)))
      remove(node.ticket, as: .verified, except: number, &effects)
      return true
    }
  }

  /// Whether a node does not hold for a reason of its own or of those ahead, which is not known yet.
  private func isAside(_ number: Int, on base: Int?) -> Bool {
    guard let node = nodes[number] else { return false }
    // What did not hold on the tip before will hardly hold on this one: nobody is built on it twice.
    if node.build == .building { return tickets[node.ticket]?.isSuspect == true }
    guard let base, let ahead = nodes[base] else { return false }
    if node.build == .refused { return true }
    return node.fails && (!node.coversBase || !ahead.fails && isUnderTest(base))
  }

  /// Whether every check of a node has a verdict, runs, or waits for one that does.
  func isUnderTest(_ number: Int) -> Bool {
    guard let node = nodes[number], node.build == .built else { return false }
    return node.keys.allSatisfy {
      checks[$0]?.verdict != nil || checks[$0]?.runsOn != nil || !isReady($0, of: node)
    }
  }

  /// The path to a node, from the target's tip on.
  func path(to number: Int) -> [Int] {
    var path: [Int] = []
    var next: Int? = number
    while let current = next {
      path.append(current)
      next = nodes[current]?.base
    }
    return path.reversed()
  }

  /// Orders the line by priority, then arrival; what somebody waits for is as important as who waits.
  mutating func sortLine() {
    var ranks: [Int: Int] = [:]
    for number in line { ranks[number] = tickets[number]?.rank }
    // Those that wait came later, mostly: from the back, importance reaches through whole chains.
    for number in line.sorted(by: >) {
      guard let rank = ranks[number], let ticket = tickets[number] else { continue }
      for submission in ticket.waitsFor {
        if let ahead = numbers[submission] { ranks[ahead] = max(ranks[ahead] ?? 0, rank) }
      }
    }
    line.sort { left, right in
      let ranksOfBoth = (ranks[left] ?? 0, ranks[right] ?? 0)
      guard ranksOfBoth.0 == ranksOfBoth.1 else { return ranksOfBoth.0 > ranksOfBoth.1 }
      return (tickets[left]?.entry.arrival ?? 0) < (tickets[right]?.entry.arrival ?? 0)
    }
  }
}
