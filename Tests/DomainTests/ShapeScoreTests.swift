import Domain
import Testing

@Suite struct `The security score` {
  private func findings(_ severities: [Finding.Severity]) -> [Finding] {
    severities.enumerated().map { index, severity in
      Finding(rule: "r", severity: severity, path: nil, line: nil, message: "m", fingerprint: "\(severity) \(index)")
    }
  }

  private func score(_ severities: [Finding.Severity]) -> String { SecurityScore(new: findings(severities)).rawValue }

  @Test func `is set by the worst finding and lowered once by its number`() {
    #expect(score([]) == "A+")
    #expect(score([.low]) == "A")
    #expect(score([Finding.Severity](repeating: .low, count: 10)) == "A")
    #expect(score([Finding.Severity](repeating: .low, count: 11)) == "B")
    #expect(score([.medium]) == "B")
    #expect(score([.medium, .medium, .low]) == "B")
    #expect(score([.medium, .medium, .medium]) == "C")
    #expect(score([.high, .low]) == "D")
    #expect(score([.high, .high]) == "D")
    #expect(score([.high, .high, .high]) == "F")
    #expect(score([.critical]) == "F")
  }

  @Test func `is never made better by one finding more or a worse one`() {
    let severities = Finding.Severity.allCases
    var worlds: [[Finding.Severity]] = [[]]
    for _ in 0..<4 { worlds += worlds.flatMap { world in severities.map { world + [$0] } } }
    for world in Set(worlds) {
      let now = SecurityScore(new: findings(world))
      for more in severities { #expect(SecurityScore(new: findings(world + [more])) <= now) }
      if let first = world.first {
        for worse in severities where worse > first {
          #expect(SecurityScore(new: findings([worse] + world.dropFirst())) <= now)
        }
      }
    }
  }

  @Test func `counts what is new and leaves what the base has`() {
    let old = findings([.critical, .high])
    let new = Finding(rule: "r", severity: .low, path: "a", line: 9, message: "m", fingerprint: "new")
    #expect(SecurityScore(old, against: old) == .aPlus)
    #expect(SecurityScore(old + [new], against: old) == .a)
    #expect(SecurityScore(old, against: [new]) == .f)
  }
}
