/// Looks for secrets in the lines that a change adds.
///
/// - Bound: reads each byte once and looks closer only where one of the known literals stands; at most `findingsMax`
///   findings, which is where it stops.
/// - Source: the formats are the providers' own; `TokenForm.known` lists them.
package struct SecretScan: Sendable {
  package static let findingsMax = 100

  private let allowance: SecretAllowance

  package init(allowing allowance: SecretAllowance = SecretAllowance([])) { self.allowance = allowance }

  /// The secrets in `files`, in their order, each once a file; no finding says any part of one.
  package func findings(in files: some Sequence<AddedLines>) -> [Finding] {
    var findings: [Finding] = []
    for file in files where !allowance.covers(file.path) {
      var seen: Set<Value> = []
      let kind = TextKind(file.path)
      for run in file.runs {
        var lines = LineCount(run)
        for secret in Self.secrets(in: run.bytes, kind) {
          // Before the fingerprint, which is dear: a text can hold the same secret on every line.
          guard seen.insert(Value(rule: secret.rule, bytes: run.bytes[secret.range])).inserted else { continue }
          let finding = Self.finding(
            secret, in: run.bytes, of: file.path, line: lines.line(at: secret.range.lowerBound))
          guard !allowance.covers(finding) else { continue }
          findings.append(finding)
          if findings.count == Self.findingsMax { return findings }
        }
      }
    }
    return findings
  }

  /// What was found where, before it becomes a finding that does not hold it.
  struct Secret {
    let rule: String
    let noun: String
    let severity: Finding.Severity
    let range: Range<Int>
  }

  /// A secret once a file.
  private struct Value: Hashable {
    let rule: String
    let bytes: ArraySlice<UInt8>
  }

  private static func secrets(in text: ArraySlice<UInt8>, _ kind: TextKind) -> [Secret] {
    var reading = Reading(text: text, kind: kind)
    SecretTriggers.all.visit(text) { trigger, start in
      reading.look(at: start, trigger)
      return true
    }
    return reading.secrets
  }

  private static func finding(
    _ secret: Secret, in text: ArraySlice<UInt8>, of path: TreePath, line: Int
  ) -> Finding {
    Finding(
      rule: secret.rule, severity: secret.severity, path: path.description, line: line,
      message: "The change adds \(secret.noun): revoke it, then submit without it.",
      fingerprint: fingerprint(of: text[secret.range], rule: secret.rule, path: path))
  }

  /// A digest of rule, path and secret; hashing many times over keeps a guessable password from being read off it.
  private static func fingerprint(of secret: ArraySlice<UInt8>, rule: String, path: TreePath) -> String {
    var digest = Array(secret)
    for _ in 0..<1_000 { digest = SHA256.digest(digest) }
    return SHA256.text(Array(rule.utf8) + [0] + path.bytes + [0] + digest)
  }
}

extension SecretScan {
  /// Everything found in one run so far.
  private struct Reading {
    let text: ArraySlice<UInt8>
    let kind: TextKind
    var found: [Secret] = []
    /// Values of assignments: secrets only where no format says what they are, or are not.
    private var assigned: [Secret] = []
    private var disproved: [Range<Int>] = []
    private var assignedEnd = 0
    private var puttySearched = 0

    init(text: ArraySlice<UInt8>, kind: TextKind) {
      self.text = text
      self.kind = kind
    }

    mutating func look(at start: Int, _ trigger: SecretTriggers.Trigger) {
      switch trigger.kind {
      case .form(let form):
        switch form.match(text, from: start, body: start + trigger.literal.count) {
        case .none: break
        case .disproved(let range): disproved.append(range)
        case .token(let range): add(form.rule, form.noun, form.severity, range)
        }
      case .webToken:
        switch WebToken.match(text, from: start) {
        case .none: break
        case .disproved(let range): disproved.append(range)
        case .token(let range): add("json-web-token", "a signed JSON web token", .high, range)
        }
      case .keyBlock:
        if let range = PrivateKey.block(text, from: start) {
          add("private-key", "a private key", .critical, range)
        }
      case .puttyKey:
        if let range = PrivateKey.putty(text, from: start, searched: &puttySearched) {
          add("private-key", "a private key", .critical, range)
        }
      case .address:
        if let range = AddressPassword.find(text, at: start) {
          add("url-password", "a password in an address", .high, range)
        }
      case .telegram:
        if let range = TelegramToken.find(text, at: start) {
          add("telegram-bot-token", "a Telegram bot token", .critical, range)
        }
      case .name(let word):
        guard start >= assignedEnd, found.last.map({ start >= $0.range.upperBound }) ?? true,
          let value = SecretAssignment.find(text, word, at: start, kind)
        else { return }
        assignedEnd = value.range.upperBound
        assigned.append(value)
      }
    }

    private mutating func add(_ rule: String, _ noun: String, _ severity: Finding.Severity, _ range: Range<Int>) {
      guard found.last.map({ range.lowerBound >= $0.range.upperBound }) ?? true else { return }
      found.append(Secret(rule: rule, noun: noun, severity: severity, range: range))
    }

    var secrets: [Secret] {
      let known = (found.map(\.range) + disproved).sorted { $0.lowerBound < $1.lowerBound }
      var next = 0
      // Both are in the order of the text; none of `assigned` overlaps another.
      let unnamed = assigned.filter { value in
        while next < known.count, known[next].upperBound <= value.range.lowerBound { next += 1 }
        return next == known.count || known[next].lowerBound >= value.range.upperBound
      }
      return (found + unnamed).sorted { $0.range.lowerBound < $1.range.lowerBound }
    }
  }
}
