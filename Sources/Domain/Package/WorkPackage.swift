/// What an agent says about its work: who, what changed, how it was tested, what it is for.
///
/// The names are those of the JSON; `PackageFormat` has the rules.
package struct WorkPackage: Hashable, Sendable {
  package struct Metadata: Hashable, Sendable {
    package var agentID: String
    package var taskID: String
    /// RFC 3339, as it was written.
    package var timestamp: String
    /// A version by Semantic Versioning.
    package var submissionVersion: String
    /// The commit that a `diff_package` is to be applied to.
    package var baseCommit: ObjectID?

    package init(
      agentID: String, taskID: String, timestamp: String, submissionVersion: String, baseCommit: ObjectID? = nil
    ) {
      self.agentID = agentID
      self.taskID = taskID
      self.timestamp = timestamp
      self.submissionVersion = submissionVersion
      self.baseCommit = baseCommit
    }
  }

  /// The paths the work touches, a rename as a deletion and an addition.
  package struct Changes: Hashable, Sendable {
    package var modified: [String]
    package var added: [String]
    package var deleted: [String]

    package init(modified: [String] = [], added: [String] = [], deleted: [String] = []) {
      self.modified = modified
      self.added = added
      self.deleted = deleted
    }
  }

  package struct ValidationResults: Hashable, Sendable {
    package var testsPassed: Bool
    package var testCount: Int64
    package var testFailures: Int64
    package var pylintScore: String?
    package var pylintIssues: Int64?
    package var manualVerification: Bool?
    package var crossValidationReady: Bool?
    package var infiniteLoopUsed: Bool?
    package var waveCount: Int64?
    package var researchTriggered: Bool?

    package init(testsPassed: Bool, testCount: Int64, testFailures: Int64) {
      self.testsPassed = testsPassed
      self.testCount = testCount
      self.testFailures = testFailures
    }
  }

  package struct Metrics: Hashable, Sendable {
    /// Seconds.
    package var executionTime: JSONNumber?
    /// Seconds.
    package var testExecutionTime: JSONNumber?
    package var linesAdded: Int64?
    package var linesRemoved: Int64?
    package var complexityScore: JSONNumber?
    package var performanceImpact: String?

    package init() {}
  }

  package struct Documentation: Hashable, Sendable {
    package var featureDescription: String
    package var breakingChanges: Bool?
    package var migrationRequired: Bool?
    package var apiChanges: [String]?
    /// Names of tests that are gone on purpose, or patterns with `*`.
    package var testsRemoved: [String]?
    /// Names of tests that are skipped on purpose, or patterns with `*`.
    package var testsSkipped: [String]?
    /// Ids of what the work takes back on purpose: tasks, submissions, integrations or commits.
    package var reverts: [String]?

    package init(featureDescription: String) { self.featureDescription = featureDescription }
  }

  package var metadata: Metadata
  /// `success` in every package that is admitted.
  package var status: String
  package var changes: Changes
  package var validationResults: ValidationResults
  package var metrics: Metrics?
  package var diff: DiffPackage?
  package var documentation: Documentation

  package init(
    metadata: Metadata, changes: Changes, validationResults: ValidationResults, documentation: Documentation
  ) {
    self.metadata = metadata
    status = "success"
    self.changes = changes
    self.validationResults = validationResults
    self.documentation = documentation
  }
}
