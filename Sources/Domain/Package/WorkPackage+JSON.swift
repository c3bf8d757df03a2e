extension WorkPackage {
  /// The package as JSON, fields in the order of the seed document; what is nil is left out.
  package var json: JSONValue {
    var object = JSONObject()
    object["metadata"] = metadata.json
    object["status"] = .string(status)
    object["changes"] = [
      "files_modified": .array(changes.modified.map(JSONValue.string)),
      "files_added": .array(changes.added.map(JSONValue.string)),
      "files_deleted": .array(changes.deleted.map(JSONValue.string)),
    ]
    object["validation_results"] = validationResults.json
    object["metrics"] = metrics?.json
    object["diff_package"] = diff.map { .string($0.base64) }
    object["documentation"] = documentation.json
    return .object(object)
  }

  /// Takes over a package that `PackageFormat` found right; nil for one that is not.
  init?(checked json: JSONValue) {
    guard let metadata = Metadata(checked: json["metadata"]), let status = json["status"]?.string,
      let changes = Changes(checked: json["changes"]),
      let validationResults = ValidationResults(checked: json["validation_results"]),
      let documentation = Documentation(checked: json["documentation"])
    else { return nil }
    self.init(
      metadata: metadata, changes: changes, validationResults: validationResults, documentation: documentation)
    self.status = status
    metrics = json["metrics"].map(Metrics.init(checked:))
    diff = json["diff_package"]?.string.flatMap(DiffPackage.init(base64:))
  }
}

extension WorkPackage.Metadata {
  fileprivate var json: JSONValue {
    var object: JSONObject = [
      "agent_id": .string(agentID), "task_id": .string(taskID), "timestamp": .string(timestamp),
      "submission_version": .string(submissionVersion),
    ]
    object["base_commit"] = baseCommit.map { .string($0.hex) }
    return .object(object)
  }

  fileprivate init?(checked json: JSONValue?) {
    guard let agentID = json?["agent_id"]?.string, let taskID = json?["task_id"]?.string,
      let timestamp = json?["timestamp"]?.string, let version = json?["submission_version"]?.string
    else { return nil }
    self.init(
      agentID: agentID, taskID: taskID, timestamp: timestamp, submissionVersion: version,
      baseCommit: json?["base_commit"]?.string.flatMap { ObjectID(hex: $0) })
  }
}

extension WorkPackage.Changes {
  init?(checked json: JSONValue?) {
    func paths(_ name: String) -> [String]? { json?[name]?.array.map { $0.compactMap(\.string) } }
    guard let modified = paths("files_modified"), let added = paths("files_added"),
      let deleted = paths("files_deleted")
    else { return nil }
    self.init(modified: modified, added: added, deleted: deleted)
  }
}

extension WorkPackage.ValidationResults {
  fileprivate var json: JSONValue {
    var object: JSONObject = [
      "tests_passed": .bool(testsPassed), "test_count": .integer(testCount), "test_failures": .integer(testFailures),
    ]
    object["pylint_score"] = pylintScore.map(JSONValue.string)
    object["pylint_issues"] = pylintIssues.map { .integer($0) }
    object["manual_verification"] = manualVerification.map(JSONValue.bool)
    object["cross_validation_ready"] = crossValidationReady.map(JSONValue.bool)
    object["infinite_loop_used"] = infiniteLoopUsed.map(JSONValue.bool)
    object["wave_count"] = waveCount.map { .integer($0) }
    object["research_triggered"] = researchTriggered.map(JSONValue.bool)
    return .object(object)
  }

  fileprivate init?(checked json: JSONValue?) {
    guard let testsPassed = json?["tests_passed"]?.bool, let testCount = json?["test_count"]?.integer,
      let testFailures = json?["test_failures"]?.integer
    else { return nil }
    self.init(testsPassed: testsPassed, testCount: testCount, testFailures: testFailures)
    pylintScore = json?["pylint_score"]?.string
    pylintIssues = json?["pylint_issues"]?.integer
    manualVerification = json?["manual_verification"]?.bool
    crossValidationReady = json?["cross_validation_ready"]?.bool
    infiniteLoopUsed = json?["infinite_loop_used"]?.bool
    waveCount = json?["wave_count"]?.integer
    researchTriggered = json?["research_triggered"]?.bool
  }
}

extension WorkPackage.Metrics {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object["execution_time"] = executionTime.map(JSONValue.number)
    object["test_execution_time"] = testExecutionTime.map(JSONValue.number)
    object["lines_added"] = linesAdded.map { .integer($0) }
    object["lines_removed"] = linesRemoved.map { .integer($0) }
    object["complexity_score"] = complexityScore.map(JSONValue.number)
    object["performance_impact"] = performanceImpact.map(JSONValue.string)
    return .object(object)
  }

  fileprivate init(checked json: JSONValue) {
    func number(_ name: String) -> JSONNumber? { if case .number(let number)? = json[name] { number } else { nil } }
    self.init()
    executionTime = number("execution_time")
    testExecutionTime = number("test_execution_time")
    linesAdded = json["lines_added"]?.integer
    linesRemoved = json["lines_removed"]?.integer
    complexityScore = number("complexity_score")
    performanceImpact = json["performance_impact"]?.string
  }
}

extension WorkPackage.Documentation {
  fileprivate var json: JSONValue {
    var object: JSONObject = ["feature_description": .string(featureDescription)]
    object["breaking_changes"] = breakingChanges.map(JSONValue.bool)
    object["migration_required"] = migrationRequired.map(JSONValue.bool)
    object["api_changes"] = apiChanges.map { .array($0.map(JSONValue.string)) }
    object["tests_removed"] = testsRemoved.map { .array($0.map(JSONValue.string)) }
    object["tests_skipped"] = testsSkipped.map { .array($0.map(JSONValue.string)) }
    object["reverts"] = reverts.map { .array($0.map(JSONValue.string)) }
    return .object(object)
  }

  fileprivate init?(checked json: JSONValue?) {
    guard let description = json?["feature_description"]?.string else { return nil }
    self.init(featureDescription: description)
    breakingChanges = json?["breaking_changes"]?.bool
    migrationRequired = json?["migration_required"]?.bool
    apiChanges = json?["api_changes"]?.array.map { $0.compactMap(\.string) }
    testsRemoved = json?["tests_removed"]?.array.map { $0.compactMap(\.string) }
    testsSkipped = json?["tests_skipped"]?.array.map { $0.compactMap(\.string) }
    reverts = json?["reverts"]?.array.map { $0.compactMap(\.string) }
  }
}
