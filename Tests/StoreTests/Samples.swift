import Domain
import Store
import Testing

/// Values with nothing left out, told apart by a number.
enum Samples {
  static func submissionID(_ number: Int) throws -> SubmissionID {
    try #require(SubmissionID("sub-\(1_700_000_000 + number)-s\(number)"))
  }

  static func integrationID(_ number: Int) throws -> IntegrationID {
    try #require(IntegrationID("int-\(1_700_000_000 + number)-i\(number)"))
  }

  static func object(_ number: Int) throws -> ObjectID {
    let digits = String(number, radix: 16)
    return try #require(ObjectID(hex: "a" + String(repeating: "0", count: 39 - digits.count) + digits))
  }

  static func request(
    _ number: Int, priority: Priority = .normal, name: String? = nil, target: String = "main"
  ) throws -> SubmissionRequest {
    try SubmissionRequest(
      id: submissionID(number), name: name ?? "work-\(number)", target: target, pushed: object(number), embedding: .tag,
      taskID: "task-\(number)", agentID: "agent 'ü' \"\(number)\"", identity: "alice",
      options: SubmissionOptions(priority: priority, isDryRun: true, isRetry: true, dependsOn: ["task-b", "task-a"]),
      acceptedAt: 1_700_000_000, supersedes: submissionID(9_999))
  }

  static func check(_ number: Int, verdict: Verdict = .failed) throws -> CheckResult {
    var result = try CheckResult(
      name: "unit tests", kind: "test", verdict: verdict, reason: "exit status 1", seconds: 0.125 + Double(number),
      key: CheckKey(digest: object(number)), tests: TestCounts(passed: 3, failed: 2, skipped: 1),
      failures: [
        TestFailure(name: "suite.one", output: ["expected 1", "", "found 2"]),
        TestFailure(name: "suite.two", output: []), TestFailure(name: "suite.three", output: [""]),
      ],
      peakMemory: 5_000_000_000, isCached: true, outputTail: ["last", "lines"])
    result.cpuSeconds = 0.1
    result.readBytes = 6_000_000_000
    result.writtenBytes = 0
    result.coverage = LineCoverage(covered: 3, valid: 4)
    result.findings = [
      Finding(
        rule: "sql", severity: .high, path: "ü/a.py", line: 3, message: "a 'quoted' word", fingerprint: "sql \(number)"),
      Finding(rule: "key", severity: .low, path: nil, line: nil, message: "m", fingerprint: "key"),
    ]
    result.performance = .compared([
      MeasuredChange(
        .metric("p99", better: .higher), unit: "ü", base: 0.1, candidate: nil, estimate: nil, budget: 0.3)
    ])
    result.metrics = [
      Metric(name: "p99", value: 0.1, unit: "ms", better: .lower),
      Metric(name: "rate", value: 1e300, unit: "", better: .higher),
    ]
    return result
  }

  static func integration(_ number: Int, of submission: Int, state: IntegrationState = .merging) throws -> Integration {
    var integration = try Integration(
      id: integrationID(number), submission: submissionID(submission), base: object(1), startedAt: 1_700_000_100)
    integration.state = state
    return integration
  }

  static func landing(
    _ submission: Int, by integration: Int, old: Int?, target: String = "main", new: Int? = nil
  ) throws -> Landing {
    try Landing(
      integration: integrationID(integration), submission: submissionID(submission), target: target,
      old: old.map(object), new: object(700 + (new ?? submission)), at: 1_700_000_200)
  }

  static func notice(_ number: Int, of submission: Int? = 1, to sink: NoticeSink = .notes, at seconds: Int64 = 100)
    throws
    -> Notice
  {
    try Notice(
      id: #require(NoticeID("msg-\(1_700_000_000 + number)-n")), submission: submission.map(submissionID),
      occasion: .deploymentSuccess, sink: sink, body: "{\"type\":\"ü \(number)\"}", createdAt: seconds)
  }

  static func ended(
    _ number: Int, as state: SubmissionState = .landed, at seconds: Int64 = 1_700_000_300
  ) throws -> Submission {
    var submission = try Submission(request: request(number), state: state)
    submission.endedAt = seconds
    return submission
  }
}

extension Ledger {
  /// Enters samples in the order of their numbers.
  func enterSamples(_ numbers: some Sequence<Int>, holding fence: Fence) throws {
    for number in numbers { _ = try enter(Samples.request(number), events: [], holding: fence) }
  }
}

extension Ledger {
  /// Enters a request with its first events.
  func enter(_ request: SubmissionRequest, events: [String], holding fence: Fence) throws(LedgerError) {
    _ = try write([.entered(request)] + events.map { .event(request.id, json: $0) }, holding: fence)
  }
}
