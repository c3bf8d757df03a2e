import Domain

/// Turns the tree of a policy file into a policy and notes what is wrong on the way.
struct PolicyReader {
  private(set) var problems: [PolicyError.Problem] = []

  mutating func readPolicy(_ root: YAMLNode) -> Policy {
    var policy = Policy()
    let known = [
      "version", "merge", "queue", "setup", "checks", "staging", "post_landing", "rollback", "resolve", "security",
      "limits", "sandbox", "notify",
    ]
    guard let fields = fields(root, "", known: known, required: ["version", "checks"]) else { return policy }
    if let node = fields["version"] { _ = integer(node, "version", in: 1...1) }
    if let node = fields["merge"] { policy.merge = choice(node, "merge") ?? policy.merge }
    if let node = fields["queue"] { readQueue(node, into: &policy.queue) }
    if let node = fields["setup"] {
      policy.setup = list(node, "setup", max: 50, "steps") { $0.readSetup($1, $2) }
    }
    if let node = fields["checks"] { (policy.checks, policy.reviews) = readChecks(node, "checks") }
    if let node = fields["staging"] { policy.staging = readRuns(node, "staging") }
    if let node = fields["post_landing"] { policy.postLanding = readRuns(node, "post_landing") }
    if let node = fields["rollback"], let fields = self.fields(node, "rollback", known: ["freeze"]),
      let node = fields["freeze"]
    {
      policy.rollback.freezes = boolean(node, "rollback.freeze") ?? false
    }
    if let node = fields["resolve"] { policy.resolve = readResolutions(node) }
    if let node = fields["security"] { readSecurity(node, into: &policy.security) }
    if let node = fields["limits"] { readLimits(node, into: &policy.limits) }
    if let node = fields["sandbox"] { readSandbox(node, into: &policy.sandbox) }
    if let node = fields["notify"] {
      policy.notify = list(node, "notify", max: 20, "receivers") { $0.readNotification($1, $2) }
    }
    return policy
  }

  private mutating func readQueue(_ node: YAMLNode, into queue: inout Policy.Queue) {
    guard let fields = fields(node, "queue", known: ["workers", "window", "batch", "per_agent"]) else { return }
    if let node = fields["workers"] { queue.workers = integer(node, "queue.workers", in: 1...64) ?? queue.workers }
    if let node = fields["window"] { queue.window = integer(node, "queue.window", in: 1...1000) ?? queue.window }
    if let node = fields["batch"] { queue.batch = integer(node, "queue.batch", in: 1...1000) ?? queue.batch }
    if let node = fields["per_agent"] { queue.perAgent = integer(node, "queue.per_agent", in: 1...1000) }
  }

  private mutating func readSetup(_ node: YAMLNode, _ path: String) -> Policy.Setup? {
    let known = ["run", "inputs", "keep", "timeout"]
    guard let fields = fields(node, path, known: known, required: ["run"]) else { return nil }
    var setup = Policy.Setup(run: "")
    if let node = fields["run"] { setup.run = command(node, "\(path).run") ?? "" }
    if let node = fields["inputs"] { setup.inputs = globs(node, "\(path).inputs") }
    if let node = fields["keep"] {
      setup.keep = list(node, "\(path).keep", max: 100, "paths") { reader, node, path in
        reader.text(node, path, "a path in the worktree") { PolicyText.isGlob($0) && !$0.contains("*") }
          .map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
      }
    }
    if let node = fields["timeout"] { setup.timeout = duration(node, "\(path).timeout") ?? setup.timeout }
    return setup
  }

  private mutating func readChecks(
    _ node: YAMLNode, _ path: String
  ) -> (checks: [Policy.Check], reviews: [Policy.Review]) {
    let members = mapping(node, path, "checks by their names", max: 100)
    var reviews: [Policy.Review] = []
    let entries = members.compactMap { member -> CheckEntry? in
      guard PolicyText.isCheckName(member.name) else {
        let rule = "a name of up to 64 letters, digits, '.', '_' and '-', beginning with a letter or digit"
        fail(member.mark, "\(path): expected \(rule), found \(PolicyText.show(member.name))")
        return nil
      }
      let place = "\(path).\(member.name)"
      guard !Self.isReview(member.value) else {
        // It comes before every check, so that whoever needs it has nothing to wait for.
        reviews.append(readReview(member, place))
        return CheckEntry(name: member.name, mark: member.mark, checks: [])
      }
      return CheckEntry(name: member.name, mark: member.mark, checks: readCheck(member, place))
    }
    return (resolveNeeds(of: entries, path), reviews)
  }

  private mutating func readCheck(_ member: YAMLNode.Member, _ path: String) -> [Policy.Check] {
    let known = [
      "run", "results", "inputs", "timeout", "retries", "isolate", "kind", "budget", "blocks", "stage", "needs",
      "matrix",
    ]
    guard let fields = fields(member.value, path, known: known, required: ["run"]) else { return [] }
    var check = Policy.Check(name: member.name, run: "")
    if let node = fields["run"] { check.run = command(node, "\(path).run") ?? "" }
    if let node = fields["results"] { check.results = choice(node, "\(path).results") ?? check.results }
    if let node = fields["inputs"] { check.inputs = globs(node, "\(path).inputs") }
    if let node = fields["timeout"] { check.timeout = duration(node, "\(path).timeout") ?? check.timeout }
    if let node = fields["retries"] { check.retries = integer(node, "\(path).retries", in: 0...10) ?? check.retries }
    if let node = fields["isolate"] { check.isolate = boolean(node, "\(path).isolate") ?? check.isolate }
    // SARIF is how security scanners report, so that such a check need not say it twice.
    check.kind = check.results == .sarif ? Kind.security.rawValue : Kind.test.rawValue
    if let node = fields["kind"], let kind: Kind = choice(node, "\(path).kind") { check.kind = kind.rawValue }
    if let node = fields["blocks"] {
      let blocking: [Blocking] = list(node, "\(path).blocks", max: 5, "words") { $0.choice($1, $2) }
      check.blocks = Set(blocking.map(\.change))
      if !check.results.tellsTests {
        fail(
          node.mark, "\(path).blocks: expected results: junit or tap with it, found results: \(check.results.rawValue)")
      }
    }
    if let node = fields["budget"] {
      check.budget = readBudget(node, "\(path).budget")
      if check.kind != Kind.performance.rawValue {
        fail(node.mark, "\(path).budget: expected kind: performance with it, found kind: \(check.kind)")
      } else if path.hasPrefix("staging.") {
        fail(node.mark, "\(path).budget: expected it under checks, where there is a base to compare with")
      }
    }
    if let node = fields["stage"] { check.stage = integer(node, "\(path).stage", in: 1...20) ?? check.stage }
    if let node = fields["needs"] {
      check.needs = list(node, "\(path).needs", min: 1, max: 100, "checks") { reader, node, path in
        reader.text(node, path, "the name of a check", where: PolicyText.isCheckName)
      }
    }
    guard let matrix = fields["matrix"] else { return [check] }
    return variants(of: check, matrix, "\(path).matrix")
  }

  /// What of a check's tests keeps a candidate from landing.
  private enum Blocking: String, CaseIterable {
    case regressions
    case newFailures = "new_failures"
    case missing
    case newlySkipped = "newly_skipped"
    case alreadyFailing = "already_failing"

    var change: TestComparison.Change {
      switch self {
      case .regressions: .regression
      case .newFailures: .newFailure
      case .missing: .missing
      case .newlySkipped: .newlySkipped
      case .alreadyFailing: .alreadyFailing
      }
    }
  }

  private enum Kind: String, CaseIterable { case test, performance, security, review }

  /// Most budgets of one check: each makes the proof of the others longer.
  private static let budgetsMax = 10

  private mutating func readBudget(_ node: YAMLNode, _ path: String) -> Policy.Budget? {
    var budget = Policy.Budget()
    for member in mapping(node, path, "percentages by time, memory or the name of a metric", max: Self.budgetsMax) {
      let place = "\(path).\(Printable.line(member.name, max: 60))"
      guard let percent = percent(member.value, place) else { continue }
      switch member.name {
      case "time": budget.time = percent
      case "memory": budget.memory = percent
      default: budget.metrics.append(.init(name: member.name, percent: percent))
      }
    }
    return budget
  }

  private mutating func readResolutions(_ node: YAMLNode) -> [Policy.Resolution] {
    mapping(node, "resolve", "union, ours, theirs, recorded or a command by paths", max: 1000).compactMap { member in
      guard PolicyText.isGlob(member.name) else {
        fail(member.mark, "resolve: expected a path in the repository, found \(PolicyText.show(member.name))")
        return nil
      }
      let place = "resolve.\(Printable.line(member.name, max: 60))"
      guard let text = text(member.value, place, "union, ours, theirs, recorded or a command") else { return nil }
      return Policy.Resolution(path: member.name, method: .init(text: text))
    }
  }

  /// Checks among which no person is asked.
  private mutating func readRuns(_ node: YAMLNode, _ path: String) -> [Policy.Check] {
    let read = readChecks(node, path)
    if let review = read.reviews.first {
      fail(node.mark, "\(path).\(review.name).kind: expected a review among the checks, found one in \(path)")
    }
    return read.checks
  }

  private mutating func readSecurity(_ node: YAMLNode, into security: inout Policy.Security) {
    guard let fields = fields(node, "security", known: ["level", "allow"]) else { return }
    if let node = fields["level"] { security.level = choice(node, "security.level") ?? security.level }
    if let node = fields["allow"] {
      security.allow = list(node, "security.allow", max: 1_000, "patterns or fingerprints") { reader, node, path in
        reader.text(node, path, "a path, a pattern such as fixtures/**, or a fingerprint", where: PolicyText.isGlob)
      }
    }
  }

  private mutating func readLimits(_ node: YAMLNode, into limits: inout Policy.Limits) {
    guard let fields = fields(node, "limits", known: ["files", "package", "diff"]) else { return }
    if let node = fields["files"] { limits.files = integer(node, "limits.files", in: 1...1_000_000) ?? limits.files }
    if let node = fields["package"] {
      limits.package = size(node, "limits.package", in: 1 << 10...64 << 20).map(Int.init) ?? limits.package
    }
    if let node = fields["diff"] {
      limits.diff = size(node, "limits.diff", in: 1 << 10...1 << 30).map(Int.init) ?? limits.diff
    }
  }

  private mutating func readSandbox(_ node: YAMLNode, into sandbox: inout Policy.Sandbox) {
    guard let fields = fields(node, "sandbox", known: ["network", "memory"]) else { return }
    if let node = fields["network"] { sandbox.network = choice(node, "sandbox.network") ?? sandbox.network }
    if let node = fields["memory"] {
      sandbox.memory = size(node, "sandbox.memory", in: 16 << 20...1 << 40) ?? sandbox.memory
    }
  }

  private mutating func readNotification(_ node: YAMLNode, _ path: String) -> Policy.Notification? {
    guard let fields = fields(node, path, known: ["webhook", "events"], required: ["webhook"]) else { return nil }
    var notification = Policy.Notification(webhook: "")
    if let node = fields["webhook"] {
      let rule = "an http or https URL"
      notification.webhook = text(node, "\(path).webhook", rule, where: PolicyText.isWebURL) ?? ""
    }
    if let node = fields["events"] {
      notification.events = list(node, "\(path).events", min: 1, max: 7, "events") { $0.choice($1, $2) }
    }
    return notification
  }

  mutating func fail(_ mark: YAMLMark, _ sentence: String) {
    problems.append(.init(line: mark.line, column: mark.column, sentence: sentence))
  }
}
