extension IntegrationFeedback {
  /// How many of each there are in the document: what is left out is counted.
  static let culpritsMax = 5
  static let failuresMax = 20
  static let testsMax = 50
  static let landingsMax = 20
  static let pathsMax = 20
  static let detailsMax = 100

  package var json: JSONValue {
    [
      "version": 1, "integration_id": (integration?.text).json, "submission_id": .string(request.id.text),
      "task_id": .string(request.taskID), "agent_id": .string(request.agentID), "target": .string(request.target),
      "base_commit": (base?.hex).json, "category": .string(refusal.category.rawValue),
      "reason": .string(refusal.reason),
      "details": .array(refusal.details.prefix(Self.detailsMax).map(JSONValue.string)),
      "hint": refusal.hint.json, "handling": .string(handling.rawValue),
      "culprits": .array(culprits.prefix(Self.culpritsMax).map(culprit)), "culprit_count": .integer(culprits.count),
      "underneath": .array(underneath.prefix(Self.landingsMax).map(\.json)),
      "conflict_plan": refusal.plan?.json ?? .null,
      "regression_analysis": handling == .regressionAnalysis ? regressionAnalysis : .null,
      "slowest_tests": .array(
        slowestTests.map { test in
          let seconds = JSONNumber(literal: Event.decimal(test.seconds ?? 0, places: 3))
          return ["name": .string(Printable.line(test.name, max: 200)), "seconds": .number(seconds)]
        }),
      "rebased_ref": refusal.rebasedRef.json,
      "suggestions": .array(suggestions.map(JSONValue.string)),
      "next_commands": .array(commands.map(JSONValue.string)),
    ]
  }

  /// A test's name: some are as long as what they are given.
  private static func shown(_ name: String) -> JSONValue {
    .string(Printable.line(name, max: TestComparison.nameShownMax))
  }

  private var regressionAnalysis: JSONValue {
    let tests = culprits.flatMap(\.objections).filter { $0.change == .regression }.flatMap(\.tests)
    return [
      "regressions": .integer(tests.count),
      "same_lines": .array(sameLines.prefix(Self.landingsMax).map(\.json)),
      "same_files": .array(underneath.prefix(Self.landingsMax).map { .string($0.work.commit.hex) }),
    ]
  }

  private func culprit(_ judgement: Judgement) -> JSONValue {
    let result = judgement.result
    return [
      "check": .string(result.name), "kind": .string(result.kind), "verdict": .string(result.verdict.rawValue),
      "reason": result.reason.json, "run": runs[result.name].json,
      "objections": .array(
        judgement.objections.map {
          [
            "change": .string($0.change.rawValue), "count": .integer($0.tests.count),
            "tests": .array($0.tests.prefix(Self.testsMax).map(Self.shown)),
          ]
        }),
      "failures": .array(
        result.failures.prefix(Self.failuresMax).map {
          ["name": Self.shown($0.name), "output": .array($0.output.map(JSONValue.string))]
        }),
      // What a scanner prints can hold what it has found.
      "output_head": .array(
        judgement.newFindings == nil ? (heads[result.name] ?? []).map(JSONValue.string) : []),
      "output_tail": .array(judgement.newFindings == nil ? result.outputTail.map(JSONValue.string) : []),
      "comparison": judgement.comparison?.json ?? .null, "performance": result.performance?.json ?? .null,
    ]
  }
}

extension IntegrationFeedback.Landed {
  package var json: JSONValue {
    var object = work.json
    object["paths"] = .array(paths.prefix(IntegrationFeedback.pathsMax).map(JSONValue.string))
    return .object(object)
  }
}

extension IntegrationFeedback.SameLines {
  fileprivate var json: JSONValue {
    var object = work.json
    object["landed_since"] = .bool(isNew)
    object["places"] = .array(
      places.prefix(IntegrationFeedback.pathsMax).map {
        ["path": .string($0.path), "start": .integer($0.start), "count": .integer($0.count)]
      })
    return .object(object)
  }
}
