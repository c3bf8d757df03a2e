extension Train {
  /// A submission in the line.
  struct Ticket: Hashable, Sendable {
    let entry: Entry
    var waitsFor: Set<SubmissionID>
    /// How many that came later have landed before it by their priority.
    var overtakenBy = 0
    var isPromoted = false
    /// Whether it waits for a person's word, and for nothing in the line.
    var isParked = false
    /// Whether it did not hold when it was last looked at, with something unproven ahead.
    var isSuspect = false
    /// All whose presence in a tree may change what this one's checks see, by what was built so far.
    var met: Set<Int> = []
    /// The end to give once the landing in progress is known to have failed.
    var withdrawal: SubmissionState?

    /// Landings of others after which a submission counts as one priority higher.
    static let landingsPerPriority = 20

    init(_ entry: Entry) {
      self.entry = entry
      waitsFor = entry.waitsFor
    }

    /// Its place among priorities, ageing included; what was urgent from the start is never overtaken by age.
    var rank: Int {
      if isPromoted { return Priority.urgent.rank + 1 }
      guard entry.priority != .urgent else { return Priority.urgent.rank }
      return min(entry.priority.rank + overtakenBy / Self.landingsPerPriority, Priority.high.rank)
    }
  }

  /// A candidate: a ticket on a base.
  struct Node: Hashable, Sendable {
    enum Build: Hashable, Sendable { case building, built, refused }

    let ticket: Int
    /// The node it stands on; nil for the target's tip.
    var base: Int?
    var children: [Child] = []
    /// Whether it was made as part of the line and not as an alternative to it.
    var isLine: Bool
    /// Whether it was chosen to be tested, and does not merely share a check with one that was.
    var isChosen = false
    var build = Build.building
    var keys: [CheckKey] = []
    /// What must have passed before a check is worth a run.
    var after: [CheckKey: [CheckKey]] = [:]
    var coversBase = true
    /// Tickets ahead that its own checks depend on, ascending.
    var relies: [Int] = []
    var changesPolicy = false
    /// Alternatives that are tried on it.
    var hedges: Set<Hedge> = []
    var passed = 0
    var failed = 0
    /// Whether its deployment pipeline failed with others in the path.
    var failedOnStaging = false

    /// Whether its own keys have all passed.
    var holds: Bool { build == .built && passed == keys.count && !failedOnStaging }
    var fails: Bool { failed > 0 || failedOnStaging }

    init(ticket: Int, base: Int?, isLine: Bool) {
      self.ticket = ticket
      self.base = base
      self.isLine = isLine
    }
  }

  /// Who stands on a node.
  struct Child: Hashable, Sendable {
    let ticket: Int
    let node: Int
  }

  /// A check on certain inputs: one run and one verdict, whoever needs it.
  struct Check: Hashable, Sendable {
    var verdict: CheckOutcome?
    /// The node it runs on.
    var runsOn: Int?
    /// Which run of the train's it is: the later, the less is lost when it is stopped.
    var turn = 0
    /// Whether it runs only because a worker was idle.
    var isSpare = false
    /// Whether a failure says something about the last of its path alone.
    var isAlone = true
    /// Whether it weighs all that is ahead as well, so that a failure says something only on the target's tip.
    var isComparison = false
    /// Whether a failure in company is being looked at again.
    var isAgain = false
    var nodes: Set<Int> = []
    /// Alternatives that wait for it.
    var hedges: Set<Hedge> = []

    var isNeeded: Bool { !nodes.isEmpty || !hedges.isEmpty }
  }

  /// A candidate on its way to the target; one at a time.
  struct Delivery: Hashable, Sendable {
    let node: Int
    var isLanding = false
  }

  /// An alternative to the line: a ticket on exactly some of those ahead that its outcome relies on.
  struct Hedge: Hashable, Sendable {
    let ticket: Int
    /// Ascending.
    var ahead: [Int]
  }

  /// What is known of an alternative. It outlives the candidate it is tried on: landings of others do not change it.
  struct Trial: Hashable, Sendable {
    var node: Int
    var isBuilt = false
    /// Its own checks that have no verdict yet.
    var missing: Set<CheckKey> = []
    var verdict: CheckOutcome?

    init(node: Int) { self.node = node }

    /// What cannot come true: somebody on the way does not merge.
    init(refusedOn node: Int) {
      self.node = node
      isBuilt = true
      verdict = .failed
    }
  }

  /// How far and how coarsely the train dares to go, by what it has seen.
  struct Pace: Hashable, Sendable {
    private static let reachMin = 3
    private let window: Int
    /// Submissions that may be ahead of the target now.
    private(set) var reach: Int
    // A beginning as if one of twenty had failed, which experience outweighs soon.
    private var landings = 19.0
    private var failures = 1.0

    init(window: Int) {
      self.window = window
      reach = window
    }

    /// How many to test as one: about one over the root of the failure rate, at which a batch costs least.
    var batch: Int { Int((landings + failures) / failures).squareRootRoundedUp }

    mutating func landed(_ count: Int) {
      reach = min(window, reach + count)
      landings += Double(count)
      // Old experience fades: a hundred submissions weigh what the last ones did.
      if landings + failures > 200 {
        landings /= 2
        failures /= 2
      }
    }

    /// A failure that was tested with others behind it costs them their work: fewer follow so closely.
    mutating func failed(coversBase: Bool) {
      failures += 1
      if coversBase { reach = max(min(Self.reachMin, window), reach / 2) }
    }
  }
}

extension Int {
  fileprivate var squareRootRoundedUp: Int {
    var root = 1
    while root * root < self { root += 1 }
    return root
  }
}
