import Domain

/// A submission with one of its integrations, as `show` tells it.
struct SubmissionView: Sendable {
  let submission: Submission
  /// Nil where it has not come to one.
  let integration: Integration?
  /// Nil where nobody asked for one and nobody gave one.
  let review: Review?

  /// The integration results of the seed document and what else is known.
  var json: JSONValue {
    var object = report
    let request = submission.request
    let more: JSONObject = [
      "submission_id": .string(request.id.text), "task_id": .string(request.taskID),
      "agent_id": .string(request.agentID), "name": .string(request.name),
      "state": .string(submission.state.rawValue), "category": (submission.category?.rawValue).json,
      "reason": submission.reason.json, "landed_commit": (submission.landedCommit?.hex).json,
      "certificate": integration?.certificate.flatMap(Self.parse) ?? .null,
      "checks": .array((integration?.checks ?? []).map(\.json)),
    ]
    for member in more.members { object[member.name] = member.value }
    return .object(object)
  }

  /// The report that the integration ended with; before that the same fields, null where nothing is known yet.
  private var report: JSONObject {
    if var report = integration?.report.flatMap(Self.parse)?.object {
      // The results are shown field for field; behind them only what a refused agent needs.
      report["compatibility_sources"] = nil
      if report["feedback"] == .null { report["feedback"] = nil }
      return report
    }
    guard let started = integration ?? placeholder else { return [:] }
    var object = IntegrationReport(started, validatedAt: 0, failure: nil).json.object ?? [:]
    for unknown in ["validation_timestamp", "status", "recommendation"] { object[unknown] = .null }
    for name in ["compatibility_sources", "feedback"] { object[name] = nil }
    if integration == nil { object["integration_id"] = .null }
    return object
  }

  private var placeholder: Integration? {
    IntegrationID("int-0-0").map { Integration(id: $0, submission: submission.id, base: nil, startedAt: 0) }
  }

  private static func parse(_ text: String) -> JSONValue? {
    do { return try JSONValue.parse(Array(text.utf8), limits: .own) } catch { return nil }
  }

  /// The same for people.
  var lines: [String] {
    let request = submission.request
    var rows = [
      ["submission", request.id.text], ["task", Printable.line(request.taskID, max: 200)],
      ["agent", Printable.line(request.agentID, max: 200)], ["name", request.name], ["target", request.target],
      ["pushed by", Printable.line(request.identity, max: 200)], ["accepted", Timestamp.rfc3339(request.acceptedAt)],
      ["state", submission.state.rawValue],
    ]
    if let category = submission.category {
      rows.append(["because", "\(category.rawValue): \(Printable.line(submission.reason ?? "", max: 400))"])
    }
    if let approval = review?.approval {
      rows.append(["approved", "by \(Printable.line(approval.by, max: 200)), \(Timestamp.rfc3339(approval.at))"])
    } else if let asked = review?.askedAt, !submission.state.isEnd {
      rows.append(["review", "asked for at \(Timestamp.rfc3339(asked)): sluice approve \(request.id.text)"])
    }
    if let landed = submission.landedCommit { rows.append(["landed as", landed.hex]) }
    if let integration {
      rows.append(["integration", "\(integration.id.text) (\(integration.state.rawValue))"])
      rows.append(["base", integration.base?.hex ?? "none: the target did not exist"])
    }
    return Columns.aligned(rows) + checkLines
  }

  private var checkLines: [String] {
    guard let integration, !integration.checks.isEmpty else { return [] }
    let rows = integration.checks.map { check in
      var tests = check.kind == "review" ? Printable.line(check.reason ?? "", max: 200) : ""
      if let counts = check.tests {
        tests = "\(counts.passed) passed, \(counts.failed) failed, \(counts.skipped) skipped"
      }
      return [
        check.name, check.verdict.rawValue + (check.isCached ? " (known)" : ""), tests,
        "\(Event.decimal(check.seconds, places: 1)) s",
      ]
    }
    var lines = ["checks:"] + Columns.aligned(rows).map { "  \($0)" }
    for check in integration.checks where !check.verdict.holds {
      if let reason = check.reason { lines.append("  \(check.name): \(Printable.line(reason, max: 400))") }
      for failure in check.failures.prefix(20) { lines.append("    failed: \(Printable.line(failure.name, max: 200))") }
      lines += check.outputTail.suffix(10).map { "    | \(Printable.line($0, max: 200))" }
    }
    return lines
  }
}
