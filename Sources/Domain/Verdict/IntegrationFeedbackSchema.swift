/// The published JSON Schema of the answer to a failed integration.
package enum IntegrationFeedbackSchema: SchemaWriting {
  package static let id = "https://sluice.example/schema/integration-feedback/1"

  /// JSON Schema 2020-12. Every field is there in every document; what is not known is null, what there is none of is empty.
  package static let json: JSONValue = {
    var schema: JSONObject = [
      "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": .string(id), "title": "Integration feedback",
      "description": "Why an integration failed, and what an agent needs to come back with a better push.",
    ]
    for member in document.members { schema[member.name] = member.value }
    schema["$defs"] = ["landing": .object(landing), "lines": .object(lines)]
    return .object(schema)
  }()

  private static let document = object([
    ("version", ["const": 1], "The version of this document."),
    ("integration_id", nullable(text("^int-")), "Null where it was refused before an integration."),
    ("submission_id", text("^sub-"), "The refused submission."),
    ("task_id", text(), "The task, as its package names it."),
    ("agent_id", text(), "Who did the work, as its package says."),
    ("target", text(), "The branch it was to land on."),
    (
      "base_commit", nullable(commit),
      "What it was merged onto: the target's tip, or that with work ahead in the queue."
    ),
    ("category", anyOf(FailureCategory.allCases.map(\.rawValue)), "What went wrong, in a stable word."),
    ("reason", text(), "One sentence."),
    ("details", texts, "Further facts, one a line."),
    ("hint", nullable(text()), "The next step, in one line."),
    (
      "handling", anyOf(IntegrationFeedback.Handling.allCases.map(\.rawValue)),
      "How such a failure is handled; manual_review where nothing fits."
    ),
    ("culprits", array(.object(culprit), max: IntegrationFeedback.culpritsMax), "The checks that did not hold."),
    ("culprit_count", count, "How many checks did not hold, told here or not."),
    (
      "underneath", array(with(landing, "paths", texts), max: IntegrationFeedback.landingsMax),
      "What landed since the work began and changed files that it changes, newest first."
    ),
    ("conflict_plan", nullable(.object(plan)), "Where and with whom the work conflicts."),
    ("regression_analysis", nullable(.object(analysis)), "Whose lines were changed where tests regressed."),
    (
      "slowest_tests",
      array(
        .object(object([("name", text(), "The test."), ("seconds", ["type": "number", "minimum": 0], "Its time.")]))),
      "Of the checks that did not hold, or of all where the work is too slow; slowest first."
    ),
    ("rebased_ref", nullable(text("^refs/rebased/")), "The work on the target as it is now, ready to fetch."),
    ("suggestions", texts, "What to do, in sentences."),
    (
      "next_commands", texts, "The exact commands, for a clone whose remote is origin; those with -C run on the server."
    ),
  ])

  private static let culprit = object([
    ("check", text(), "The check's name in the policy."),
    ("kind", text(), "test, performance, security, …"),
    ("verdict", anyOf(Verdict.allCases.map(\.rawValue)), "What the check came to."),
    ("reason", nullable(text()), "Why."),
    ("run", nullable(text()), "The command of the check."),
    (
      "objections",
      array(
        .object(
          object([
            ("change", anyOf(TestComparison.Change.allCases.map(\.rawValue)), "How tests differ from the base."),
            ("count", count, "How many."), ("tests", texts, "The first of them."),
          ]))), "What keeps the work from landing, test by test."
    ),
    (
      "failures",
      array(
        .object(object([("name", text(), "The test."), ("output", texts, "Its first lines of output.")])),
        max: IntegrationFeedback.failuresMax), "Failing tests."
    ),
    ("output_head", texts, "The first lines that the check printed."),
    ("output_tail", texts, "The last lines that the check printed; the log has all of them."),
    ("comparison", nullable(.object(comparison)), "The tests beside those of the base; null where there are none."),
    (
      "performance", nullable(["type": "object"]),
      "What was measured beside the base, and how sure that is; null where nothing was."
    ),
  ])

  private static let comparison: JSONObject = {
    let change: JSONValue = .object(object([("count", count, "How many."), ("tests", texts, "The first of them.")]))
    return object(
      [("base_tests", count, "How many tests the base has.")]
        + TestComparison.Change.allCases.map { ($0.rawValue, change, "Tests that changed in this way.") })
  }()

  private static let landing = object([
    ("integration_id", nullable(text()), "Null for what was not landed by Sluice."),
    ("submission_id", nullable(text()), ""), ("task_id", nullable(text()), ""), ("agent_id", nullable(text()), ""),
    ("commit", commit, "The commit on the target."), ("feature_description", text(), "The first line of its message."),
  ])

  private static let analysis = object([
    ("regressions", count, "How many tests pass on the base and fail with the work."),
    (
      "same_lines",
      array(
        with(
          with(landing, "landed_since", ["type": "boolean"]), "places",
          array(
            .object(
              object([
                ("path", text(), "The file."),
                ("start", ["type": "integer", "minimum": 1], "The first line, on the target."),
                ("count", count, "How many lines."),
              ])))), max: IntegrationFeedback.landingsMax),
      "Commits of the target that last touched the lines which the work changes, newest first."
    ),
    ("same_files", array(commit), "Commits that landed since the work began and touch its files."),
  ])

  private static let plan = object([
    ("target", text(), ""), ("target_tip", commit, "What the work was merged onto."), ("base", nullable(commit), ""),
    ("submitted_commit", commit, ""), ("file_count", count, "How many files conflict."),
    (
      "files",
      array(
        .object(
          object([
            ("path", text(), ""),
            ("kind", anyOf(ConflictPlan.Kind.allCases.map(\.rawValue)), "How the sides disagree."),
            (
              "hunks",
              array(
                .object(
                  object([
                    ("base", reference("lines"), ""), ("ours", reference("lines"), ""),
                    ("theirs", reference("lines"), ""),
                  ])
                ), max: ConflictPlan.hunksMax), "Where, in each version."
            ),
            (
              "caused_by", array(with(landing, "state", anyOf(["landed", "queued"])), max: ConflictPlan.causesMax),
              "Who changed it on the target's side, newest first."
            ),
            ("unresolved", nullable(text()), "Why the policy's rule did not settle it."),
          ])), max: ConflictPlan.filesMax), ""
    ),
    ("commands", texts, "What shows the conflict in a clone, and what ends it."),
  ])

  private static let lines = object([
    ("start", ["type": "integer", "minimum": 1], "The number of the first line."),
    ("count", count, "How many there are."),
    ("lines", array(text(), max: ConflictPlan.linesMax), "The first of them."),
  ])

  private static let commit: JSONValue = ["type": "string", "pattern": "^[0-9a-f]{40}$"]
  private static let count: JSONValue = ["type": "integer", "minimum": 0]
  private static let texts: JSONValue = ["type": "array", "items": ["type": "string"]]

  private static func reference(_ name: String) -> JSONValue { ["$ref": .string("#/$defs/\(name)")] }
}
