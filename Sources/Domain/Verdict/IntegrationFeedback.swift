/// The answer to a failed integration: what an agent needs to come back with a better push.
///
/// - Shape: `IntegrationFeedbackSchema` publishes it.
package struct IntegrationFeedback: Hashable, Sendable {
  /// What landed on the target since the work began and touches the same files.
  package struct Landed: Hashable, Sendable {
    package let commit: ObjectID
    package let subject: String
    /// The trailers of the landed commit, where it has them.
    package let task: String?
    package let agent: String?
    package let integration: String?
    package let paths: [String]

    package init(
      commit: ObjectID, subject: String, task: String?, agent: String?, integration: String?, paths: [String]
    ) {
      self.commit = commit
      self.subject = subject
      self.task = task
      self.agent = agent
      self.integration = integration
      self.paths = paths
    }
  }

  package let request: SubmissionRequest
  package let integration: IntegrationID
  package let refusal: Refusal
  package let base: ObjectID?
  /// Of every check that ran, in the policy's order.
  package var judgements: [Judgement] = []
  package var underneath: [Landed] = []
  /// The conflict resolution plan's JSON; nil where nothing conflicts.
  package var plan: JSONValue?
  /// Where the work stands rebased, ready to fetch.
  package var rebasedRef: String?

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
    if let rebasedRef {
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
        underneath.map {
          [
            "commit": .string($0.commit.hex), "subject": .string($0.subject), "task_id": $0.task.json,
            "agent_id": $0.agent.json, "integration_id": $0.integration.json,
            "paths": .array($0.paths.map(JSONValue.string)),
          ]
        }),
      "conflict_plan": plan ?? .null, "rebased_ref": rebasedRef.json,
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
      "comparison": judgement.comparison?.json ?? .null,
    ]
  }
}
