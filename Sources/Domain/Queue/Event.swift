/// Something that happened to a submission, as the journal, the push output and `format=json` tell it.
///
/// - Shape: one JSON object; `event` names the kind, `submission_id` and `task_id` whose it is, `message` is the sentence of
///   the seven notifications of the integration flow. The journal adds `seq` and `time` in front.
package struct Event: Hashable, Sendable {
  package let fields: JSONObject

  /// Reads an event back from a journal line.
  package init?(json: JSONValue) {
    guard let object = json.object, object["event"]?.string != nil else { return nil }
    fields = object
  }

  init(_ kind: String, of request: SubmissionRequest, message: String? = nil, _ more: JSONObject = [:]) {
    var fields: JSONObject = [
      "event": .string(kind), "submission_id": .string(request.id.text), "task_id": .string(request.taskID),
    ]
    if let message { fields["message"] = .string(message) }
    for member in more.members { fields[member.name] = member.value }
    self.fields = fields
  }

  package var kind: String { fields["event"]?.string ?? "" }
  /// The event's JSON on one line, without the journal's number.
  package var json: String { JSONValue.object(fields).compact }

  package static func received(_ request: SubmissionRequest) -> Event {
    Event(
      "submission_received", of: request, message: "Agent work received: \(Printable.line(request.taskID, max: 200))",
      ["target": .string(request.target), "name": .string(request.name)])
  }

  /// Where the submission stands in its queue, from 1, and the expected seconds to its end where there is experience.
  package static func queued(_ request: SubmissionRequest, position: Int, of count: Int, etaSeconds: Int?) -> Event {
    Event(
      "queued", of: request,
      [
        "target": .string(request.target), "position": .integer(position), "of": .integer(count),
        "eta_seconds": etaSeconds.map(JSONValue.integer) ?? .null,
      ])
  }

  /// That it waits for people: for which reviews of the policy, of which files, and until when (seconds since 1970).
  package static func reviewRequested(
    _ request: SubmissionRequest, reviews: [String], paths: [String], until: Int64
  ) -> Event {
    Event(
      "review_requested", of: request,
      [
        "reviews": .array(reviews.map(JSONValue.string)),
        "paths": .array(paths.prefix(20).map { .string(Printable.line($0, max: 200)) }),
        "paths_total": .integer(paths.count), "command": .string("sluice approve \(request.id.text)"),
        "until": .string(Timestamp.rfc3339(until)),
      ])
  }

  package static func reviewApproved(_ request: SubmissionRequest, _ approval: Approval) -> Event {
    Event("review_approved", of: request, ["by": .string(approval.by), "at": .string(Timestamp.rfc3339(approval.at))])
  }

  package static func integrationStarted(
    _ request: SubmissionRequest, integration: IntegrationID, base: ObjectID?
  ) -> Event {
    Event(
      "integration_started", of: request,
      message: "Integration validation started for \(Printable.line(request.taskID, max: 200))",
      ["integration_id": .string(integration.text), "base": (base?.hex).json])
  }

  /// That its checks run on a tree that holds others too, which land or fail with it or without.
  package static func testedTogether(_ request: SubmissionRequest, others: Int) -> Event {
    Event("tested_together", of: request, ["others": .integer(others)])
  }

  package static func merged(_ request: SubmissionRequest, outcome: String, milliseconds: Double) -> Event {
    Event(
      "merged", of: request,
      ["outcome": .string(outcome), "milliseconds": .number(JSONNumber(literal: decimal(milliseconds, places: 1)))])
  }

  package static func checkStarted(_ request: SubmissionRequest, check: String) -> Event {
    Event("check_started", of: request, ["check": .string(check)])
  }

  package static func checkFinished(_ request: SubmissionRequest, _ judgement: Judgement) -> Event {
    Event("check_finished", of: request, ["check": .string(judgement.result.name), "result": judgement.json])
  }

  /// Why the submission goes through another integration.
  package static func requeued(_ request: SubmissionRequest, reason: String) -> Event {
    Event("requeued", of: request, ["reason": .string(reason)])
  }

  /// That it waits for the upstream, and why.
  package static func waitsForUpstream(_ request: SubmissionRequest, reason: String) -> Event {
    Event("upstream_awaited", of: request, ["reason": .string(reason)])
  }

  package static func integrationSuccess(_ request: SubmissionRequest, integration: IntegrationID) -> Event {
    Event(
      "integration_success", of: request,
      message: "Integration validated: \(Printable.line(request.taskID, max: 200)) ready for deployment",
      ["integration_id": .string(integration.text)])
  }

  /// - Parameter feedback: the whole document.
  package static func integrationFailed(
    _ request: SubmissionRequest, refusal: Refusal, _ feedback: IntegrationFeedback
  ) -> Event {
    Event(
      "integration_failed", of: request,
      message: "Integration failed for \(Printable.line(request.taskID, max: 200)): \(refusal.reason)",
      [
        "category": .string(refusal.category.rawValue), "reason": .string(refusal.reason),
        "feedback": feedback.json,
      ])
  }

  package static func deploymentStarted(_ request: SubmissionRequest, integration: IntegrationID) -> Event {
    Event(
      "deployment_started", of: request,
      message: "Deploying \(Printable.line(request.taskID, max: 200)) to staging",
      ["integration_id": .string(integration.text), "staging": .string("staging/\(integration.text)")])
  }

  /// That it waits for a word from outside: of which contexts, about which integration's commit, and until when (seconds
  /// since 1970). In a train that is the commit that proves all of it.
  package static func contextsAwaited(
    _ request: SubmissionRequest, _ contexts: [ContextName], of integration: IntegrationID, until: Int64
  ) -> Event {
    Event(
      "contexts_awaited", of: request,
      [
        "integration_id": .string(integration.text), "contexts": .array(contexts.map { .string($0.text) }),
        "until": .string(Timestamp.rfc3339(until)),
      ])
  }

  /// What something outside says of an integration.
  package static func contextReported(
    _ request: SubmissionRequest, _ report: ContextReport, of integration: IntegrationID
  ) -> Event {
    Event(
      "context_reported", of: request, ["integration_id": .string(integration.text), "report": report.json])
  }

  package static func deploymentSuccess(_ request: SubmissionRequest, landed: ObjectID) -> Event {
    Event(
      "deployment_success", of: request,
      message:
        "Successfully deployed \(Printable.line(request.taskID, max: 200)) to \(request.target) branch",
      ["landed_commit": .string(landed.hex), "target": .string(request.target)])
  }

  package static func deploymentFailed(
    _ request: SubmissionRequest, refusal: Refusal, _ feedback: IntegrationFeedback
  ) -> Event {
    Event(
      "deployment_failed", of: request,
      message: "Deployment failed for \(Printable.line(request.taskID, max: 200)): \(refusal.reason)",
      [
        "category": .string(refusal.category.rawValue), "reason": .string(refusal.reason),
        "feedback": feedback.json,
      ])
  }

  /// Findings that a quarantine tells of; with more than these a submission cannot be released.
  package static let quarantinedFindingsMax = 500

  /// That scanners found something nobody but an administrator may let pass.
  package static func quarantined(_ request: SubmissionRequest, findings: [Finding]) -> Event {
    Event(
      "security_quarantine", of: request,
      message:
        "Security quarantine for \(Printable.line(request.taskID, max: 200)): \(findings.count) finding\(findings.count == 1 ? "" : "s")",
      [
        "findings": .array(findings.prefix(quarantinedFindingsMax).map(\.json)),
        "findings_total": .integer(findings.count),
      ])
  }

  /// That a landing is about to be taken back, and what landed after it and may stand on it.
  package static func rollbackStarted(
    _ request: SubmissionRequest, of integration: IntegrationID, landed: ObjectID, reason: String,
    dependents: [IntegrationFeedback.Landed]
  ) -> Event {
    Event(
      "rollback_started", of: request,
      message: "Rolling back \(integration.text), commit \(landed.short): \(Printable.line(reason, max: 200))",
      [
        "integration_id": .string(integration.text), "landed_commit": .string(landed.hex), "reason": .string(reason),
        "dependents": .array(dependents.prefix(50).map(\.json)), "dependents_total": .integer(dependents.count),
      ])
  }

  /// That a target lets only urgent work through, since a landing could not be taken back.
  package static func frozen(_ request: SubmissionRequest) -> Event {
    Event(
      "target_frozen", of: request,
      message:
        "\(request.target) is frozen, since a bad landing could not be taken back: only urgent submissions go on until 'sluice resume'",
      ["target": .string(request.target)])
  }

  /// The end of a submission: its last event.
  package static func ended(_ request: SubmissionRequest, _ end: SubmissionEnd) -> Event {
    Event("ended", of: request, end.fields)
  }

  /// The end this event tells; nil for every other event.
  package var end: SubmissionEnd? { kind == "ended" ? SubmissionEnd(fields: fields) : nil }

  package static func decimal(_ value: Double, places: Int) -> String {
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let scaled = Int64((value * scale).rounded())
    guard places > 0 else { return "\(scaled)" }
    let fraction = String(Int64(scale) + abs(scaled) % Int64(scale)).dropFirst()
    return "\(scaled < 0 ? "-" : "")\(abs(scaled) / Int64(scale)).\(fraction)"
  }
}

/// How a submission ended, with all that its pusher is told.
package struct SubmissionEnd: Hashable, Sendable {
  package let state: SubmissionState
  package var target: String
  package var integration: IntegrationID?
  /// The target's tip before, where the submission landed.
  package var old: ObjectID?
  package var landed: ObjectID?
  /// Whether the pushed commit itself is what landed.
  package var isFastForward = false
  /// Whether it had landed before this push.
  package var isRepeat = false
  package var refusal: Refusal?

  package init(_ state: SubmissionState, target: String) {
    self.state = state
    self.target = target
  }

  init?(fields: JSONObject) {
    guard let state = fields["state"]?.string.flatMap(SubmissionState.init), let target = fields["target"]?.string
    else {
      return nil
    }
    self.init(state, target: target)
    integration = fields["integration_id"]?.string.flatMap(IntegrationID.init)
    old = fields["old_commit"]?.string.flatMap { ObjectID(hex: $0) }
    landed = fields["landed_commit"]?.string.flatMap { ObjectID(hex: $0) }
    isFastForward = fields["fast_forward"]?.bool ?? false
    isRepeat = fields["already_landed"]?.bool ?? false
    if let reason = fields["reason"]?.string {
      refusal = Refusal(
        fields["category"]?.string.flatMap(FailureCategory.init) ?? .infrastructure, reason,
        details: fields["details"]?.array?.compactMap(\.string) ?? [], hint: fields["hint"]?.string)
    }
  }

  var fields: JSONObject {
    [
      "state": .string(state.rawValue), "target": .string(target), "integration_id": (integration?.text).json,
      "old_commit": (old?.hex).json, "landed_commit": (landed?.hex).json, "fast_forward": .bool(isFastForward),
      "already_landed": .bool(isRepeat), "category": (refusal?.category.rawValue).json,
      "reason": (refusal?.reason).json, "details": .array((refusal?.details ?? []).map(JSONValue.string)),
      "hint": (refusal?.hint).json,
    ]
  }
}
