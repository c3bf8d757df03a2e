import Domain

/// The answer to a failed integration, for people: read from the document, which an older version may have written.
struct FeedbackView: Sendable {
  let document: JSONValue

  private static let testsShown = 20
  private static let landingsShown = 10

  var lines: [String] {
    ["\(text("category")): \(text("reason"))"] + headLines + culprits.flatMap(Self.lines) + underneathLines
      + sameLinesLines + planLines + section("what to do:", texts("suggestions")) { "- \($0)" }
      + section("next commands:", texts("next_commands")) { $0 }
  }

  private var culprits: [JSONValue] { document["culprits"]?.array ?? [] }

  private var headLines: [String] {
    var rows = [["submission", text("submission_id")], ["task", text("task_id")], ["target", text("target")]]
    if let integration = document["integration_id"]?.string { rows.append(["integration", Self.shown(integration)]) }
    if let base = document["base_commit"]?.string { rows.append(["base", Self.shown(base)]) }
    if let handling = document["handling"]?.string { rows.append(["handled by", Self.shown(handling)]) }
    if let ref = document["rebased_ref"]?.string { rows.append(["rebased work", Self.shown(ref)]) }
    return Columns.aligned(rows) + texts("details").map { "  \($0)" }
  }

  private static func lines(of culprit: JSONValue) -> [String] {
    func text(_ name: String) -> String { shown(culprit[name]?.string ?? "") }
    func texts(_ name: String) -> [String] { (culprit[name]?.array ?? []).compactMap(\.string).map(shown) }
    var lines = ["check \(text("check")): \(text("verdict"))\(text("reason").isEmpty ? "" : ", \(text("reason"))")"]
    if let run = culprit["run"]?.string { lines.append("  runs: \(shown(run))") }
    for objection in culprit["objections"]?.array ?? [] {
      let change = shown(objection["change"]?.string ?? "")
      let tests = (objection["tests"]?.array ?? []).compactMap(\.string)
      lines += tests.prefix(testsShown).map { "  \(change): \(shown($0))" }
      let more = (objection["count"]?.integer ?? 0) - Int64(min(tests.count, testsShown))
      if more > 0 { lines.append("  … and \(more) more") }
    }
    for failure in culprit["failures"]?.array ?? [] {
      lines.append("  failed: \(shown(failure["name"]?.string ?? ""))")
      lines += (failure["output"]?.array ?? []).compactMap(\.string).map { "    | \(shown($0))" }
    }
    let head = texts("output_head")
    let tail = texts("output_tail")
    if !head.isEmpty { lines += ["  first lines of output:"] + head.map { "    | \($0)" } }
    // A short output is both.
    if !tail.isEmpty, tail != head { lines += ["  last lines of output:"] + tail.map { "    | \($0)" } }
    return lines
  }

  private var underneathLines: [String] {
    section("landed since it began, on files that it changes:", document["underneath"]?.array ?? []) { landing in
      let paths = (landing["paths"]?.array ?? []).prefix(5).compactMap(\.string).map(Self.shown)
      return "\(Self.landing(landing)): \(paths.joined(separator: ", "))"
    }
  }

  private var sameLinesLines: [String] {
    section("wrote lines that it changes:", document["regression_analysis"]?["same_lines"]?.array ?? []) { writer in
      let places = (writer["places"]?.array ?? []).prefix(5).map { place in
        let start = place["start"]?.integer ?? 0
        let end = start + (place["count"]?.integer ?? 1) - 1
        return "\(Self.shown(place["path"]?.string ?? "")) \(end > start ? "lines \(start)-\(end)" : "line \(start)")"
      }
      return "\(Self.landing(writer)): \(places.joined(separator: ", "))"
    }
  }

  private var planLines: [String] {
    var lines: [String] = []
    for file in document["conflict_plan"]?["files"]?.array ?? [] {
      lines.append("conflict in \(Self.shown(file["path"]?.string ?? "")) (\(Self.shown(file["kind"]?.string ?? "")))")
      lines += (file["caused_by"]?.array ?? []).map {
        "  \($0["state"] == "landed" ? "landed" : "ahead in the queue"): \(Self.landing($0))"
      }
      for hunk in file["hunks"]?.array ?? [] {
        lines += side(hunk, "ours", "+ \(text("target"))") + side(hunk, "theirs", "+ the submission")
      }
    }
    return lines
  }

  private func side(_ hunk: JSONValue, _ name: String, _ whose: String) -> [String] {
    let start = hunk[name]?["start"]?.integer ?? 0
    let shown = (hunk[name]?["lines"]?.array ?? []).compactMap(\.string)
    return ["  \(whose), from line \(start):"] + shown.map { "    | \(Self.shown($0))" }
  }

  private static func landing(_ landing: JSONValue) -> String {
    let task = landing["task_id"]?.string.map { ", task \(shown($0))" } ?? ""
    return
      "\(shown(landing["commit"]?.string ?? "").prefix(7)) \(shown(landing["feature_description"]?.string ?? ""))\(task)"
  }

  private func section<Value>(_ title: String, _ values: [Value], _ line: (Value) -> String) -> [String] {
    guard !values.isEmpty else { return [] }
    let rest = values.count - Self.landingsShown
    return [title] + values.prefix(Self.landingsShown).map { "  \(line($0))" }
      + (rest > 0 ? ["  … and \(rest) more"] : [])
  }

  private func text(_ name: String) -> String { Self.shown(document[name]?.string ?? "") }
  private func texts(_ name: String) -> [String] { (document[name]?.array ?? []).compactMap(\.string).map(Self.shown) }
  private static func shown(_ text: String) -> String { Printable.line(text, max: 1_000) }
}
