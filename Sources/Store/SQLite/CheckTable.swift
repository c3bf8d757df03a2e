import Domain
import GRDB

/// The results of checks: those of each integration, and the verdict that stands under each key.
struct CheckTable {
  private let database: Database
  init(_ database: Database) { self.database = database }

  private static let select = """
    SELECT id, key, name, kind, verdict, reason, seconds, tests_passed, tests_failed, tests_skipped, peak_memory, is_cached,
      output_tail, cpu_seconds, read_bytes, written_bytes, lines_covered, lines_valid, performance
    FROM check_result
    """

  /// Makes `checks` the results of an integration; what stands there already is not written again.
  ///
  /// Their single tests stand with the verdict under the key.
  func put(_ checks: [CheckResult], of id: IntegrationID) throws {
    let known = try all(of: id)
    let checks = checks.map { check in
      var check = check
      check.cases = []
      return check
    }
    let kept = zip(known, checks).prefix { $0 == $1 }.count
    if kept < known.count {
      try database.run("DELETE FROM check_result WHERE integration = ? AND position >= ?", [id.text, kept])
    }
    for (position, result) in checks.enumerated().dropFirst(kept) {
      _ = try insert(result, integration: id, position: position)
    }
  }

  /// Stores a verdict under its key, in the place of an older one.
  func store(_ result: CheckResult) throws {
    try database.run("DELETE FROM check_result WHERE integration IS NULL AND key = ?", [result.key.digest.hex])
    try CaseTable(database).keep(result.cases, of: insert(result, integration: nil, position: nil))
  }

  func all(of id: IntegrationID) throws -> [CheckResult] {
    try database.all("\(Self.select) WHERE integration = ? ORDER BY position", [id.text]).map(result)
  }

  func stored(under key: CheckKey) throws -> CheckResult? {
    try database.first("\(Self.select) WHERE integration IS NULL AND key = ?", [key.digest.hex]).map(result)
  }

  /// What the newest runs took, newest first.
  func seconds(newest max: Int) throws -> [CheckSeconds] {
    try database.all(
      "SELECT name, seconds FROM check_result WHERE integration IS NULL ORDER BY id DESC LIMIT ?", [max]
    ).map { row in
      var row = row
      return try CheckSeconds(check: row.text(), seconds: row.number())
    }
  }

  /// How often each test failed and passed on the same inputs, among the newest verdicts.
  func flakyTests(newest max: Int) throws -> [String: Int] {
    let names = try database.all(
      """
      SELECT name FROM test_failure WHERE check_result IN (
        SELECT id FROM (
          SELECT id, verdict FROM check_result WHERE integration IS NULL ORDER BY id DESC LIMIT ?)
        WHERE verdict = 'flaky')
      """, [max]
    ).map { row in
      var row = row
      return try row.text()
    }
    return names.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  private func insert(_ result: CheckResult, integration: IntegrationID?, position: Int?) throws -> Int64 {
    try database.run(
      """
      INSERT INTO check_result (integration, position, key, name, kind, verdict, reason, seconds, tests_passed,
        tests_failed, tests_skipped, peak_memory, is_cached, output_tail, cpu_seconds, read_bytes, written_bytes,
        lines_covered, lines_valid, performance)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        integration?.text, position, result.key.digest.hex, result.name.column, result.kind.column,
        result.verdict.rawValue, result.reason?.column, result.seconds, result.tests?.passed, result.tests?.failed,
        result.tests?.skipped, result.peakMemory, result.isCached, result.outputTail.column,
        result.cpuSeconds, result.readBytes, result.writtenBytes, result.coverage?.covered, result.coverage?.valid,
        result.performance.map { $0.json.compact.column },
      ])
    let id = database.lastInsertedRowID
    for (position, failure) in result.failures.enumerated() {
      try database.run(
        "INSERT INTO test_failure VALUES (?, ?, ?, ?)", [id, position, failure.name.column, failure.output.column])
    }
    for (position, finding) in result.findings.enumerated() {
      try database.run(
        "INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
          id, position, finding.rule.column, finding.severity.rawValue, finding.path?.column, finding.line,
          finding.message.column, finding.fingerprint.column,
        ])
    }
    for (position, metric) in result.metrics.enumerated() {
      try database.run(
        "INSERT INTO metric VALUES (?, ?, ?, ?, ?, ?)",
        [id, position, metric.name.column, metric.value, metric.unit.column, metric.better.rawValue])
    }
    return id
  }

  private func result(_ row: Columns) throws -> CheckResult {
    var row = row
    let id = try row.integer()
    let key = try CheckKey(digest: row.objectID())
    var result = try CheckResult(
      name: row.text(), kind: row.text(), verdict: row.word(Verdict.init), reason: row.optionalText(),
      seconds: row.number(), key: key)
    let counts = try (passed: row.optionalInteger(), failed: row.optionalInteger(), skipped: row.optionalInteger())
    if let passed = counts.passed, let failed = counts.failed, let skipped = counts.skipped {
      result.tests = TestCounts(passed: Int(passed), failed: Int(failed), skipped: Int(skipped))
    }
    result.peakMemory = try row.optionalInteger()
    result.isCached = try row.flag()
    result.outputTail = try [String](column: row.optionalText())
    result.cpuSeconds = try row.optionalNumber()
    result.readBytes = try row.optionalInteger()
    result.writtenBytes = try row.optionalInteger()
    let lines = try (covered: row.optionalInteger(), valid: row.optionalInteger())
    if let covered = lines.covered, let valid = lines.valid {
      result.coverage = LineCoverage(covered: Int(covered), valid: Int(valid))
    }
    result.performance = try row.optionalWord { PerformanceImpact(text: $0) }
    result.failures = try failures(of: id)
    result.findings = try findings(of: id)
    result.metrics = try metrics(of: id)
    return result
  }

  private func failures(of id: Int64) throws -> [TestFailure] {
    try database.all("SELECT name, output FROM test_failure WHERE check_result = ? ORDER BY position", [id]).map {
      row in
      var row = row
      return try TestFailure(name: row.text(), output: [String](column: row.optionalText()))
    }
  }

  private func findings(of id: Int64) throws -> [Finding] {
    try database.all(
      """
      SELECT rule, severity, path, line, message, fingerprint FROM finding WHERE check_result = ? ORDER BY position
      """, [id]
    ).map { row in
      var row = row
      return try Finding(
        rule: row.text(), severity: row.word(Finding.Severity.init), path: row.optionalText(),
        line: row.optionalInteger().map(Int.init), message: row.text(), fingerprint: row.text())
    }
  }

  private func metrics(of id: Int64) throws -> [Metric] {
    try database.all("SELECT name, value, unit, better FROM metric WHERE check_result = ? ORDER BY position", [id]).map
    {
      row in
      var row = row
      return try Metric(
        name: row.text(), value: row.number(), unit: row.text(), better: row.word(Metric.Better.init))
    }
  }
}
