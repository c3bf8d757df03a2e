extension Train {
  /// Sends the longest proven path on its way to the target.
  mutating func deliver(_ walk: Walk, _ effects: inout [Effect]) {
    guard delivery == nil else { return }
    var proven: Int?
    var aheadHolds = true
    for number in walk.path {
      guard let node = nodes[number] else { continue }
      if node.holds, node.coversBase || aheadHolds { proven = number }
      aheadHolds = aheadHolds && node.holds
    }
    if let proven = proven ?? overtaken() { deliver(proven, &effects) }
  }

  mutating func deliver(_ number: Int, _ effects: inout [Effect]) {
    delivery = Delivery(node: number)
    effects.append(.stage(.init(number: number)))
  }

  /// A proven path that was the line until somebody more important came: proven work is not thrown away.
  private func overtaken() -> Int? {
    let proven = nodes.keys { $0.isLine && $0.coversBase && $0.holds }
    let landable = proven.filter { number in
      path(to: number).allSatisfy { nodes[$0].flatMap { tickets[$0.ticket] }?.entry.isDryRun == false }
    }
    return landable.max { path(to: $0).count < path(to: $1).count }
  }

  mutating func staged(_ number: Int, _ outcome: Outcome, _ effects: inout [Effect]) {
    guard delivery == Delivery(node: number) else { return }
    switch outcome {
    case .held:
      delivery?.isLanding = true
      effects.append(.land(.init(number: number)))
    case .refused:
      delivery = nil
      // With others in its path, whose fault it was shows when each half is tried.
      if nodes[number]?.base == nil { reject(number, &effects) } else { nodes[number]?.failedOnStaging = true }
    case .stale: dropNodes(&effects)
    }
  }

  mutating func landed(_ number: Int, _ outcome: Outcome, _ effects: inout [Effect]) {
    guard delivery == Delivery(node: number, isLanding: true) else { return }
    let path = path(to: number)
    delivery = nil
    switch outcome {
    case .held: move(to: number, along: path, &effects)
    case .refused:
      if let first = path.first { reject(first, &effects) }
      endWithdrawn(&effects)
    case .stale:
      dropNodes(&effects)
      endWithdrawn(&effects)
    }
  }

  /// Those that were withdrawn while a landing ran that came to nothing.
  private mutating func endWithdrawn(_ effects: inout [Effect]) {
    for number in line {
      guard let ticket = tickets[number], let state = ticket.withdrawal else { continue }
      effects.append(.end(ticket.entry.submission, state, nil))
      remove(number, as: state, &effects)
    }
  }

  /// The target has moved to a candidate: what stands on it stands on the target's tip now, everything else stands on nothing.
  private mutating func move(to number: Int, along path: [Int], _ effects: inout [Effect]) {
    let followers = nodes[number]?.children ?? []
    var kept: Set<Int> = []
    var rest = followers.map(\.node)
    while let next = rest.popLast() {
      kept.insert(next)
      rest += nodes[next]?.children.map(\.node) ?? []
    }
    let landed = path.compactMap { nodes[$0]?.ticket }
    if path.contains(where: { nodes[$0]?.changesPolicy == true }) { unparkAll() }
    for other in nodes.keys where !kept.contains(other) {
      if !path.contains(other) { effects.append(.abandon(.init(number: other))) }
      removeNode(other)
    }
    onTip = Dictionary(uniqueKeysWithValues: followers.map { ($0.ticket, $0.node) })
    for child in followers { nodes[child.node]?.base = nil }
    // Fewer stand in each path now: who failed in company may hold alone.
    for node in kept where nodes[node]?.failedOnStaging == true { nodes[node]?.failedOnStaging = false }
    pace.landed(landed.count)
    for ticket in landed { end(landed: ticket, &effects) }
    rehedge(landed)
  }

  private mutating func end(landed number: Int, _ effects: inout [Effect]) {
    guard let ticket = tickets.removeValue(forKey: number) else { return }
    numbers[ticket.entry.submission] = nil
    line.removeAll { $0 == number }
    effects.append(.end(ticket.entry.submission, .landed, nil))
    release(ticket.entry.submission, .landed, &effects)
    var isReordered = false
    for other in line {
      guard let waiting = tickets[other], waiting.entry.arrival < ticket.entry.arrival, waiting.rank < ticket.rank
      else {
        continue
      }
      tickets[other]?.overtakenBy += 1
      isReordered = isReordered || tickets[other]?.rank != waiting.rank
    }
    if isReordered { sortLine() }
  }
}
