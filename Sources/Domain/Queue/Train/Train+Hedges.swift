/// What idle workers do: they look at how it would be if somebody ahead did not land.
///
/// A ticket's outcome relies on some of those ahead. Each subset of them is a possible future; the line tests the one in which all
/// land. Where every future of a ticket passes, it lands without waiting for the others.
extension Train {
  /// Futures of one ticket that are looked at beside the line's.
  private static let alternativesMax = 5
  /// The least likely future that is worth a run.
  private static let likelihoodMin = 0.02
  /// Most others whose fate a ticket that lands first may leave open: each doubles the futures.
  private static let openMax = 2

  private struct Future {
    let hedge: Hedge
    let likelihood: Double
  }

  /// Chooses the likeliest useful alternatives, as many as there are idle workers, and asks for them to be built.
  mutating func chooseHedges(_ walk: Walk, _ effects: inout [Effect]) {
    guard gate == .open else { return }
    let idle = settings.workers - runCount - unstarted(walk)
    let isHopeless = walk.path.first.map { nodes[$0]?.changesPolicy == true } ?? true
    guard !isHopeless || !hedges.isEmpty else { return }
    var futures: [Future] = []
    let odds = idle > 0 ? likelihoods(walk) : [:]
    for number in walk.path.dropFirst() + walk.aside {
      guard let node = nodes[number], node.build == .built else { continue }
      let open = node.relies.filter { tickets[$0] != nil }
      if open.isEmpty {
        // Nothing ahead changes what it is: once it holds it may land on the tip itself.
        if holdsItself(node) { want(Hedge(ticket: node.ticket, ahead: [])) }
      } else if idle > 0 {
        futures += alternatives(to: node.ticket, relyingOn: open, odds)
      }
    }
    if idle > 0 {
      futures.sort { $0.likelihood > $1.likelihood }
      for future in futures.prefix(idle) { want(future.hedge) }
    }
    for hedge in hedges.keys.sorted(by: Self.isEarlier) { hedges[hedge] = build(hedge, &effects) }
  }

  private func unstarted(_ walk: Walk) -> Int {
    walk.path.count { number in !isUnderTest(number) }
  }

  private mutating func want(_ hedge: Hedge) { if hedges[hedge] == nil { hedges[hedge] = 0 } }

  private static func isEarlier(_ left: Hedge, _ right: Hedge) -> Bool {
    left.ticket == right.ticket
      ? left.ahead.lexicographicallyPrecedes(right.ahead) : left.ticket < right.ticket
  }

  /// The futures in which one or two of those ahead do not land, likeliest first.
  private func alternatives(to ticket: Int, relyingOn open: [Int], _ likelihoods: [Int: Double]) -> [Future] {
    let odds = open.map { likelihoods[$0] ?? 0 }
    let all = odds.reduce(1, *)
    var found: [Future] = []
    for (index, chance) in odds.enumerated() {
      let alone = all / max(chance, 0.01) * (1 - chance)
      found.append(Future(hedge: Hedge(ticket: ticket, ahead: without(open, [index])), likelihood: alone))
      for other in odds.indices where other > index {
        let both = alone / max(odds[other], 0.01) * (1 - odds[other])
        found.append(Future(hedge: Hedge(ticket: ticket, ahead: without(open, [index, other])), likelihood: both))
      }
    }
    let worthIt = found.filter { $0.likelihood >= Self.likelihoodMin && hedges[$0.hedge] == nil }
    return Array(worthIt.sorted { $0.likelihood > $1.likelihood }.prefix(Self.alternativesMax))
  }

  private func without(_ all: [Int], _ left: Set<Int>) -> [Int] {
    all.indices.filter { !left.contains($0) }.map { all[$0] }
  }

  /// How likely each ticket is to land, by what its own checks have shown so far.
  private func likelihoods(_ walk: Walk) -> [Int: Double] {
    var odds: [Int: Double] = [:]
    let delivered = Set(delivery.map { path(to: $0.node) } ?? [])
    for number in walk.path + walk.aside {
      guard let node = nodes[number], let ticket = tickets[node.ticket] else { continue }
      if delivered.contains(number) {
        odds[node.ticket] = 1
      } else if node.fails || node.build == .refused {
        odds[node.ticket] = 0.05
      } else {
        odds[node.ticket] = holdsItself(node) ? max(ticket.entry.likelihood, 0.98) : ticket.entry.likelihood
      }
    }
    return odds
  }

  /// The node of an alternative; what is missing on the way to it is asked for.
  private mutating func build(_ hedge: Hedge, _ effects: inout [Effect]) -> Int {
    var base: Int?
    for ticket in hedge.ahead + [hedge.ticket] {
      guard let node = child(of: base, for: ticket) ?? makeNode(ticket, on: base, isLine: false, &effects) else { return 0 }
      // It does not merge on this way: nothing can stand on it.
      if nodes[node]?.build == .refused { return 0 }
      base = node
    }
    return base ?? 0
  }

  /// Runs the alternatives that were chosen, on workers that have nothing better to do.
  mutating func startHedges(_ walk: Walk, _ effects: inout [Effect]) {
    for (_, node) in hedges.sorted(by: { Self.isEarlier($0.key, $1.key) }) where runCount < settings.workers {
      start(node, isSpare: true, &effects)
    }
  }

  /// Lands a ticket ahead of others whose fate makes no difference to it.
  mutating func bypass(_ walk: Walk, _ effects: inout [Effect]) {
    guard delivery == nil, gate == .open else { return }
    for number in walk.path.dropFirst() + walk.aside {
      guard let node = nodes[number], let ticket = tickets[node.ticket], ticket.waitsFor.isEmpty, node.build == .built
      else { continue }
      let open = node.relies.filter { tickets[$0] != nil }
      guard open.count <= Self.openMax, let alone = hedges[Hedge(ticket: node.ticket, ahead: [])],
        nodes[alone]?.holds == true, holdsInEveryFuture(node, open)
      else { continue }
      return deliver(alone, &effects)
    }
  }

  /// Whether all that its own change made necessary has passed; what those ahead need is their matter.
  private func holdsItself(_ node: Node) -> Bool {
    guard node.build == .built, !node.failedOnStaging else { return false }
    guard node.coversBase, let base = node.base.flatMap({ nodes[$0] }) else { return node.holds }
    return node.keys.allSatisfy { base.keys.contains($0) || checks[$0]?.verdict == .passed }
  }

  private func holdsInEveryFuture(_ node: Node, _ open: [Int]) -> Bool {
    guard !open.isEmpty else { return true }
    for chosen in 0..<(1 << open.count) {
      let ahead = open.indices.filter { chosen >> $0 & 1 == 1 }.map { open[$0] }
      if ahead.count == open.count {
        guard holdsItself(node) else { return false }
      } else {
        guard let other = hedges[Hedge(ticket: node.ticket, ahead: ahead)].flatMap({ nodes[$0] }),
          holdsItself(other)
        else { return false }
      }
    }
    return true
  }

  /// Takes what landed out of the alternatives that counted on it, and drops those that counted on its absence.
  mutating func rehedge(_ landed: [Int]) {
    let gone = Set(landed)
    var kept: [Hedge: Int] = [:]
    for hedge in hedges.keys where !gone.contains(hedge.ticket) {
      kept[Hedge(ticket: hedge.ticket, ahead: hedge.ahead.filter { !gone.contains($0) })] = 0
    }
    hedges = kept
  }
}
