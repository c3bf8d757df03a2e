/// What became of a change that failed on its way to the target or behind it, told from the ledger alone.
///
/// - Shape: `FailureAnalysisSchema` publishes it.
/// - Source: the seed document, `generate_failure_analysis`.
package struct FailureAnalysis: Sendable {
  /// Where it failed.
  package enum Stage: String, Hashable, Sendable, CaseIterable {
    case integration, staging, landing
    case postLanding = "post_landing"
  }

  /// Something that was taken back.
  package enum Undoing: String, Hashable, Sendable, CaseIterable {
    case stagingRemoved = "staging_removed"
    case reverted
  }

  /// A submission as the ledger has it: with one of its integrations and its events.
  package struct Story: Sendable {
    package let submission: Submission
    package let integration: Integration?
    /// Oldest first; empty once they were pruned.
    package let events: [Event]

    package init(_ submission: Submission, _ integration: Integration?, _ events: [Event]) {
      self.submission = submission
      self.integration = integration
      self.events = events
    }
  }

  package static let momentsMax = 300
  package static let outputMax = 20
  package static let checksMax = 20
  package static let namesMax = 50

  private let failed: Story
  /// What takes the landing back, or tried to.
  private let rollback: Story?
  private let gate: Train.Gate
  package let stage: Stage
  private let category: FailureCategory
  private let reason: String

  /// - Parameter rollback: the newest submission that takes its landing back.
  /// - Returns: nil for what has not failed.
  package init?(of failed: Story, rollback: Story?, gate: Train.Gate) {
    self.failed = failed
    self.rollback = rollback
    self.gate = gate
    let submission = failed.submission
    if submission.state == .landed, let rollback {
      stage = .postLanding
      category = .deploymentFailed
      let started = rollback.events.first { $0.kind == "rollback_started" }
      reason = started?.fields["reason"]?.string ?? "it was taken back"
      return
    }
    guard submission.state == .rejected || submission.state == .quarantined else { return nil }
    category = submission.category ?? .infrastructure
    reason = submission.reason ?? submission.state.rawValue
    stage =
      failed.integration?.certificate != nil
      ? .landing : category == .deploymentFailed ? .staging : .integration
  }

  package var json: JSONValue {
    let request = failed.submission.request
    return [
      "version": 1, "integration_id": (failed.integration?.id.text).json, "submission_id": .string(request.id.text),
      "task_id": .string(request.taskID), "agent_id": .string(request.agentID), "target": .string(request.target),
      "stage": .string(stage.rawValue),
      "cause": ["category": .string(category.rawValue), "reason": .string(reason)],
      "evidence": ["checks": .array(checks), "contexts": .array(contexts)],
      "timeline": .array(timeline.suffix(Self.momentsMax)), "undone": .array(undone),
      "left": .array(left.map(JSONValue.string)),
    ]
  }

  /// The checks and contexts that did not hold; of a rollback that was refused, those that kept it from landing.
  private var checks: [JSONValue] {
    let story = stage == .postLanding ? rollback : failed
    let culprits = story?.integration?.report.flatMap(Self.parse)?["feedback"]?["culprits"]?.array ?? []
    return culprits.prefix(Self.checksMax).map { culprit in
      let head = culprit["output_head"]?.array ?? []
      let output = head.isEmpty ? culprit["output_tail"]?.array ?? [] : head
      return [
        "check": culprit["check"] ?? .null, "kind": culprit["kind"] ?? .null, "verdict": culprit["verdict"] ?? .null,
        "reason": culprit["reason"] ?? .null,
        "failures": .array((culprit["failures"]?.array ?? []).prefix(Self.namesMax).compactMap { $0["name"] }),
        "output": .array(Array(output.prefix(Self.outputMax))),
      ]
    }
  }

  /// The newest word of each context about each integration that it was asked of.
  private var contexts: [JSONValue] {
    var order: [String] = []
    var newest: [String: JSONValue] = [:]
    for event in failed.events where event.kind == "context_reported" {
      guard let report = event.fields["report"].flatMap(ContextReport.init(json:)),
        let integration = event.fields["integration_id"]?.string
      else { continue }
      let name = "\(integration) \(report.context)"
      if newest[name] == nil { order.append(name) }
      newest[name] = [
        "integration_id": .string(integration), "context": .string(report.context.text),
        "state": .string(report.state.rawValue), "url": report.url.json, "description": report.description.json,
        "by": .string(report.by), "at": .string(Timestamp.rfc3339(report.at)),
      ]
    }
    return order.compactMap { newest[$0] }
  }

  private var timeline: [JSONValue] {
    (failed.events + (rollback?.events ?? [])).map { event in
      let line = event.lines.first ?? ""
      let text = line.hasPrefix("sluice: ") ? String(line.dropFirst(8)) : line
      return [
        "time": event.fields["time"] ?? .null, "submission_id": event.fields["submission_id"] ?? .null,
        "event": .string(event.kind), "text": .string(String(text.drop { $0 == " " })),
      ]
    }
  }

  private var undone: [JSONValue] {
    var undone: [JSONValue] = []
    for story in [failed, rollback].compactMap({ $0 }) {
      let landed = story.submission.state == .landed ? story.submission.integration?.text : nil
      for event in story.events where event.kind == "deployment_started" {
        guard let staging = event.fields["staging"]?.string, staging != landed.map({ "staging/\($0)" }),
          story.submission.state.isEnd
        else { continue }
        undone.append(["what": .string(Undoing.stagingRemoved.rawValue), "ref": .string(staging), "commit": .null])
      }
    }
    if let rollback, rollback.submission.state == .landed {
      undone.append([
        "what": .string(Undoing.reverted.rawValue), "ref": .string(failed.submission.request.target),
        "commit": (rollback.submission.landedCommit?.hex).json,
      ])
    }
    return undone
  }

  private var left: [String] {
    let request = failed.submission.request
    var left: [String] = []
    if let rollback {
      left += sentences(on: rollback)
    } else {
      left.append("\(request.target) is as it was: nothing of it has landed")
    }
    let isOut = rollback.map { $0.submission.state == .landed } ?? true
    if isOut { left.append("mended, it can be pushed to refs/heads/submit/\(request.name) again") }
    switch gate {
    case .open: break
    case .urgentOnly: left.append("\(request.target) is frozen: only urgent submissions go on until 'sluice resume'")
    case .closed: left.append("\(request.target) is paused until 'sluice resume'")
    }
    return left
  }

  private func sentences(on rollback: Story) -> [String] {
    let target = failed.submission.request.target
    let bad = failed.submission.landedCommit?.short ?? ""
    let revert = rollback.submission
    let state =
      switch revert.state {
      case .landed: "\(target) holds the change no more"
      case let end where end.isEnd:
        "\(target) still holds \(bad): \(revert.id) was to take it back, and ended as \(end.rawValue)"
          + (revert.reason.map { " (\(revert.category?.rawValue ?? ""): \($0))" } ?? "")
      default: "\(target) still holds \(bad): \(revert.id) is taking it back"
      }
    let started = rollback.events.first { $0.kind == "rollback_started" }
    return [state]
      + (started?.fields["dependents"]?.array ?? []).prefix(Self.namesMax).map { landed in
        let paths = (landed["paths"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
        return "landed after it, on the same files: \(landed["task_id"]?.string ?? "?") (\(paths))"
      }
  }

  private static func parse(_ text: String) -> JSONValue? {
    do { return try JSONValue.parse(Array(text.utf8), limits: .own) } catch { return nil }
  }
}
