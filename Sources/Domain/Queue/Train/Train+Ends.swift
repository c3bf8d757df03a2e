extension Train {
  /// Refuses a ticket for what was seen of its node, with nothing unproven ahead.
  mutating func reject(_ number: Int, _ effects: inout [Effect]) {
    guard let node = nodes[number] else { return }
    if node.build == .built { pace.failed(coversBase: node.coversBase) }
    effects.append(.reject(.init(number: number)))
    remove(node.ticket, as: .rejected, except: number, &effects)
  }

  /// Takes a ticket out because its owner wants it no more; a landing in progress cannot be called back.
  mutating func withdraw(_ submission: SubmissionID, as state: SubmissionState, _ effects: inout [Effect]) {
    guard let number = numbers[submission] else { return }
    if let delivery, path(to: delivery.node).contains(where: { nodes[$0]?.ticket == number }) {
      guard !delivery.isLanding else {
        tickets[number]?.withdrawal = state
        return
      }
    }
    effects.append(.end(submission, state, nil))
    remove(number, as: state, &effects)
  }

  /// Removes a ticket with every candidate it is part of; its end has been told.
  mutating func remove(_ number: Int, as state: SubmissionState, except spared: Int? = nil, _ effects: inout [Effect]) {
    guard let ticket = tickets.removeValue(forKey: number) else { return }
    numbers[ticket.entry.submission] = nil
    line.removeAll { $0 == number }
    removeNodes(of: number, except: spared, &effects)
    release(ticket.entry.submission, state, &effects)
  }

  /// Removes every candidate that a ticket is part of.
  mutating func removeNodes(of number: Int, except spared: Int? = nil, _ effects: inout [Effect]) {
    for hedge in trials.keys where hedge.ticket == number || hedge.ahead.contains(number) { forget(hedge) }
    for root in nodes.keys(where: { $0.ticket == number }) {
      if root == spared { detach(root) }
      removeSubtree(root, except: spared, &effects)
    }
  }

  /// What the end of a submission means for those that wait for it: only a landing lets them go on.
  mutating func release(_ submission: SubmissionID, _ state: SubmissionState, _ effects: inout [Effect]) {
    for number in line {
      guard let ticket = tickets[number], ticket.waitsFor.contains(submission) else { continue }
      guard state != .landed else {
        tickets[number]?.waitsFor.remove(submission)
        continue
      }
      let reason = "it depends on \(submission.text), which ended as \(state.rawValue)"
      effects.append(
        .end(
          ticket.entry.submission, .rejected,
          Refusal(.invalidPush, reason, hint: "push it again when that has landed")))
      remove(number, as: .rejected, &effects)
    }
  }

  /// Removes a node and all that stand on it.
  mutating func removeSubtree(_ number: Int, except spared: Int? = nil, _ effects: inout [Effect]) {
    detach(number)
    var rest = [number]
    while let next = rest.popLast() {
      guard let node = nodes[next] else { continue }
      rest += node.children.map(\.node)
      removeNode(next)
      if next != spared { effects.append(.abandon(.init(number: next))) }
    }
  }

  /// Takes a node from below what it stands on.
  private mutating func detach(_ number: Int) {
    guard let node = nodes[number] else { return }
    if let base = node.base {
      nodes[base]?.children.removeAll { $0.node == number }
    } else if onTip[node.ticket] == number {
      onTip[node.ticket] = nil
    }
  }

  /// Forgets a node; a check that only it needed goes on until it is known that nobody needs it.
  mutating func removeNode(_ number: Int) {
    guard let node = nodes.removeValue(forKey: number) else { return }
    if delivery?.node == number { delivery = nil }
    for hedge in node.hedges where trials[hedge]?.isBuilt == false { forget(hedge) }
    for key in node.keys {
      checks[key]?.nodes.remove(number)
      guard let check = checks[key] else { continue }
      if !check.isNeeded {
        forgetIfUnneeded(key)
      } else if check.runsOn == number, let other = check.nodes.min() {
        checks[key]?.runsOn = other
      }
    }
  }

  /// Drops every candidate: the target is not where it was. Checks whose inputs turn out the same go on.
  mutating func dropNodes(_ effects: inout [Effect]) {
    delivery = nil
    for number in nodes.keys {
      effects.append(.abandon(.init(number: number)))
      removeNode(number)
    }
    onTip = [:]
  }
}
