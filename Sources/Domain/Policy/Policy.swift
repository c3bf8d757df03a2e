/// How a target is judged: the content of `.sluice.yml`, read and checked.
package struct Policy: Hashable, Sendable {
  package enum Merge: String, Hashable, Sendable, CaseIterable { case squash, merge, rebase }

  package enum ResultFormat: String, Hashable, Sendable, CaseIterable {
    case junit, tap, sarif, exit

    /// Whether it names tests, so that those of the base can be told from those of the candidate.
    package var tellsTests: Bool { self == .junit || self == .tap }
  }

  package enum Network: String, Hashable, Sendable, CaseIterable, Comparable {
    case none, setup, all
    package static func < (left: Network, right: Network) -> Bool { left.rank < right.rank }
    private var rank: Int { self == .none ? 0 : self == .setup ? 1 : 2 }
  }

  package struct Queue: Hashable, Sendable {
    package var workers = 2
    package var window = 20
    package var batch = 8
    /// Most submissions of one agent that are integrated at the same time; nil for no limit.
    package var perAgent: Int?
    package init() {}
  }

  /// One command that prepares the worktree.
  package struct Setup: Hashable, Sendable {
    package var run: String
    package var inputs: [String] = ["**"]
    package var keep: [String] = []
    package var timeout: Duration = .seconds(30 * 60)
    package init(run: String) { self.run = run }
  }

  /// One command whose verdict decides.
  package struct Check: Hashable, Sendable {
    package var name: String
    package var run: String
    package var results: ResultFormat = .exit
    package var inputs: [String] = ["**"]
    package var timeout: Duration = .seconds(30 * 60)
    package var retries = 0
    /// Whether nothing but its inputs, and what setup made, is in its worktree.
    package var isolate = false
    /// `test`, `performance` or `security`.
    package var kind = "test"
    /// How much worse than the base a `performance` check may measure.
    package var budget: Budget?
    /// Checks of a later stage run once all of the earlier ones have passed.
    package var stage = 1
    /// Checks that must have passed before, by their names.
    package var needs: [String] = []
    /// What of its tests may not be, beside the base.
    package var blocks: Set<TestComparison.Change> = [.regression, .newFailure, .missing, .newlySkipped]
    package init(name: String, run: String) {
      self.name = name
      self.run = run
    }
  }

  /// What a package and a change may measure; the administrator's ceilings are applied over them.
  package struct Limits: Hashable, Sendable {
    /// Files a change may touch.
    package var files = 500
    /// Bytes of the package's JSON, `diff_package` not counted.
    package var package = 1 << 20
    /// Bytes of a decoded `diff_package`.
    package var diff = 32 << 20
    package init() {}
  }

  package struct Sandbox: Hashable, Sendable {
    package var network: Network = .none
    /// Bytes.
    package var memory: Int64 = 4 << 30
    package init() {}
  }

  /// How what scanners find in a change is weighed.
  package struct Security: Hashable, Sendable {
    /// New findings at least so severe put a submission into quarantine.
    package var level: Finding.Severity = .high
    /// What the scan for secrets passes by: globs of paths, and fingerprints of findings.
    package var allow: [String] = []
    package init() {}
  }

  /// What follows from a landing that turns out bad.
  package struct Rollback: Hashable, Sendable {
    /// Whether a target lets only urgent work through after a landing that could not be taken back.
    package var freezes = false
    /// How long after a landing a red context takes it back; nil where none does.
    package var watch: Duration?
    package init() {}
  }

  /// What has to be said from outside before a staged candidate lands.
  package struct Delivery: Hashable, Sendable {
    /// The contexts that have to report success, in the order of the file.
    package var contexts: [ContextName] = []
    /// How long a staged candidate waits for them; a missing answer is a failure.
    package var timeout: Duration = .seconds(30 * 60)
    package init() {}
  }

  package var merge: Merge = .squash
  package var queue = Queue()
  package var setup: [Setup] = []
  /// In the order of the file.
  package var checks: [Check] = []
  /// What people are asked for, beside the checks and before them.
  package var reviews: [Review] = []
  /// The checks that must have passed before one is worth a run: those of earlier stages and those it needs.
  package func prerequisites(of check: Check) -> [String] {
    checks.filter { $0.stage < check.stage || check.needs.contains($0.name) }.map(\.name)
  }

  /// The checks of the deployment pipeline, in the order of the file.
  package var staging: [Check] = []
  /// The checks of what has landed, run on the target's new tip.
  package var postLanding: [Check] = []
  package var rollback = Rollback()
  package var delivery = Delivery()
  /// How conflicts are resolved without a person, in the order of the file.
  package var resolve: [Resolution] = []
  /// Who is told what.
  package var notify: [Notification] = []
  package var security = Security()
  package var limits = Limits()
  package var sandbox = Sandbox()

  package init() {}
}
