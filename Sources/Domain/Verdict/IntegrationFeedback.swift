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

  package let request: SubmissionRequest
  package let integration: IntegrationID
  package let refusal: Refusal
  package let base: ObjectID?
  /// Of every check that ran, in the policy's order.
  package var judgements: [Judgement] = []
  /// Newest first.
  package var underneath: [Landed] = []

  package init(request: SubmissionRequest, integration: IntegrationID, refusal: Refusal, base: ObjectID?) {
    self.request = request
    self.integration = integration
    self.refusal = refusal
    self.base = base
  }

  private var culprits: [Judgement] { judgements.filter { !$0.holds } }

  /// What to do, by what went wrong: the seed document's five ways of handling a failure, and one for each category beside them.
  package var suggestions: [String] {
    switch refusal.category {
    case .mergeConflicts:
      return ["Resolve the conflicts by the plan: take over what landed, then make the change on top of it."]
    case .regressionDetected:
      let tests = culprits.flatMap(\.objections).filter { $0.change == .regression }.flatMap(\.tests)
      var lines = [
        "These tests pass on \(request.target) and fail with the change; read what it broke before the tests."
      ]
      if !underneath.isEmpty {
        lines.append(
          "Main has moved under the change: \(underneath.count) landed commits touch its files; rebase and run them again."
        )
      }
      if let first = tests.first { lines.append("Begin with \(Printable.line(first, max: 200)).") }
      return lines
    case .testFailures, .timedOut:
      let slowest = slowestTests
      return ["Run the failing check on the change rebased onto \(request.target); its command is in the policy."]
        + (refusal.category == .timedOut && !slowest.isEmpty
          ? ["The slowest tests: \(slowest.joined(separator: ", "))."] : [])
    case .performanceDegradation:
      let slowest = slowestTests
      return [
        "Measure the change beside \(request.target) with the same command; look at what it adds to the hot path."
      ]
        + (slowest.isEmpty ? [] : ["The slowest tests: \(slowest.joined(separator: ", "))."])
    case .securityIssue:
      return [
        "Take what was found out of every commit of the submission, and replace a secret that was pushed: it is known now."
      ]
    case .notRun, .infrastructure:
      return ["Nothing is known to be wrong with the change: push it again once the cause is gone."]
    default: return ["Ask for a manual review: no rule fits what was found."]
    }
  }

  /// The slowest tests of the checks that did not hold, with their seconds.
  package var slowestTests: [String] {
    culprits.flatMap(\.slowest).sorted { $0.seconds ?? 0 > $1.seconds ?? 0 }.prefix(5).map {
      "\(Printable.line($0.name, max: 200)) (\(Event.decimal($0.seconds ?? 0, places: 2)) s)"
    }
  }

  /// The exact next commands.
  package var commands: [String] {
    var lines: [String] = []
    if let rebasedRef = refusal.rebasedRef {
      lines.append("git fetch <remote> \(rebasedRef) && git checkout -b \(request.name)-rebased FETCH_HEAD")
    } else {
      lines.append("git fetch <remote> \(request.target) && git rebase FETCH_HEAD")
    }
    for culprit in culprits.prefix(3) { lines.append("sluice log \(integration.text) \(culprit.result.name)") }
    lines.append("git push <remote> HEAD:refs/heads/submit/\(request.name)")
    return lines
  }

  package var json: JSONValue {
    [
      "version": 1, "integration_id": .string(integration.text), "submission_id": .string(request.id.text),
      "task_id": .string(request.taskID), "agent_id": .string(request.agentID), "target": .string(request.target),
      "base_commit": (base?.hex).json, "category": .string(refusal.category.rawValue),
      "reason": .string(refusal.reason), "details": .array(refusal.details.map(JSONValue.string)),
      "hint": refusal.hint.json,
      "culprits": .array(culprits.map(Self.culprit)),
      "underneath": .array(
        underneath.map { landed in
          var object = landed.work.json
          object["paths"] = .array(landed.paths.prefix(20).map(JSONValue.string))
          return .object(object)
        }),
      "conflict_plan": refusal.plan?.json ?? .null, "rebased_ref": refusal.rebasedRef.json,
      "suggestions": .array(suggestions.map(JSONValue.string)),
      "next_commands": .array(commands.map(JSONValue.string)),
    ]
  }

  private static func culprit(_ judgement: Judgement) -> JSONValue {
    let result = judgement.result
    return [
      "check": .string(result.name), "kind": .string(result.kind), "verdict": .string(result.verdict.rawValue),
      "reason": result.reason.json,
      "objections": .array(
        judgement.objections.map {
          [
            "change": .string($0.change.rawValue), "count": .integer($0.tests.count),
            "tests": .array($0.tests.prefix(50).map(JSONValue.string)),
          ]
        }),
      "failures": .array(
        result.failures.prefix(20).map {
          ["name": .string($0.name), "output": .array($0.output.map(JSONValue.string))]
        }),
      "output_tail": .array(result.outputTail.map(JSONValue.string)),
      "comparison": judgement.comparison?.json ?? .null, "performance": result.performance?.json ?? .null,
    ]
  }
}
