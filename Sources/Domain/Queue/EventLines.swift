extension Event {
  /// The lines a person reads, without the `remote:` that git puts in front.
  package var lines: [String] {
    switch kind {
    case "submission_received", "integration_success", "deployment_success", "integration_failed", "deployment_failed",
      "security_quarantine", "target_frozen":
      return message.map { ["sluice: \($0)"] } ?? []
    case "rollback_started":
      let dependents = fields["dependents"]?.array ?? []
      let lines = dependents.prefix(10).map { landed in
        let paths = landed["paths"]?.array?.compactMap(\.string).prefix(3).joined(separator: ", ") ?? ""
        let whose = landed["task_id"]?.string ?? landed["commit"]?.string ?? ""
        return
          "sluice:   landed after it, on the same files: \(Printable.line(whose, max: 100)) (\(Printable.line(paths, max: 200)))"
      }
      return (message.map { ["sluice: \($0)"] } ?? []) + lines
    case "queued":
      let seconds = fields["eta_seconds"]?.integer ?? 0
      let eta = seconds > 0 ? ", about \(Self.duration(Double(seconds)))" : ""
      return [
        "sluice: position \(integer("position")) of \(integer("of")) for \(text("target"))\(eta)"
      ]
    case "conflict_radar": return radarLines
    case "integration_started":
      let base = fields["base"]?.string.map { "integrating on \($0.prefix(7))" } ?? "integrating on an empty branch"
      return (message.map { ["sluice: \($0)"] } ?? []) + ["sluice: \(text("integration_id")) \(base)"]
    case "merged":
      return [Self.row("merge", text("outcome"), milliseconds: fields["milliseconds"]?.double ?? 0)]
    case "tested_together":
      let others = integer("others")
      return ["sluice:   tested together with \(others) other\(others == 1 ? "" : "s")"]
    case "check_finished": return checkLines
    case "review_requested": return reviewLines
    case "review_approved": return ["sluice: approved by \(text("by"))"]
    case "requeued", "upstream_awaited": return ["sluice: \(text("reason"))"]
    case "deployment_started":
      return (message.map { ["sluice: \($0)"] } ?? []) + ["sluice: \(text("staging")) ready"]
    case "contexts_awaited":
      let names = (fields["contexts"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
      return [
        "sluice: waits for \(Printable.line(names, max: 300)) on staging/\(text("integration_id")) until \(text("until"))"
      ]
    case "context_reported": return contextLines
    case "ended": return end.map { Self.endLines($0, of: text("submission_id")) } ?? []
    default: return []
    }
  }

  /// A line for a check that is still running.
  package static func heartbeat(_ check: String, seconds: Double) -> String {
    row(check, "running", milliseconds: seconds * 1_000)
  }

  private var message: String? { fields["message"]?.string.map { Printable.line($0, max: 400) } }
  private func text(_ name: String) -> String { Printable.line(fields[name]?.string ?? "", max: 400) }
  private func integer(_ name: String) -> Int64 { fields[name]?.integer ?? 0 }

  private var reviewLines: [String] {
    let names = (fields["reviews"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
    let shown = (fields["paths"]?.array ?? []).prefix(3).compactMap(\.string)
    let rest = Int(integer("paths_total")) - shown.count
    let paths = shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    return [
      "sluice: waits for a review (\(Printable.line(names, max: 100))) of \(Printable.line(paths, max: 250))",
      "hint: on the server an administrator says '\(text("command"))', or adds --refuse REASON, until \(text("until"))",
    ]
  }

  private var contextLines: [String] {
    guard let report = fields["report"].flatMap(ContextReport.init(json:)) else { return [] }
    let name = Printable.line(report.context.text, max: 40)
    let padding = String(repeating: " ", count: Swift.max(0, 10 - name.count))
    let why = report.description.map { ": \(Printable.line($0, max: 200))" } ?? ""
    return ["sluice:   \(name)\(padding) \(report.state.rawValue)\(why)"]
      + (report.url.map { ["sluice:     \(Printable.line($0, max: 400))"] } ?? [])
  }

  private var checkLines: [String] {
    guard let result = fields["result"] else { return [] }
    let verdict = result["verdict"]?.string ?? ""
    var summary = verdict == "not_run" ? "not run" : verdict == "timed_out" ? "timed out" : verdict
    if let tests = result["tests"]?.object, verdict != "not_run" {
      summary = "\(tests["passed"]?.integer ?? 0) passed, \(tests["failed"]?.integer ?? 0) failed"
      if let skipped = tests["skipped"]?.integer, skipped > 0 { summary += ", \(skipped) skipped" }
      if let regressions = result["comparison"]?["regression"]?["count"]?.integer {
        summary += ", \(regressions) regression\(regressions == 1 ? "" : "s")"
      }
      if verdict == "flaky" { summary += " (flaky: passed on retry)" }
    }
    if let count = result["new_findings_total"]?.integer, verdict == "passed" || verdict == "failed" {
      summary = "\(count) \(count == 1 ? "vulnerability" : "vulnerabilities")"
    }
    let performance = verdict == "passed" || verdict == "failed" || verdict == "flaky" ? impact(in: result) : nil
    if let performance, verdict != "failed" || !performance.changes.isEmpty { summary = performance.summary }
    if result["cached"]?.bool == true, performance != .unchanged { summary += " (known)" }
    var lines = [Self.row(text("check"), summary, milliseconds: (result["seconds"]?.double ?? 0) * 1_000)]
    lines += performance?.furtherLines.map { "sluice:     \($0)" } ?? []
    guard verdict != "passed", verdict != "flaky" else { return lines }
    if let reason = result["reason"]?.string { lines.append("sluice:     \(Printable.line(reason, max: 400))") }
    for failure in result["failures"]?.array?.prefix(10) ?? [] {
      lines.append("sluice:     failed: \(Printable.line(failure["name"]?.string ?? "", max: 200))")
      for line in failure["output"]?.array?.prefix(5) ?? [] {
        lines.append("sluice:       | \(Printable.line(line.string ?? "", max: 200))")
      }
    }
    if let failures = result["failures"]?.array, failures.count > 10 {
      lines.append("sluice:     … and \(failures.count - 10) more")
    }
    if let findings = result["new_findings"]?.array {
      // Where and by which rule: what the scanner has printed can hold what it found.
      for finding in findings.prefix(10).compactMap(Finding.init(json:)) {
        lines.append("sluice:     found: \(finding.place)")
      }
      if findings.count > 10 { lines.append("sluice:     … and \(findings.count - 10) more") }
    } else if result["failures"]?.array?.isEmpty != false {
      for line in result["output"]?.array?.suffix(20) ?? [] {
        lines.append("sluice:       | \(Printable.line(line.string ?? "", max: 200))")
      }
    }
    return lines
  }

  private func impact(in result: JSONValue) -> PerformanceImpact? {
    result["performance"].flatMap(PerformanceImpact.init(json:))
  }

  private static func endLines(_ end: SubmissionEnd, of submission: String) -> [String] {
    let commit = end.landed?.short ?? ""
    switch end.state {
    case .landed:
      return [end.isRepeat ? "success: already landed as \(commit)" : "success: landed on \(end.target) as \(commit)"]
    case .verified: return ["success: verified for \(end.target); a dry-run lands nothing"]
    default:
      guard let refusal = end.refusal else { return ["sluice: \(end.state.rawValue)"] }
      return refusal.details.map { "sluice:   \(Printable.line($0, max: 400))" }
        + ["error: sluice: \(refusal.category.rawValue): \(Printable.line(refusal.reason, max: 400))"]
        + (refusal.hint.map { ["hint: \(Printable.line($0, max: 400))"] } ?? [])
        + (end.state == .rejected || end.integration != nil
          ? ["hint: all that is known, on the server: sluice feedback \(end.integration?.text ?? submission)"] : [])
    }
  }

  private static func row(_ name: String, _ what: String, milliseconds: Double) -> String {
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: Swift.max(0, width - text.count))
    }
    let time = milliseconds < 1_000 ? "\(decimal(milliseconds, places: 0)) ms" : duration(milliseconds / 1_000)
    let right = String(repeating: " ", count: Swift.max(0, 9 - time.count)) + time
    return "sluice:   \(padded(Printable.line(name, max: 40), 10)) \(padded(what, 38))\(right)"
  }

  private static func duration(_ seconds: Double) -> String {
    if seconds < 60 { return "\(decimal(seconds, places: 1)) s" }
    let whole = Int64(seconds.rounded())
    return whole < 3_600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3_600) h \(whole % 3_600 / 60) min"
  }
}
