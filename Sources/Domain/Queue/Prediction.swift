/// What one run of a check took.
package struct CheckSeconds: Hashable, Sendable {
  package let check: String
  package let seconds: Double

  package init(check: String, seconds: Double) {
    self.check = check
    self.seconds = seconds
  }
}

/// How likely a submission is to hold and how long its checks take, by what was seen before.
///
/// - Likelihood: naive Bayes over who submits, where and how much is changed. Each trait has a Beta-Binomial rate that is
///   drawn towards the overall rate by as much as ten submissions weigh, so that a new agent counts as an average one and
///   three failures in a row do not condemn anybody; the traits' log-odds against the overall rate are added up.
/// - Duration: the median of the newest runs of each check, which one slow machine or one cold cache does not move.
package struct Prediction: Sendable {
  /// What is counted of submissions that share a trait.
  package struct Count: Hashable, Sendable {
    package fileprivate(set) var held = 0
    package fileprivate(set) var failed = 0
    package var total: Int { held + failed }
  }

  /// Something that submissions have in common.
  package enum Trait: Hashable, Sendable {
    case agent(String)
    case folder(String)
    case size(SizeClass)
  }

  /// By the number of files changed.
  package enum SizeClass: String, Hashable, Sendable, CaseIterable {
    case one = "1 file"
    case few = "2 to 10 files"
    case some = "11 to 100 files"
    case many = "more than 100 files"

    package init(files: Int) {
      self = files <= 1 ? .one : files <= 10 ? .few : files <= 100 ? .some : .many
    }
  }

  /// How many of the newest ended submissions, and of the newest runs, predictions are made from.
  package static let pastMax = 1_000
  /// Submissions by which a trait's rate is drawn towards the overall rate.
  private static let pull = 10.0
  /// What is assumed before anything was seen: nineteen of twenty hold.
  private static let assumed = (held: 19.0, failed: 1.0)
  private static let runsKept = 20

  package private(set) var overall = Count()
  package private(set) var traits: [Trait: Count] = [:]
  /// By check, newest last.
  private var runs: [String: [Double]] = [:]

  package init() {}

  /// Learns from the past: ended submissions, and runs with the newest first.
  package init(_ past: [Submission], _ seconds: [CheckSeconds]) {
    for submission in past { learn(submission) }
    for run in seconds.reversed() { learn(run) }
  }

  /// Counts an ended submission; one that nobody judged says nothing.
  package mutating func learn(_ submission: Submission) {
    let held: Bool
    switch submission.state {
    case .landed, .verified: held = true
    case .rejected where submission.category?.isVerdict == true: held = false
    default: return
    }
    overall.count(held)
    for trait in Self.traits(agent: submission.request.agentID, submission.shape) {
      traits[trait, default: Count()].count(held)
    }
  }

  package mutating func learn(_ run: CheckSeconds) {
    runs[run.check, default: []].append(run.seconds)
    if let count = runs[run.check]?.count, count > Self.runsKept { runs[run.check]?.removeFirst() }
  }

  /// The overall rate of submissions that hold.
  package var rate: Double {
    (Double(overall.held) + Self.assumed.held) / (Double(overall.total) + Self.assumed.held + Self.assumed.failed)
  }

  /// The rate of those with a trait.
  package func rate(of trait: Trait) -> Double {
    let count = traits[trait] ?? Count()
    return (Double(count.held) + Self.pull * rate) / (Double(count.total) + Self.pull)
  }

  /// How likely a submission holds, from 0.02 to 0.99.
  package func likelihood(agent: String, _ shape: ChangeShape?) -> Double {
    let overallOdds = rate / (1 - rate)
    var odds = overallOdds
    for trait in Self.traits(agent: agent, shape) {
      let rate = rate(of: trait)
      odds *= rate / (1 - rate) / overallOdds
    }
    return min(max(odds / (1 + odds), 0.02), 0.99)
  }

  /// The median seconds of a check's newest runs; nil where it never ran.
  package func seconds(of check: String) -> Double? {
    guard let runs = runs[check], !runs.isEmpty else { return nil }
    return runs.sorted()[runs.count / 2]
  }

  /// The checks that were seen, by name.
  package var checks: [String] { runs.keys.sorted() }

  /// Seconds until a submission at a position in the queue has its answer; nil before anything ran.
  package func secondsToAnswer(position: Int, _ settings: Train.Settings) -> Double? {
    let each = checks.compactMap(seconds)
    guard let longest = each.max() else { return nil }
    // One integration: its checks side by side on the workers, the longest at least.
    let one = max(longest, each.reduce(0, +) / Double(max(settings.workers, 1)))
    let perRound = max(settings.workers, 1) * max(min(settings.batch, 4), 1)
    return one * Double((max(position, 1) + perRound - 1) / perRound)
  }

  private static func traits(agent: String, _ shape: ChangeShape?) -> [Trait] {
    guard let shape else { return [.agent(agent)] }
    return [.agent(agent), .size(SizeClass(files: shape.files))] + shape.folders.map(Trait.folder)
  }
}

extension Prediction.Count {
  fileprivate mutating func count(_ isHeld: Bool) {
    if isHeld { held += 1 } else { failed += 1 }
  }
}

extension FailureCategory {
  /// Whether a refusal in this category says that the work was tried and did not hold.
  fileprivate var isVerdict: Bool {
    switch self {
    case .testFailures, .regressionDetected, .performanceDegradation, .securityIssue, .timedOut, .deploymentFailed: true
    default: false
    }
  }
}
