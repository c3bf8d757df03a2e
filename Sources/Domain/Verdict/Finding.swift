/// Something a scanner found in the files of a change.
package struct Finding: Hashable, Sendable {
  package enum Severity: String, Hashable, Sendable, CaseIterable, Comparable {
    case low, medium, high, critical

    package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// The rule's stable name: `private-key` for one of ours, the `ruleId` of a SARIF result.
  package let rule: String
  package let severity: Severity
  /// Relative to the tree; nil where the scanner names none.
  package let path: String?
  /// From 1.
  package let line: Int?
  /// One sentence, safe to print; what was found is never in it.
  package let message: String
  /// The same for the same finding wherever its line has moved to.
  package let fingerprint: String

  package init(rule: String, severity: Severity, path: String?, line: Int?, message: String, fingerprint: String) {
    self.rule = rule
    self.severity = severity
    self.path = path
    self.line = line
    self.message = message
    self.fingerprint = fingerprint
  }
}

extension Finding {
  package var json: JSONValue {
    [
      "rule": .string(rule), "severity": .string(severity.rawValue), "path": path.json,
      "line": line.map { .integer($0) } ?? .null, "message": .string(message), "fingerprint": .string(fingerprint),
    ]
  }

  /// Nil where it is no finding's form.
  package init?(json: JSONValue) {
    guard let rule = json["rule"]?.string, let severity = json["severity"]?.string.flatMap(Severity.init),
      let message = json["message"]?.string, let fingerprint = json["fingerprint"]?.string
    else { return nil }
    self.init(
      rule: rule, severity: severity, path: json["path"]?.string, line: json["line"]?.integer.map { Int($0) },
      message: message, fingerprint: fingerprint)
  }

  /// Rule, severity and place in one line.
  package var place: String {
    let place = [path, line.map { "\($0)" }].compactMap { $0 }.joined(separator: ":")
    let rule = "\(Printable.line(rule, max: 100)) (\(severity.rawValue))"
    return place.isEmpty ? rule : "\(rule) in \(Printable.line(place, max: 300))"
  }

  /// The place, and what to do.
  package var words: String { "\(place): \(Printable.line(message, max: 200))" }
}

extension Collection<Finding> {
  /// Those that `base` does not have; of equal ones as many as there are more.
  package func new(since base: some Sequence<Finding>) -> [Finding] {
    var known: [String: Int] = [:]
    for finding in base { known[finding.fingerprint, default: 0] += 1 }
    return filter { finding in
      guard let left = known[finding.fingerprint], left > 0 else { return true }
      known[finding.fingerprint] = left - 1
      return false
    }
  }

  /// Those that are told, fifty at most, the worst first; all of them stand in the ledger.
  package var worst: [Finding] {
    let worstFirst = Finding.Severity.allCases.reversed().lazy.flatMap { severity in
      self.lazy.filter { $0.severity == severity }
    }
    return Array(worstFirst.prefix(50))
  }

  /// How many there are of each severity, the worst first: `1 critical, 2 low`.
  package var severities: String {
    Finding.Severity.allCases.reversed().compactMap { severity in
      let count = self.count { $0.severity == severity }
      return count == 0 ? nil : "\(count) \(severity.rawValue)"
    }.joined(separator: ", ")
  }
}
