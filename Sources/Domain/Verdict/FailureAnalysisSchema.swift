/// The published JSON Schema of the analysis of a failure.
package enum FailureAnalysisSchema: SchemaWriting {
  package static let id = "https://sluice.example/schema/failure-analysis/1"

  /// JSON Schema 2020-12. Every field is there in every document; what is not known is null, what there is none of is empty.
  package static let json: JSONValue = {
    var schema: JSONObject = [
      "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": .string(id), "title": "Failure analysis",
      "description": "What became of a change that failed on its way to the target or behind it.",
    ]
    for member in document.members { schema[member.name] = member.value }
    return .object(schema)
  }()

  private static let document = object([
    ("version", ["const": 1], "The version of this document."),
    ("integration_id", nullable(text("^int-")), "Null where it was refused before an integration."),
    ("submission_id", text("^sub-"), "The submission that failed."), ("task_id", text(), "The task."),
    ("agent_id", text(), "Who did the work."), ("target", text(), "The branch it was to land on, or has landed on."),
    ("stage", anyOf(FailureAnalysis.Stage.allCases.map(\.rawValue)), "Where it failed."),
    (
      "cause",
      .object(
        object([
          ("category", anyOf(FailureCategory.allCases.map(\.rawValue)), "What went wrong, in a stable word."),
          ("reason", text(), "One sentence."),
        ])), "Why."
    ),
    (
      "evidence",
      .object(
        object([
          ("checks", array(.object(check), max: FailureAnalysis.checksMax), "The checks that did not hold."),
          ("contexts", array(.object(context)), "The newest word of each context, about each integration."),
        ])), "What shows it."
    ),
    ("timeline", array(.object(moment), max: FailureAnalysis.momentsMax), "What happened; a rollback's events last."),
    ("undone", array(.object(undoing)), "What was taken back."),
    ("left", array(text()), "How things stand, in sentences."),
  ])

  private static let check = object([
    ("check", text(), "Its name in the policy."), ("kind", text(), "test, performance, security, context, …"),
    ("verdict", anyOf(Verdict.allCases.map(\.rawValue)), "What it came to."), ("reason", nullable(text()), "Why."),
    ("failures", array(text(), max: FailureAnalysis.namesMax), "Failing tests."),
    ("output", array(text(), max: FailureAnalysis.outputMax), "The first lines that it printed."),
  ])

  private static let context = object([
    ("integration_id", text("^int-"), "What it is about; in a train the one that proves all of it."),
    ("context", text(), "Its name."), ("state", anyOf(ContextReport.State.allCases.map(\.rawValue)), "What it says."),
    ("url", nullable(text()), "Where to read more."), ("description", nullable(text()), "In its own words."),
    ("by", text(), "Who reported it."), ("at", text(), "When, RFC 3339."),
  ])

  private static let moment = object([
    ("time", nullable(text()), "RFC 3339."), ("submission_id", nullable(text("^sub-")), "Whose it is."),
    ("event", text(), "The kind of event."), ("text", text(), "What its pusher reads; may be empty."),
  ])

  private static let undoing = object([
    ("what", anyOf(FailureAnalysis.Undoing.allCases.map(\.rawValue)), "A staging ref removed, or a landing reverted."),
    ("ref", text(), "The branch."),
    ("commit", nullable(["type": "string", "pattern": "^[0-9a-f]{40}$"]), "What it was reverted with."),
  ])
}
