/// The queue of one target as a value: events in, effects out.
///
/// It decides what is built, checked, staged, landed and refused, and in which order; it reads no clock, no disk and no ref.
/// Submissions stand in a line; each is built as a candidate on the one ahead of it, so that a candidate's path from the
/// target's tip is a prefix of what is hoped to land. Testing a candidate tests its whole path: one that passes lands with
/// everything in its path, one that fails is narrowed down until the fault is seen with nothing unproven ahead.
package struct Train: Sendable {
  /// What the policy lets the train do.
  package struct Settings: Hashable, Sendable {
    /// Checks that run at the same time.
    package var workers = 2
    /// How many submissions may be ahead of the target.
    package var window = 20
    /// Most submissions that are tested as one.
    package var batch = 8
    /// Most submissions of one agent within the window.
    package var perAgent: Int?
    package init() {}
  }

  /// A submission as the queue sees it.
  package struct Entry: Hashable, Sendable {
    package let submission: SubmissionID
    package let agent: String
    package let priority: Priority
    /// The order of arrival, unique within the train.
    package let arrival: Int
    package let isDryRun: Bool
    /// Submissions in flight that must land first.
    package let waitsFor: Set<SubmissionID>
    /// How likely it is to hold, from 0 to 1, by what is known before it was tested.
    package let likelihood: Double

    package init(
      submission: SubmissionID, agent: String = "", priority: Priority = .normal, arrival: Int, isDryRun: Bool = false,
      waitsFor: Set<SubmissionID> = [], likelihood: Double = 0.95
    ) {
      self.submission = submission
      self.agent = agent
      self.priority = priority
      self.arrival = arrival
      self.isDryRun = isDryRun
      self.waitsFor = waitsFor
      self.likelihood = likelihood
    }
  }

  /// One submission merged onto another candidate or onto the target's tip: a commit of its own.
  package struct Candidate: Hashable, Sendable {
    package struct ID: Hashable, Sendable {
      package let number: Int
      package init(number: Int) { self.number = number }
    }

    package let id: ID
    package let member: SubmissionID
    /// The candidate it stands on; nil for the target's tip.
    package let base: ID?

    package init(id: ID, member: SubmissionID, base: ID?) {
      self.id = id
      self.member = member
      self.base = base
    }
  }

  /// What a candidate turned out to be.
  package struct Built: Hashable, Sendable {
    /// The checks that prove it, in the order in which they are started.
    package var keys: [CheckKey]
    /// The checks that must have passed before one is worth a run, where there are any.
    package var after: [CheckKey: [CheckKey]]
    /// Verdicts that stand already.
    package var known: [CheckKey: CheckOutcome]
    /// The keys whose verdicts weigh all that is ahead as well, so that a failure is nobody's fault until nothing is.
    package var comparisons: Set<CheckKey>
    /// Whether the keys prove the whole tree; otherwise they prove its own part, and its base must be proven too.
    package var coversBase: Bool
    /// Those ahead in its path whose presence may change what its own checks see.
    package var relies: Set<SubmissionID>
    /// Whether what stands on it is judged by other checks than it was.
    package var changesPolicy: Bool

    package init(
      keys: [CheckKey], after: [CheckKey: [CheckKey]] = [:], known: [CheckKey: CheckOutcome] = [:],
      comparisons: Set<CheckKey> = [], coversBase: Bool = true,
      relies: Set<SubmissionID> = [], changesPolicy: Bool = false
    ) {
      self.keys = keys
      self.after = after
      self.known = known
      self.comparisons = comparisons
      self.coversBase = coversBase
      self.relies = relies
      self.changesPolicy = changesPolicy
    }
  }

  /// What a check came to, as far as the order of landings is concerned.
  package enum CheckOutcome: Hashable, Sendable { case passed, failed }

  /// What a stage came to.
  package enum Outcome: Hashable, Sendable {
    case held
    /// The submission is at fault; whoever says so keeps the words for `reject`.
    case refused
    /// The world changed under it: try again from the start.
    case stale
  }

  /// What happened in the world.
  package enum Event: Hashable, Sendable {
    case configured(Settings)
    case enqueued(Entry)
    /// Cancelled by its owner.
    case cancelled(SubmissionID)
    /// A newer version took its place; whoever waits for the old one waits for the new one.
    case superseded(SubmissionID, by: SubmissionID)
    /// What it brings must not be seen by anybody: it leaves at once, whoever is ahead.
    case quarantined(SubmissionID)
    /// Ended by what is known of it, without going through the train.
    case ended(SubmissionID, SubmissionState)
    /// Goes before everything else.
    case promoted(SubmissionID)
    /// It waits for a person's word: it is passed over, and nobody stands on it, until it is unparked.
    case parked(SubmissionID)
    case unparked(SubmissionID)
    /// A person said no, or nobody said anything for too long.
    case refused(SubmissionID, Refusal)
    case built(Candidate.ID, Built)
    /// It could not be built: `refused` for a conflict with its path, `stale` to try again.
    case unbuilt(Candidate.ID, Outcome)
    case checked(CheckKey, CheckOutcome)
    case staged(Candidate.ID, Outcome)
    case landed(Candidate.ID, Outcome)
    /// The target was moved by somebody else.
    case moved
    case gate(Gate)
  }

  /// What is to be done in the world, in this order.
  package enum Effect: Hashable, Sendable {
    case build(Candidate)
    /// Runs a check of a candidate, which decides for some in its path; `again` asks for a run although a verdict stands.
    case run(CheckKey, on: Candidate.ID, for: [SubmissionID], again: Bool)
    /// Its result is wanted no more.
    case stop(CheckKey)
    case stage(Candidate.ID)
    /// Lands the candidate with everything in its path, in one move of the target.
    case land(Candidate.ID)
    /// Will not land as it is: drop its pins.
    case abandon(Candidate.ID)
    /// Refused, by what was seen of this candidate with nothing unproven ahead.
    case reject(Candidate.ID)
    /// A dry run that passed: nothing unproven is ahead of it, and nothing of it lands.
    case verify(Candidate.ID)
    case end(SubmissionID, SubmissionState, Refusal?)
  }

  /// Whose integration may begin.
  package enum Gate: String, Hashable, Sendable, CaseIterable {
    case open
    case urgentOnly = "urgent_only"
    case closed
  }

  package internal(set) var gate = Gate.open
  package internal(set) var settings = Settings()
  var tickets = Numbered<Ticket>()
  var numbers: [SubmissionID: Int] = [:]
  /// Ticket numbers in the order they are served.
  var line: [Int] = []
  var nodes = Numbered<Node>()
  /// Nodes on the target's tip, by ticket.
  var onTip: [Int: Int] = [:]
  var checks: [CheckKey: Check] = [:]
  var runCount = 0
  var spareCount = 0
  var buildCount = 0
  var delivery: Delivery?
  var trials: [Hedge: Trial] = [:]
  /// Alternatives that were chosen and do not run yet.
  var chosenHedges: [Hedge] = []
  /// Checks that ran when the last that needed them went.
  var orphans: [CheckKey] = []
  var pace: Pace
  var turns = 0
  /// Whether some checks wait for others.
  var isStaged = false
  private var numbersGiven = 0
  private var nodesMade = 0

  package init() { pace = Pace(window: Settings().window) }

  /// Whether nothing is in flight.
  package var isEmpty: Bool { tickets.isEmpty }

  /// Everything in flight that has a place in the line, in the order it is served.
  package var order: [SubmissionID] {
    line.compactMap { tickets[$0] }.filter { !$0.isParked }.map(\.entry.submission)
  }

  /// Takes an event and says what must be done; an event about something that is gone does nothing.
  package mutating func apply(_ event: Event) -> [Effect] {
    var effects = decide(event)
    // What is being built is answered at once: planning waits for the whole line to be known.
    guard buildCount == 0 else { return effects }
    plan(&effects)
    return effects
  }

  private mutating func decide(_ event: Event) -> [Effect] {
    var effects: [Effect] = []
    switch event {
    case .configured(let settings): configure(settings)
    case .enqueued(let entry): enqueue(entry)
    case .cancelled(let submission): withdraw(submission, as: .cancelled, &effects)
    case .superseded(let old, let new):
      for number in line where tickets[number]?.waitsFor.remove(old) != nil { tickets[number]?.waitsFor.insert(new) }
      withdraw(old, as: .superseded, &effects)
    case .quarantined(let submission): withdraw(submission, as: .quarantined, &effects)
    case .ended(let submission, let state):
      if let number = numbers[submission] {
        remove(number, as: state, &effects)
      } else {
        release(submission, state, &effects)
      }
    case .promoted(let submission):
      if let number = numbers[submission] {
        tickets[number]?.isPromoted = true
        sortLine()
      }
    case .parked(let submission): park(submission, &effects)
    case .unparked(let submission): if let number = numbers[submission] { tickets[number]?.isParked = false }
    case .refused(let submission, let refusal): refuse(submission, refusal, &effects)
    case .built(let id, let built): take(built, of: id.number)
    case .unbuilt(let id, let outcome): unbuilt(id.number, outcome, &effects)
    case .checked(let key, let outcome): checked(key, outcome)
    case .staged(let id, let outcome): staged(id.number, outcome, &effects)
    case .landed(let id, let outcome): landed(id.number, outcome, &effects)
    case .moved:
      dropNodes(&effects)
      unparkAll()
    case .gate(let gate): self.gate = gate
    }
    return effects
  }

  private mutating func configure(_ settings: Settings) {
    guard settings != self.settings else { return }
    if settings.window != self.settings.window { pace = Pace(window: settings.window) }
    self.settings = settings
  }

  private mutating func enqueue(_ entry: Entry) {
    precondition(numbers[entry.submission] == nil, "a submission enters its train once")
    numbersGiven += 1
    numbers[entry.submission] = numbersGiven
    tickets[numbersGiven] = Ticket(entry)
    line.append(numbersGiven)
    sortLine()
  }

  /// Makes a node for a ticket on a base and asks for it to be built.
  mutating func makeNode(_ ticket: Int, on base: Int?, isLine: Bool, _ effects: inout [Effect]) -> Int? {
    guard let entry = tickets[ticket]?.entry else { return nil }
    nodesMade += 1
    nodes[nodesMade] = Node(ticket: ticket, base: base, isLine: isLine)
    if let base {
      nodes[base]?.children.append(.init(ticket: ticket, node: nodesMade))
    } else {
      onTip[ticket] = nodesMade
    }
    buildCount += 1
    let id = Candidate.ID(number: nodesMade)
    effects.append(.build(Candidate(id: id, member: entry.submission, base: base.map(Candidate.ID.init))))
    return nodesMade
  }

  func child(of base: Int?, for ticket: Int) -> Int? {
    if let base { nodes[base]?.children.first { $0.ticket == ticket }?.node } else { onTip[ticket] }
  }
}
