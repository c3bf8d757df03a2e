import Domain
import Testing

/// What the security scan keeps back, who sees it, and how it comes out again.
@Suite struct QuarantineStories {
  private static let message = "(quarantined)"

  /// A key made here, so that no scan finds one in this file.
  static func leak(_ name: String) -> Work {
    Work(
      name,
      [
        "config.py": .text(
          "# settings\nKEY = '''\n-----BEGIN RSA \(noun)-----\n\(block)\n-----END RSA \(noun)-----\n'''\n")
      ])
  }

  private static let noun = "PRIVATE " + "KEY"
  private static let block = (0..<12).map { row in
    "MIIEpQIBAAKCAQEAx7Vn3ByT9dLkzWq2RfHs8uYc4JmG5oEa1iPt6hXg0NvUbl" + ["Kj", "Qw", "9z"][row % 3]
  }.joined(separator: "\n")

  @Test func `a leaked key is kept back, seen by nobody, and told at once`() async throws {
    try await World.run { world in
      let before = try await world.server.tip()
      let push = try await world.client.submit(Self.leak("leak"))
      #expect(push.status == 1, "\(push)")
      #expect(push.text.contains("[remote rejected] ") && push.text.contains(Self.message), "\(push)")
      #expect(
        push.text.contains("error: sluice: security_issue: 1 finding of the security scan (1 critical)"), "\(push)")
      #expect(push.text.contains("private-key (critical) in config.py:3"), "\(push)")
      #expect(push.text.contains("hint: take it out of every commit"), "\(push)")
      #expect(!push.text.contains("MIIEpQ"), "\(push)")
      #expect(try await world.server.tip() == before)
      let id = push.submissions.first ?? ""
      let shown = try await world.server.json("show", id)
      #expect(shown["state"] == "quarantined")
      #expect(shown["category"] == "security_issue")
      let security = try #require(shown["integration_results"]?["security_validation"])
      #expect(security["vulnerabilities_detected"] == 1)
      #expect(security["security_score"] == "F")
      #expect(security["compliance_check"] == "failed")
      let kinds = try world.server.events(of: id).compactMap { $0["event"]?.string }
      #expect(kinds.contains("security_quarantine") && kinds.last == "ended", "\(kinds)")
      let refs = try await world.server.refs()
      #expect(refs.contains { $0.hasSuffix("refs/sluice/quarantine/\(id)") }, "\(refs)")
      #expect(!refs.contains { $0.contains("refs/sluice/work/") || $0.contains("refs/rebased/") }, "\(refs)")
      let seen = try await Git.run(in: world.client.repository, "ls-remote", world.client.url)
      #expect(!seen.contains("quarantine"), "\(seen)")
    }
  }

  @Test func `who is behind a quarantined one lands`() async throws {
    try await World.run { world in
      let leak = try await world.client.make(Self.leak("leak"))
      let good = try await world.client.make(Work("good", ["b.txt": "good\n"]))
      let push = try await world.client.push(["\(leak):refs/heads/submit/leak", "\(good):refs/heads/submit/good"])
      #expect(push.text.contains("-> refs/landed/int-"), "\(push)")
      #expect(push.text.contains("-> submit/leak (quarantined)"), "\(push)")
      #expect(try await world.server.file("b.txt") == "good\n")
      #expect(try await world.server.file("config.py") == nil)
    }
  }

  @Test func `an administrator looks at a false alarm and releases it, once`() async throws {
    try await World.run { world in
      let push = try await world.client.submit(Self.leak("leak"))
      let id = push.submissions.first ?? ""
      let listed = try await world.server.json("quarantine")
      #expect(listed.array?.first?["submission_id"]?.string == id)
      #expect(listed.array?.first?["findings"]?.array?.first?["rule"] == "private-key")
      let released = try await world.server.sluice("quarantine", "release", id)
      #expect(released.status == 0, "\(released.text)")
      let new = try #require(released.out.split(separator: " ").first.map(String.init))
      let watched = try await world.server.sluice("watch", new)
      #expect(watched.status == 0, "\(watched.text)")
      #expect(try await world.server.file("config.py")?.contains("BEGIN RSA") == true)
      #expect(try await world.server.sluice("quarantine", "release", id).status == 1)
      let audit = try await world.server.sluice("audit")
      #expect(audit.status == 0, "\(audit.text)")
    }
  }

  @Test func `nobody but an administrator releases, and what is discarded is gone`() async throws {
    try await World.run { world in
      let push = try await world.client.submit(Self.leak("leak"))
      let id = push.submissions.first ?? ""
      let mallory = ["SLUICE_USER": "mallory"]
      for verb in ["release", "discard"] {
        let refused = try await world.server.sluice("quarantine", verb, id, environment: mallory)
        #expect(refused.status == 1 && refused.text.contains("unauthorized"), "\(verb): \(refused.text)")
      }
      #expect(try await world.server.sluice("quarantine", "discard", id).status == 0)
      let refs = try await world.server.refs()
      #expect(!refs.contains { $0.contains("quarantine") }, "\(refs)")
      #expect(try await world.server.sluice("quarantine").out == "nothing is in quarantine\n")
    }
  }

  @Test func `the policy lets paths pass and moves the level, and a moved file is not new`() async throws {
    let policy = Base.policy("security: { level: critical, allow: ['fixtures/**'] }\n")
    try await World.run(.judged(by: policy)) { world in
      let key = Self.leak("x").changes["config.py"] ?? ""
      _ = try await world.client.submit(Work("fixture", ["fixtures/key.pem": key])).expectLanded(in: world)
      try await world.client.fetch()
      let move = Work("move", ["fixtures/key.pem": .removed, "keys/key.pem": key])
      _ = try await world.client.submit(move).expectLanded(in: world)
      try await world.client.fetch()
      let push = try await world.client.submit(Self.leak("leak"))
      #expect(push.text.contains(Self.message), "\(push)")
    }
  }

  @Test(arguments: ["merge", "rebase"])
  func `a key in a commit that a later one takes out is seen, where its history lands`(merge: String) async throws {
    try await World.run(.judged(by: Base.policy(merge: merge))) { world in
      let base = try await world.client.fetch()
      let first = try await world.client.commit(Self.leak("x").changes, parent: base, Work("x", [:]))
      let work = Work("hidden", ["config.py": .removed, "b.txt": "b\n"]).with {
        $0.parent = first
        $0.adjust = { package in
          package.set("changes", "files_modified", to: ["b.txt"])
          package.set("changes", "files_deleted", to: [])
        }
      }
      let push = try await world.client.submit(work)
      #expect(push.text.contains(Self.message), "\(push)")
    }
  }

  // MARK: Scanners

  private static let scanner = """
    #!/bin/sh
    # Every line of a file that says EVAL is a problem.
    {
      printf '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"scan","rules":[]}},"results":['
      comma=
      for place in $(grep -rno 'EVAL[A-Z]*' code | tr -d ' '); do
        file=${place%%:*}; rest=${place#*:}; line=${rest%%:*}; word=${rest#*:}
        score=4.0; case $word in EVALBAD) score=9.5;; esac
        printf '%s{"ruleId":"%s","level":"error","message":{"text":"says it"},"partialFingerprints":{"p":"%s-%s"},"properties":{"security-severity":"%s"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"%s"},"region":{"startLine":%s}}}]}' "$comma" "$word" "$word" "$file" "$score" "$file" "$line"
        comma=,
      done
      printf ']}]}'
    } > "$SLUICE_RESULTS/scan.sarif"
    ! grep -rq EVAL code

    """

  private static var scanned: Base {
    .judged(
      by: "version: 1\nchecks:\n  scan: { run: 'sh scan.sh', results: sarif }\n",
      adding: ["scan.sh": .executable(scanner), "code/old.js": "EVAL\n", "code/b.js": "fine\n"])
  }

  @Test func `a scanner's old findings count for nothing, new ones refuse, severe ones go into quarantine`()
    async throws
  {
    try await World.run(Self.scanned) { world in
      let fine = try await world.client.submit(Work("fine", ["code/b.js": "finer\n"]))
      _ = try await fine.expectLanded(in: world)
      #expect(fine.text.contains("0 vulnerabilities"), "\(fine)")
      let shown = try await world.server.json("show", fine.submissions.first ?? "")
      #expect(shown["integration_results"]?["security_validation"]?["vulnerabilities_detected"] == 0)
      #expect(shown["integration_results"]?["security_validation"]?["security_score"] == "A+")
      try await world.client.fetch()
      let new = try await world.client.submit(Work("new", ["code/c.js": "\nEVAL\n"]))
      new.expectRefused("security_issue", "found 1 new problem: 1 medium", "found: EVAL (medium) in code/c.js:2")
      let severe = try await world.client.submit(Work("severe", ["code/c.js": "\nEVALBAD\n"]))
      #expect(severe.text.contains(Self.message), "\(severe)")
      #expect(severe.text.contains("EVALBAD (critical) in code/c.js:2"), "\(severe)")
      let released = try await world.server.sluice("quarantine", "release", severe.submissions.first ?? "")
      let id = try #require(released.out.split(separator: " ").first.map(String.init))
      let watched = try await world.server.sluice("watch", id)
      #expect(watched.status == 0, "\(watched.text)")
      #expect(try await world.server.file("code/c.js") == "\nEVALBAD\n")
    }
  }
}
