/// The queue of one target as a value: events in, effects out.
///
/// It decides what is built, checked, staged, landed and refused, and in which order; it reads no clock, no disk and no ref.
/// One candidate runs at a time; what is told and asked is shaped for several: a candidate names its members and what it
/// stands on.
package struct Train: Sendable {
  /// A submission as the queue sees it.
  package struct Entry: Hashable, Sendable {
    package let submission: SubmissionID
    package let priority: Priority
    /// The order of arrival, unique within the train.
    package let arrival: Int
    package let isDryRun: Bool
    /// Submissions in flight that must land first.
    package fileprivate(set) var waitsFor: Set<SubmissionID>

    package init(
      submission: SubmissionID, priority: Priority, arrival: Int, isDryRun: Bool = false,
      waitsFor: Set<SubmissionID> = []
    ) {
      self.submission = submission
      self.priority = priority
      self.arrival = arrival
      self.isDryRun = isDryRun
      self.waitsFor = waitsFor
    }
  }

  /// What is to be merged, tested and landed as one.
  package struct Candidate: Hashable, Sendable {
    package struct ID: Hashable, Sendable {
      package let number: Int
      package init(number: Int) { self.number = number }
    }

    package let id: ID
    /// In the order they land; each becomes a commit of its own.
    package let members: [SubmissionID]
    /// The candidate it stands on; nil for the target's tip.
    package let base: ID?
  }

  /// What a stage came to.
  package enum Outcome: Hashable, Sendable {
    case held
    /// The submission is at fault.
    case refused(Refusal)
    /// The world changed under it: try again from the start.
    case stale
  }

  package enum Event: Hashable, Sendable {
    case enqueued(Entry)
    /// Cancelled by its owner.
    case cancelled(SubmissionID)
    /// A newer version took its place; whoever waits for the old one waits for the new one.
    case superseded(SubmissionID, by: SubmissionID)
    /// Ended without ever entering the train.
    case ended(SubmissionID, SubmissionState)
    case built(Candidate.ID, Outcome)
    case checked(Candidate.ID, Outcome)
    case staged(Candidate.ID, Outcome)
    case landed(Candidate.ID, Outcome)
    case paused
    case resumed
  }

  package enum Effect: Hashable, Sendable {
    case build(Candidate)
    case check(Candidate.ID)
    case stage(Candidate.ID)
    case land(Candidate.ID)
    /// Its result is wanted no more: stop its checks, drop its pins.
    case abandon(Candidate.ID)
    case end(SubmissionID, SubmissionState, Refusal?)
  }

  private enum Stage: Hashable, Sendable { case building, checking, staging, landing }

  private struct Running: Hashable, Sendable {
    let candidate: Candidate
    let entry: Entry
    var stage: Stage
    /// The end to give once the landing in progress is known to have failed.
    var withdrawal: SubmissionState?
  }

  package private(set) var isPaused = false
  private var waiting: [Entry] = []
  private var running: Running?
  private var candidatesMade = 0

  package init() {}

  /// Whether nothing waits and nothing runs.
  package var isEmpty: Bool { waiting.isEmpty && running == nil }

  /// Everything in flight in the order it is served.
  package var order: [SubmissionID] { (running.map { [$0.entry.submission] } ?? []) + waiting.map(\.submission) }

  /// The submission that is being integrated.
  package var integrating: SubmissionID? { running?.entry.submission }

  /// Takes an event and says what must be done; an event about a candidate that is gone does nothing.
  package mutating func apply(_ event: Event) -> [Effect] {
    var effects = decide(event)
    var next = 0
    while next < effects.count {
      if case .end(let submission, let state, _) = effects[next] { effects += release(submission, state) }
      next += 1
    }
    return effects + startNext()
  }

  private mutating func decide(_ event: Event) -> [Effect] {
    switch event {
    case .enqueued(let entry):
      precondition(!order.contains(entry.submission), "a submission enters its train once")
      let index = waiting.firstIndex { Self.precedes(entry, $0) } ?? waiting.endIndex
      waiting.insert(entry, at: index)
      return []
    case .cancelled(let submission): return withdraw(submission, as: .cancelled)
    case .superseded(let old, let new):
      for index in waiting.indices where waiting[index].waitsFor.remove(old) != nil {
        waiting[index].waitsFor.insert(new)
      }
      return withdraw(old, as: .superseded)
    case .ended(let submission, let state): return release(submission, state)
    case .built(let id, let outcome): return advance(id, from: .building, outcome, to: .checking) { [.check(id)] }
    case .checked(let id, let outcome): return checked(id, outcome)
    case .staged(let id, let outcome): return advance(id, from: .staging, outcome, to: .landing) { [.land(id)] }
    case .landed(let id, let outcome): return landed(id, outcome)
    case .paused:
      isPaused = true
      return []
    case .resumed:
      isPaused = false
      return []
    }
  }

  private static func precedes(_ left: Entry, _ right: Entry) -> Bool {
    left.priority == right.priority ? left.arrival < right.arrival : left.priority > right.priority
  }

  /// What the end of a submission means for those that wait for it: only a landing lets them go on.
  private mutating func release(_ submission: SubmissionID, _ state: SubmissionState) -> [Effect] {
    var refused: [Effect] = []
    waiting.removeAll { entry in
      guard entry.waitsFor.contains(submission), state != .landed else { return false }
      let reason = "it depends on \(submission.text), which ended as \(state.rawValue)"
      refused.append(
        .end(entry.submission, .rejected, Refusal(.invalidPush, reason, hint: "push it again when that has landed")))
      return true
    }
    for index in waiting.indices { waiting[index].waitsFor.remove(submission) }
    return refused
  }

  private mutating func startNext() -> [Effect] {
    guard running == nil, !isPaused, let index = waiting.firstIndex(where: \.waitsFor.isEmpty) else { return [] }
    let entry = waiting.remove(at: index)
    candidatesMade += 1
    let candidate = Candidate(id: .init(number: candidatesMade), members: [entry.submission], base: nil)
    running = Running(candidate: candidate, entry: entry, stage: .building)
    return [.build(candidate)]
  }

  private mutating func withdraw(_ submission: SubmissionID, as state: SubmissionState) -> [Effect] {
    if let index = waiting.firstIndex(where: { $0.submission == submission }) {
      waiting.remove(at: index)
      return [.end(submission, state, nil)]
    }
    guard let current = running, current.entry.submission == submission else { return [] }
    // A landing in progress cannot be called back: its end decides.
    guard current.stage != .landing else {
      running?.withdrawal = state
      return []
    }
    running = nil
    return [.abandon(current.candidate.id), .end(submission, state, nil)]
  }

  private mutating func checked(_ id: Candidate.ID, _ outcome: Outcome) -> [Effect] {
    guard let current = running, current.candidate.id == id, current.entry.isDryRun, outcome == .held else {
      return advance(id, from: .checking, outcome, to: .staging) { [.stage(id)] }
    }
    running = nil
    return [.abandon(id), .end(current.entry.submission, .verified, nil)]
  }

  private mutating func landed(_ id: Candidate.ID, _ outcome: Outcome) -> [Effect] {
    guard let current = running, current.candidate.id == id, current.stage == .landing else { return [] }
    switch (outcome, current.withdrawal) {
    case (.held, _):
      running = nil
      return [.end(current.entry.submission, .landed, nil)]
    case (_, let state?):
      running = nil
      return [.abandon(id), .end(current.entry.submission, state, nil)]
    case (_, nil): return leave(current, outcome)
    }
  }

  private mutating func advance(
    _ id: Candidate.ID, from stage: Stage, _ outcome: Outcome, to next: Stage, _ effects: () -> [Effect]
  ) -> [Effect] {
    guard let current = running, current.candidate.id == id, current.stage == stage else { return [] }
    guard outcome == .held else { return leave(current, outcome) }
    running?.stage = next
    return effects()
  }

  /// Ends a candidate that did not hold: refused for good, or back to its old place in the queue.
  private mutating func leave(_ current: Running, _ outcome: Outcome) -> [Effect] {
    running = nil
    switch outcome {
    case .held: preconditionFailure("a candidate that held does not leave")
    case .refused(let refusal):
      return [.abandon(current.candidate.id), .end(current.entry.submission, .rejected, refusal)]
    case .stale:
      let index = waiting.firstIndex { Self.precedes(current.entry, $0) } ?? waiting.endIndex
      waiting.insert(current.entry, at: index)
      return [.abandon(current.candidate.id)]
    }
  }
}
