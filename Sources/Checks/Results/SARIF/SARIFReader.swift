import Domain

/// Reads the findings of a scanner from SARIF 2.1.
///
/// Not findings: results that are suppressed, that are gone since the scanner's own baseline, and those of level `none`.
enum SARIFReader {
  static let bytesMax = 32 << 20

  private static let limits = {
    var limits = JSONLimits()
    limits.depthMax = 64
    limits.nodesMax = 3_000_000
    limits.bytesMax = bytesMax
    limits.stringMax = 4 << 20
    return limits
  }()

  /// Adds the findings of one file.
  ///
  /// - Throws: where it is no SARIF 2.1, where a run did not succeed, and past `CheckResult.findingsMax` findings: a
  ///   comparison with those of the base must not miss any.
  /// - Source: OASIS, "Static Analysis Results Interchange Format 2.1.0".
  static func read(_ bytes: [UInt8], into report: inout ScanReport) throws(ResultError) {
    let log: JSONValue
    // Some scanners write a byte order mark, which JSON has none of.
    let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    do { log = try JSONValue.parse(text, limits: limits) } catch { throw ResultError("it is not JSON (\(error))") }
    guard let version = log["version"]?.string, version.hasPrefix("2.1") else {
      throw ResultError("it is no SARIF of version 2.1")
    }
    guard let runs = log["runs"]?.array, !runs.isEmpty else { throw ResultError("it holds no run of a scanner") }
    for run in runs {
      try checkSuccess(run)
      guard let results = run["results"]?.array else {
        throw ResultError("a run in it has no results: nothing was looked at")
      }
      let rules = SARIFRules(run)
      let places = SARIFPlaces(run)
      for result in results { try report.add(result, rules, places) }
    }
  }

  private static func checkSuccess(_ run: JSONValue) throws(ResultError) {
    for invocation in run["invocations"]?.array ?? [] where invocation["executionSuccessful"]?.bool == false {
      let notifications =
        (invocation["toolExecutionNotifications"]?.array ?? [])
        + (invocation["toolConfigurationNotifications"]?.array ?? [])
      let words = notifications.lazy.compactMap { $0["message"]?["text"]?.string }.first ?? ""
      let said = OutputLines.first(1, of: Array(words.utf8)[...], lineMax: 200).first
      throw ResultError("the scanner says that it did not succeed" + (said.map { ": \($0)" } ?? ""))
    }
  }
}

/// What SARIF files of one run say.
struct ScanReport: Hashable {
  private(set) var findings: [Finding] = []
  /// All results, with those that are no findings.
  private(set) var resultCount = 0
  private var namesakes: [String: Int] = [:]

  private static let ruleMax = 100
  private static let pathMax = 300
  private static let messageMax = 300

  fileprivate mutating func add(
    _ result: JSONValue, _ rules: SARIFRules, _ places: SARIFPlaces
  ) throws(ResultError) {
    guard result.object != nil else { throw ResultError("a result in it is no object") }
    resultCount += 1
    let rule = rules.rule(of: result)
    guard !Self.isSuppressed(result), result["baselineState"]?.string != "absent",
      let severity = rules.severity(of: result, rule)
    else { return }
    guard findings.count < CheckResult.findingsMax else {
      throw ResultError("it tells of more than \(CheckResult.findingsMax) findings")
    }
    let place = places.place(of: result)
    let name = Printable.line(rules.name(of: result, rule) ?? "unnamed rule", max: Self.ruleMax)
    let path = place.path.map { Printable.line($0, max: Self.pathMax) }
    let words = Array(rules.message(of: result, rule).utf8)
    let message = OutputLines.first(1, of: words[...], lineMax: Self.messageMax).first ?? name
    let fingerprint = unique(Self.fingerprint(of: result, rule: name, path: path, message: message))
    findings.append(
      Finding(
        rule: name, severity: severity, path: path, line: place.line, message: message, fingerprint: fingerprint))
  }

  /// Suppressed is what somebody has suppressed and nobody has to look at, or has looked at and refused to.
  private static func isSuppressed(_ result: JSONValue) -> Bool {
    guard let suppressions = result["suppressions"]?.array, !suppressions.isEmpty else { return false }
    return suppressions.allSatisfy { suppression in
      let kind = suppression["kind"]?.string
      let status = suppression["status"]
      return (kind == "inSource" || kind == "external") && (status == nil || status?.string == "accepted")
    }
  }

  /// What stays the same where the lines of a file move: the scanner's own fingerprint, else rule, path and message.
  private static func fingerprint(of result: JSONValue, rule: String, path: String?, message: String) -> String {
    if let whole = Self.joined(result["fingerprints"]) { return "\(rule) \(whole)" }
    let content = Self.joined(result["partialFingerprints"]) ?? normalised(message)
    return "\(rule) \(path ?? "-") \(content)"
  }

  private static func joined(_ fingerprints: JSONValue?) -> String? {
    guard let members = fingerprints?.object?.members, !members.isEmpty else { return nil }
    let parts = members.compactMap { member in member.value.string.map { "\(member.name)=\($0)" } }.sorted()
    return parts.isEmpty ? nil : Printable.line(parts.joined(separator: " "), max: messageMax)
  }

  /// A message without what changes while the code stays: numbers (of lines, of sizes).
  private static func normalised(_ message: String) -> String {
    var text = ""
    var isInNumber = false
    for scalar in message.unicodeScalars {
      let isDigit = ("0"..."9").contains(scalar)
      if !isDigit || !isInNumber { text.unicodeScalars.append(isDigit ? "0" : scalar) }
      isInNumber = isDigit
    }
    return text
  }

  /// The fingerprint, or the next `… #2`: one more of the same is one more finding.
  private mutating func unique(_ fingerprint: String) -> String {
    let count = (namesakes[fingerprint] ?? 0) + 1
    namesakes[fingerprint] = count
    return count == 1 ? fingerprint : "\(fingerprint) #\(count)"
  }
}
