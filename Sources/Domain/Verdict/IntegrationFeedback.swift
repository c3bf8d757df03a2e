/// The answer to a failed integration: what an agent needs to come back with a better push.
///
/// - Shape: `IntegrationFeedbackSchema` publishes it.
package struct IntegrationFeedback: Hashable, Sendable {
  /// Work that landed since this one began and changed files that it changes.
  package struct Landed: Hashable, Sendable {
    package let work: LandedWork
    package let paths: [String]

    package init(_ work: LandedWork, paths: [String]) {
      self.work = work
      self.paths = paths
    }
  }

  /// Work on the target that wrote lines which this one changes.
  package struct SameLines: Hashable, Sendable {
    /// Lines of a file on the target, from 1.
    package struct Place: Hashable, Sendable {
      package let path: String
      package let start: Int
      package let count: Int

      package init(path: String, start: Int, count: Int) {
        self.path = path
        self.start = start
        self.count = count
      }
    }

    package let work: LandedWork
    /// Whether it landed after the refused work began.
    package let isNew: Bool
    package var places: [Place]

    package init(_ work: LandedWork, isNew: Bool, places: [Place] = []) {
      self.work = work
      self.isNew = isNew
      self.places = places
    }
  }

  /// How a failure is handled, by what went wrong.
  ///
  /// - Source: the seed document, `handle_integration_failure` and `handle_deployment_failure`.
  package enum Handling: String, Hashable, Sendable, CaseIterable {
    case conflictPlan = "conflict_resolution_plan"
    case regressionAnalysis = "regression_analysis"
    case testInvestigation = "test_failure_investigation"
    case performancePlan = "performance_optimization_plan"
    case deploymentAnalysis = "deployment_failure_analysis"
    case securityRemediation = "security_remediation"
    case retry
    case manualReview = "manual_review"
  }

  package let request: SubmissionRequest
  /// Nil for what was refused before there was one.
  package let integration: IntegrationID?
  package let refusal: Refusal
  package let base: ObjectID?
  /// The bare repository on the server, where the logs are.
  package var repository = ""
  /// Of every check that ran, in the policy's order.
  package var judgements: [Judgement] = []
  /// What each check runs, by its name.
  package var runs: [String: String] = [:]
  /// What the policy's first test runs.
  package var test: String?
  /// The first lines that a check printed, by its name.
  package var heads: [String: [String]] = [:]
  /// Newest first.
  package var underneath: [Landed] = []
  /// Newest first.
  package var sameLines: [SameLines] = []

  package init(request: SubmissionRequest, integration: IntegrationID?, refusal: Refusal, base: ObjectID?) {
    self.request = request
    self.integration = integration
    self.refusal = refusal
    self.base = base
  }

  /// The answer to what was refused before an integration, or by people: what it was told is all there is.
  package static func withoutIntegration(
    _ request: SubmissionRequest, _ refusal: Refusal, repository: String
  ) -> IntegrationFeedback {
    var feedback = IntegrationFeedback(request: request, integration: nil, refusal: refusal, base: nil)
    feedback.repository = repository
    return feedback
  }

  package var culprits: [Judgement] { judgements.filter { !$0.holds } }

  package var handling: Handling {
    switch refusal.category {
    case .mergeConflicts: .conflictPlan
    case .regressionDetected: .regressionAnalysis
    case .testFailures, .timedOut: .testInvestigation
    case .performanceDegradation: .performancePlan
    case .deploymentFailed: .deploymentAnalysis
    case .securityIssue: .securityRemediation
    case .notRun, .infrastructure: .retry
    case .invalidPackage, .undeclaredChanges, .unauthorized, .protectedRef, .limitExceeded, .manualReview, .invalidPush:
      .manualReview
    }
  }

  /// What to do, in sentences, by how the failure is handled.
  package var suggestions: [String] {
    switch handling {
    case .conflictPlan where refusal.plan == nil:
      return ["Make the change again on the files as they are on \(request.target), or declare the revert."]
    case .conflictPlan:
      return [
        "Resolve the conflicts by the plan: take over what landed, then make the change on top of it.",
        "Where the rebase stops: mend the files of the plan, git add them, git rebase --continue, then submit again.",
      ]
    case .regressionAnalysis: return regressionSuggestions
    case .testInvestigation:
      let what = refusal.category == .timedOut ? "that was too slow" : "that failed"
      return ["Run the check \(what) on the change rebased onto \(request.target): its command stands beside it."]
        + reportOnBase + slowestSuggestion(where: refusal.category == .timedOut)
    case .performancePlan:
      return [
        "Measure the change beside \(request.target) with the same command; look at what it adds to the hot path."
      ] + slowestSuggestion(where: true)
    case .deploymentAnalysis where culprits.contains { $0.result.kind == "context" }:
      return ["Read what the context says of the commit of staging: \(refusal.reason)"]
    case .deploymentAnalysis:
      return ["Run the command of the deployment check on the change rebased onto \(request.target)."]
    case .securityRemediation:
      return [
        "Take what was found out of every commit of the submission, and replace a secret that was pushed: it is known now."
      ]
    case .retry: return ["Nothing is known to be wrong with the change: push it again once the cause is gone."]
    case .manualReview where refusal.category == .manualReview && integration == nil:
      return ["People decide about it: read what they say, mend that, and push it again."]
    case .manualReview: return ["Ask for a manual review: no rule fits what was found."]
    }
  }

  private var regressionSuggestions: [String] {
    let tests = culprits.flatMap(\.objections).filter { $0.change == .regression }.flatMap(\.tests)
    var lines = [
      "These tests pass on \(request.target) and fail with the change; read what it broke before the tests."
    ]
    if let nearest = sameLines.first {
      let place = nearest.places.first.map { " (\($0.path) line \($0.start))" } ?? ""
      lines.append("It changes lines that \(nearest.work.line) wrote\(place): look there first.")
    }
    if !underneath.isEmpty {
      let count = underneath.count
      lines.append(
        "\(request.target) has moved under it: \(count) landing\(count == 1 ? " touches" : "s touch") its files; rebase and run them again."
      )
    }
    if let first = tests.first { lines.append("Begin with \(Printable.line(first, max: 200)).") }
    return lines
  }

  /// What the comparison with the base says about the failing tests.
  private var reportOnBase: [String] {
    let already = culprits.compactMap(\.comparison).reduce(0) { $0 + $1[.alreadyFailing].count }
    guard already > 0 else { return [] }
    return ["\(already) of the failing tests fail\(already == 1 ? "s" : "") on \(request.target) as well."]
  }

  private func slowestSuggestion(where isWanted: Bool) -> [String] {
    let slowest = slowestTests
    guard isWanted, !slowest.isEmpty else { return [] }
    let names = slowest.map { "\(Printable.line($0.name, max: 200)) (\(Event.decimal($0.seconds ?? 0, places: 2)) s)" }
    return ["The slowest tests: \(names.joined(separator: ", "))."]
  }

  /// The slowest tests of the checks that did not hold; of all of them where it is about speed.
  package var slowestTests: [TestCase] {
    let looked = handling == .performancePlan ? judgements : culprits
    return Array(looked.flatMap(\.slowest).sorted { $0.seconds ?? 0 > $1.seconds ?? 0 }.prefix(5))
  }
}
