/// What idle workers do: they look at how it would be if somebody ahead did not land.
///
/// A ticket's outcome relies on some of those ahead. Each subset of them is a possible future; the line tests the one in which all
/// land. Where every future of a ticket passes, it lands without waiting for the others; where none does, it is refused.
extension Train {
  /// Most others whose fate a ticket that goes first may leave open: each doubles the futures.
  private static let openMax = 2
  /// The least likely future that is worth a run while more are open than that.
  private static let likelihoodMin = 0.02

  /// How likely it is that what holds where it stands lands.
  private static let likelihoodProven = 0.98

  private struct Future {
    let hedge: Hedge
    let value: Double
  }

  /// Chooses the most useful alternatives, as many as there are idle workers, and asks for them to be built.
  mutating func chooseHedges(_ walk: Walk, _ effects: inout [Effect]) {
    let free = settings.workers - runCount - chosenHedges.count
    guard gate == .open, free > 0 else { return }
    let idle = free - walk.path.count { !isUnderTest($0) }
    guard idle > 0 else { return }
    let odds = likelihoods(walk)
    let delivered = Set(delivery.map { path(to: $0.node) }?.compactMap { nodes[$0]?.ticket } ?? [])
    var best: [Future] = []
    // What is on its way to the target makes up the minds of those behind it.
    for number in walk.path.dropFirst() + walk.aside
    where nodes[number]?.relies.contains(where: delivered.contains) == false {
      best += futures(of: number, odds)
    }
    best.sort { $0.value == $1.value ? Self.isEarlier($0.hedge, $1.hedge) : $0.value > $1.value }
    for future in best.prefix(idle) { begin(future.hedge, &effects) }
  }

  private static func isEarlier(_ left: Hedge, _ right: Hedge) -> Bool {
    left.ticket == right.ticket
      ? left.ahead.lexicographicallyPrecedes(right.ahead) : left.ticket < right.ticket
  }

  /// The futures of a node's ticket that are worth a look and were not looked at.
  private func futures(of number: Int, _ odds: [Int: Double]) -> [Future] {
    guard let node = nodes[number], node.build != .building, tickets[node.ticket]?.waitsFor.isEmpty == true
    else { return [] }
    let open = openAhead(of: node)
    if node.fails || node.build == .refused {
      // Whether it fails alone, too, decides its fate before that of those ahead is known.
      return future(node.ticket, [], value: 2)
    }
    guard !open.isEmpty else { return [] }
    // Who holds is about to land: what is doubtful about the future are the others.
    let doubtful = open.filter { odds[$0] != Self.likelihoodProven }
    if doubtful.count <= Self.openMax {
      let sure = open.filter { odds[$0] == Self.likelihoodProven }
      let futures = (0..<(1 << doubtful.count)).map { chosen in
        (sure + doubtful.indices.filter { chosen >> $0 & 1 == 1 }.map { doubtful[$0] }).sorted()
      }.filter { $0.count < open.count }
      let isTorn = futures.contains { trials[Hedge(ticket: node.ticket, ahead: $0)]?.verdict == .failed }
      guard isTorn else { return futures.flatMap { future(node.ticket, $0, value: 1) } }
    }
    return likely(node.ticket, open, odds)
  }

  private func future(_ ticket: Int, _ ahead: [Int], value: Double) -> [Future] {
    let hedge = Hedge(ticket: ticket, ahead: ahead)
    return trials[hedge] == nil ? [Future(hedge: hedge, value: value)] : []
  }

  /// The futures in which one of those ahead does not land.
  private func likely(_ ticket: Int, _ open: [Int], _ odds: [Int: Double]) -> [Future] {
    let all = open.reduce(1) { $0 * (odds[$1] ?? 0.5) }
    return open.flatMap { gone in
      let chance = max(odds[gone] ?? 0.5, 0.01)
      let value = all / chance * (1 - chance)
      return value < Self.likelihoodMin ? [] : future(ticket, open.filter { $0 != gone }, value: value)
    }
  }

  /// Every subset but the whole.
  private static func subsets(of open: [Int]) -> [[Int]] {
    (0..<(1 << open.count) - 1).map { chosen in open.indices.filter { chosen >> $0 & 1 == 1 }.map { open[$0] } }
  }

  /// Those ahead that a node's outcome relies on and whose fate is open.
  private func openAhead(of node: Node) -> [Int] { node.relies.filter(tickets.contains) }

  /// How likely each ticket is to land, by what its own checks have shown so far.
  private func likelihoods(_ walk: Walk) -> [Int: Double] {
    var odds: [Int: Double] = [:]
    for number in walk.path + walk.aside {
      guard let node = nodes[number], let ticket = tickets[node.ticket] else { continue }
      if node.fails || node.build == .refused {
        odds[node.ticket] = 0.05
      } else {
        odds[node.ticket] = holdsItself(node) ? Self.likelihoodProven : ticket.entry.likelihood
      }
    }
    return odds
  }

  /// Asks for what is missing on the way to an alternative.
  private mutating func begin(_ hedge: Hedge, _ effects: inout [Effect]) {
    var base: Int?
    for ticket in hedge.ahead + [hedge.ticket] {
      guard let node = child(of: base, for: ticket) ?? makeNode(ticket, on: base, isLine: false, &effects) else {
        return
      }
      if nodes[node]?.build == .refused, ticket != hedge.ticket {
        // It does not merge on this way: nothing can stand on it.
        trials[hedge] = Trial(refusedOn: node)
        return
      }
      base = node
    }
    if let base { attempt(hedge, on: base) }
  }

  /// Makes a node what an alternative is tried on.
  private mutating func attempt(_ hedge: Hedge, on number: Int) {
    trials[hedge] = Trial(node: number)
    chosenHedges.append(hedge)
    nodes[number]?.hedges.insert(hedge)
    if nodes[number]?.build != .building { prepare(hedge, on: number) }
  }

  /// Takes in what an alternative must pass, once it is built.
  mutating func prepare(_ hedge: Hedge, on number: Int) {
    guard let node = nodes[number], trials[hedge]?.node == number else { return }
    trials[hedge]?.isBuilt = true
    guard node.build == .built else {
      trials[hedge]?.verdict = .failed
      return
    }
    let base = node.coversBase ? node.base.flatMap { nodes[$0]?.keys } ?? [] : []
    for key in node.keys where !base.contains(key) {
      switch checks[key]?.verdict {
      case .failed: trials[hedge]?.verdict = .failed
      case .passed: break
      case nil:
        trials[hedge]?.missing.insert(key)
        checks[key]?.hedges.insert(hedge)
      }
    }
    if trials[hedge]?.missing.isEmpty == true, trials[hedge]?.verdict == nil { trials[hedge]?.verdict = .passed }
  }

  /// Takes in what one of an alternative's checks came to.
  mutating func learn(_ hedge: Hedge, _ key: CheckKey, _ verdict: CheckOutcome) {
    guard trials[hedge]?.missing.remove(key) != nil else { return }
    if verdict == .failed {
      trials[hedge]?.verdict = .failed
    } else if trials[hedge]?.missing.isEmpty == true, trials[hedge]?.verdict == nil {
      trials[hedge]?.verdict = .passed
    }
  }

  /// Forgets an alternative; a check that only it needed is stopped when everything that may need it is known.
  mutating func forget(_ hedge: Hedge) {
    guard let trial = trials.removeValue(forKey: hedge) else { return }
    for key in trial.missing {
      checks[key]?.hedges.remove(hedge)
      forgetIfUnneeded(key)
    }
    nodes[trial.node]?.hedges.remove(hedge)
  }

  /// Runs the alternatives that were chosen, on workers that have nothing better to do; drops those that find none.
  mutating func startHedges(_ effects: inout [Effect]) {
    defer { chosenHedges = [] }
    let delivered = delivery.map { path(to: $0.node) } ?? []
    for hedge in chosenHedges + begunHedges {
      guard let trial = trials[hedge], trial.verdict == nil, !isRunning(trial), !delivered.contains(trial.node) else {
        continue
      }
      if runCount < settings.workers, nodes[trial.node] != nil {
        start(trial.node, isSpare: true, &effects)
      } else {
        forget(hedge)
      }
    }
  }

  /// Alternatives whose first checks have passed, so that the next are due.
  private var begunHedges: [Hedge] {
    guard isStaged else { return [] }
    let begun = trials.filter { $0.value.isBuilt && $0.value.verdict == nil && isChosen($0.value.node) }
    return begun.keys.sorted(by: Self.isEarlier)
  }

  private func isRunning(_ trial: Trial) -> Bool { trial.missing.allSatisfy { checks[$0]?.runsOn != nil } }

  /// Decides tickets before others whose fate makes no difference to them; says whether somebody's end was decided.
  mutating func bypass(_ walk: Walk, _ effects: inout [Effect]) -> Bool {
    guard gate == .open else { return false }
    for number in walk.path.dropFirst() + walk.aside {
      guard let node = nodes[number], let ticket = tickets[node.ticket], ticket.waitsFor.isEmpty,
        !ticket.entry.isDryRun, let verdict = foregoneVerdict(on: node)
      else { continue }
      if verdict == .passed, delivery != nil { continue }
      guard let alone = child(of: nil, for: node.ticket) ?? makeNode(node.ticket, on: nil, isLine: false, &effects),
        let tip = nodes[alone], tip.build != .building
      else { return false }
      switch verdict {
      case .passed where tip.holds:
        deliver(alone, &effects)
        return false
      case .failed where tip.fails || tip.build == .refused:
        if judge(alone, &effects) { return true }
      default: attempt(Hedge(ticket: node.ticket, ahead: []), on: alone)
      }
    }
    return false
  }

  /// What a node's ticket comes to in every future; nil where that is not known, or differs.
  private func foregoneVerdict(on node: Node) -> CheckOutcome? {
    let open = openAhead(of: node)
    let alone = trials[Hedge(ticket: node.ticket, ahead: [])]?.verdict
    if node.fails || node.build == .refused { return open.isEmpty || alone == .failed ? .failed : nil }
    guard open.count <= Self.openMax, holdsItself(node) else { return nil }
    let isSure = Self.subsets(of: open).allSatisfy { trials[Hedge(ticket: node.ticket, ahead: $0)]?.verdict == .passed }
    return isSure ? .passed : nil
  }

  /// Whether all that its own change made necessary has passed; what those ahead need is their matter.
  private func holdsItself(_ node: Node) -> Bool {
    guard node.build == .built, !node.failedOnStaging else { return false }
    guard node.coversBase, let base = node.base.flatMap({ nodes[$0] }) else { return node.holds }
    return node.keys.allSatisfy { base.keys.contains($0) || checks[$0]?.verdict == .passed }
  }

  /// Takes what landed out of the alternatives that counted on it, and drops those that counted on its absence.
  mutating func rehedge(_ landed: [Int]) {
    let gone = Set(landed)
    for (hedge, trial) in trials.sorted(by: { Self.isEarlier($0.key, $1.key) }) {
      let met = tickets[hedge.ticket]?.met.intersection(gone) ?? []
      let isVoid = gone.contains(hedge.ticket) || !met.isSubset(of: hedge.ahead)
      let stripped = Hedge(ticket: hedge.ticket, ahead: hedge.ahead.filter { !gone.contains($0) })
      guard isVoid || stripped != hedge else { continue }
      forget(hedge)
      guard !isVoid, trials[stripped] == nil, trial.isBuilt else { continue }
      trials[stripped] = trial
      for key in trial.missing { checks[key]?.hedges.insert(stripped) }
    }
  }
}
