/// The fields of a work package and the rule of each, in the order of the seed document.
///
/// The reader checks by this table and the published schema is written from it, so the two cannot disagree.
enum PackageFormat {
  struct Field: Sendable {
    let name: String
    let isRequired: Bool
    let rule: PackageRule
    let description: String

    static func required(_ name: String, _ rule: PackageRule, _ description: String) -> Field {
      Field(name: name, isRequired: true, rule: rule, description: description)
    }

    static func optional(_ name: String, _ rule: PackageRule, _ description: String) -> Field {
      Field(name: name, isRequired: false, rule: rule, description: description)
    }
  }

  static let package: [Field] = [
    .required("metadata", .object(metadata), "Who submits what, and when."),
    .required("status", .exactly("success"), "How the agent judges its own work; only success is admitted."),
    .required(
      "changes", .object(changes), "The files the work touches: the real difference to its merge base."),
    .required("validation_results", .object(validationResults), "What the agent's own validation found."),
    .optional("metrics", .object(metrics), "What the work cost and changes."),
    .optional(
      "diff_package", .base64, "A git diff --binary in base64: the work, where a blob is pushed."),
    .required("documentation", .object(documentation), "What the work is for."),
  ]

  private static let metadata: [Field] = [
    .required("agent_id", .identifier, "The agent that did the work."),
    .required("task_id", .identifier, "The task the work belongs to."),
    .required("timestamp", .timestamp, "When the package was made (RFC 3339)."),
    .required("submission_version", .version, "The version of the submission (Semantic Versioning 2.0.0)."),
    .optional("base_commit", .commit, "The commit that diff_package applies to; default: the target's tip."),
  ]

  private static let changes: [Field] = [
    .required("files_modified", .paths, "Files that existed before and have other content or another mode."),
    .required("files_added", .paths, "Files that are new."),
    .required("files_deleted", .paths, "Files that are gone."),
  ]

  private static let validationResults: [Field] = [
    .required("tests_passed", .isTrue, "Whether the agent's tests passed; must be true."),
    .required("test_count", .count, "How many tests were run."),
    .required("test_failures", .zero, "How many of them failed; must be 0."),
    .optional("pylint_score", .text, "The linter's score as it prints it."),
    .optional("pylint_issues", .count, "How many issues the linter found."),
    .optional("manual_verification", .boolean, "Whether the work was verified by hand."),
    .optional("cross_validation_ready", .boolean, "Whether another agent can validate the work."),
    .optional("infinite_loop_used", .boolean, "Whether the agent worked in a loop until it was done."),
    .optional("wave_count", .count, "How many rounds of work there were."),
    .optional("research_triggered", .boolean, "Whether the agent had to research."),
  ]

  private static let metrics: [Field] = [
    .optional("execution_time", .seconds, "Seconds the work took."),
    .optional("test_execution_time", .seconds, "Seconds the tests took."),
    .optional("lines_added", .count, "Lines added."),
    .optional("lines_removed", .count, "Lines removed."),
    .optional("complexity_score", .number, "The complexity the agent measured."),
    .optional("performance_impact", .text, "The expected effect on performance, in a word."),
  ]

  private static let documentation: [Field] = [
    .required("feature_description", .description, "What the work does: the text of the landed commit."),
    .optional("breaking_changes", .boolean, "Whether users have to change something."),
    .optional("migration_required", .boolean, "Whether stored data has to be migrated."),
    .optional("api_changes", .texts, "Changes of the interface, one each."),
    .optional(
      "tests_removed", .texts, "Tests that are gone on purpose: names as the results give them, or patterns with *."),
    .optional("tests_skipped", .texts, "Tests that are skipped on purpose: names, or patterns with *."),
    .optional("reverts", .texts, "What the work takes back on purpose: task, submission, integration or commit ids."),
  ]
}
