import Domain
import Testing

@Suite struct `Secrets in a change` {
  @Test(arguments: SecretExamples.tokens) func `are found by their form, wherever they stand`(
    rule: String, token: String
  ) {
    for text in [
      "\(token)", "x = '\(token)'\n", "  - run: tool --with \(token) --more\n", "a\n\"b\\n\(token)\\n\"", "(\(token)).",
    ] {
      #expect(SecretExamples.rules(text) == [rule], "in \(text.count) characters")
    }
  }

  @Test(arguments: SecretExamples.tokens) func `are nowhere in what is said of them`(rule: String, token: String) throws
  {
    let finding = try #require(SecretScan().findings(in: [SecretExamples.added("x = '\(token)'\n")]).first)
    let said = finding.message + finding.fingerprint
    for start in 0...(token.count - 8) { #expect(!said.contains(token.dropFirst(start).prefix(8))) }
    #expect(finding.fingerprint.count == 64)
    #expect(finding.severity >= .high)
  }

  @Test func `are not tokens whose checksum is wrong, even under a name that says token`() {
    let wrong = String(SecretExamples.checked.dropLast()) + "8"
    for prefix in ["ghp", "npm"] {
      #expect(SecretExamples.rules("token = \"\(prefix)_\(wrong)\"") == [])
      #expect(SecretExamples.rules("token = \"\(prefix)_\(SecretExamples.checked)\"").count == 1)
    }
  }

  @Test func `are not age's keys whose checksum is wrong`() {
    let head = "AGE-SECRET-" + "KEY-1" + "0NXE7F9YPEJRWH3TXSDPS3V2NJH94C0T"
    #expect(SecretExamples.rules(head + "0739NQJNV6MJMU2WNSZSVPQ7KQ") == ["age-secret-key"])
    #expect(SecretExamples.rules(head + "0739NQJNV6MJMU2WNSZSVPQ7KZ") == [])
  }

  @Test func `are not parts of longer words`() {
    for (_, token) in SecretExamples.tokens where token.hasPrefix("AK") || token.hasPrefix("gh") {
      #expect(SecretExamples.rules("x\(token)") == [])
      #expect(SecretExamples.rules("\(token)x") == [])
    }
  }

  @Test func `are found behind any number of others that are let pass`() throws {
    let passed = "ghp" + "_" + SecretExamples.checked
    let first = try #require(SecretScan().findings(in: [SecretExamples.added(passed)]).first)
    let text = String(repeating: "a = '\(passed)'\n", count: 50_000) + SecretExamples.tokens[0].1 + "\n"
    let scan = SecretScan(allowing: SecretAllowance([first.fingerprint]))
    let findings = scan.findings(in: [SecretExamples.added(text)])
    #expect(findings.map(\.rule) == [SecretExamples.tokens[0].0])
    #expect(findings.first?.line == 50_001)
  }

  @Test func `are told with the line of the new file`() {
    let token = "ghp" + "_" + SecretExamples.checked
    let first = AddedLines.Run(firstLine: 10, bytes: Array("a\nb\nc = \(token)\n".utf8)[...])
    let file = Array("0\n1\n2\n\(token)\n".utf8)
    let second = AddedLines.Run(firstLine: 40, bytes: file[4...])
    let findings = ["a", "b"].map { path in
      SecretScan().findings(in: [AddedLines(path: TreePath(path), runs: path == "a" ? [first] : [second])])
    }
    #expect(findings[0].map(\.line) == [12])
    #expect(findings[1].map(\.line) == [41])
    #expect(findings[1].map(\.path) == ["b"])
    let whole = SecretScan().findings(in: [AddedLines(path: TreePath("b"), whole: file)])
    #expect(whole.map(\.line) == [4])
  }

  @Test func `keep their fingerprint when they move, and have another in another file`() {
    let token = "ghp" + "_" + SecretExamples.checked
    func fingerprints(_ text: String, _ path: String) -> [String] {
      SecretScan().findings(in: [SecretExamples.added(text, to: path)]).map(\.fingerprint)
    }
    #expect(fingerprints("a \(token)", "a") == fingerprints("\n\n\n b: \(token)\n", "a"))
    #expect(fingerprints("a \(token)", "a") != fingerprints("a \(token)", "b"))
    #expect(fingerprints("\(token) \(token)\n\(token)", "a").count == 1)
  }

  @Test func `are passed over where the caller allows their path or their fingerprint, and nowhere else`() throws {
    let token = "ghp" + "_" + SecretExamples.checked
    let files = ["tests/keys/a.txt", "src/a.txt"].map { SecretExamples.added(token, to: $0) }
    let byPath = SecretScan(allowing: SecretAllowance(["tests/**"])).findings(in: files)
    #expect(byPath.map(\.path) == ["src/a.txt"])
    let fingerprint = try #require(byPath.first).fingerprint
    let byFingerprint = SecretScan(allowing: SecretAllowance([fingerprint])).findings(in: files)
    #expect(byFingerprint.map(\.path) == ["tests/keys/a.txt"])
  }

  @Test func `are bounded in number`() {
    var lot = SecretExamples(seed: 3)
    let lines = (0..<500).map { _ in "AKI" + "A" + lot.draw(16, from: SecretExamples.base32) }
    #expect(SecretExamples.rules(lines.joined(separator: "\n")).count == SecretScan.findingsMax)
  }

  // MARK: Private keys

  @Test(arguments: [
    "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "PGP PRIVATE KEY BLOCK",
  ]) func `are private keys of every kind, in files, in JSON and in programs`(label: String) {
    let lines = SecretExamples.keyBlock(label)
    let forms = [
      lines.joined(separator: "\n"), lines.joined(separator: "\r\n"),
      "{\"private_key\": \"" + lines.joined(separator: "\\n") + "\\n\"}",
      lines.map { "    \"\($0)\\n\" +" }.joined(separator: "\n"), lines.map { "# \($0)" }.joined(separator: "\n"),
    ]
    for form in forms { #expect(SecretExamples.rules(form) == ["private-key"]) }
  }

  @Test func `are PuTTY's keys`() {
    var lot = SecretExamples(seed: 4)
    let head = "PuTTY-User-" + "Key-File-3: ssh-ed25519\nEncryption: none\nComment: me\nPublic-Lines: 1\n"
    let keys = (0..<2).map { _ in lot.draw(64, from: SecretExamples.base64) }
    let file = head + keys[0] + "\nPrivate-" + "Lines: 1\n" + keys[1] + "\nPrivate-MAC: 0\n"
    #expect(SecretExamples.rules(file) == ["private-key"])
  }

  @Test func `are not the first lines that programs look for, nor public keys and certificates`() {
    let mark = "-----BEGIN " + "PRIVATE KEY-----"
    let code = "if text.hasPrefix(\"\(mark)\") { return deserializePrivateKeyFromPrivacyEnhancedMail(text) }\n"
    #expect(SecretExamples.rules(String(repeating: code, count: 20)) == [])
    #expect(SecretExamples.rules("\(mark)\n...\n-----END PRIVATE KEY-----") == [])
    let stub = SecretExamples.keyBlock("PRIVATE KEY").map { String($0.prefix($0.hasPrefix("-") ? 64 : 10)) }
    #expect(SecretExamples.rules(stub.joined(separator: "\n")) == [])
    #expect(SecretExamples.rules("\(mark)\n" + SecretExamples.keyBlock("PRIVATE KEY")[1].prefix(48) + "\n") == [])
    for label in ["PUBLIC KEY", "CERTIFICATE", "PGP PUBLIC KEY BLOCK"] {
      #expect(SecretExamples.rules(SecretExamples.keyBlock(label).joined(separator: "\n")) == [])
    }
  }

  @Test func `that are different keys under one header have different fingerprints`() {
    // OpenSSH's keys begin alike for more than a line.
    let first = SecretExamples.keyBlock("OPENSSH PRIVATE KEY", seed: 5)
    let second = Array(first.prefix(3)) + SecretExamples.keyBlock("OPENSSH PRIVATE KEY", seed: 6).dropFirst(3)
    let fingerprints = [first, second].flatMap { lines in
      SecretScan().findings(in: [SecretExamples.added(lines.joined(separator: "\n"))]).map(\.fingerprint)
    }
    #expect(Set(fingerprints).count == 2)
  }

  // MARK: Addresses and web tokens

  @Test func `are passwords in addresses`() {
    let password = "Tr0ub4dor" + ".and3"
    for scheme in ["https", "postgres", "mongodb+srv", "amqp"] {
      #expect(SecretExamples.rules("url: \(scheme)://svc:\(password)@db.corp.io:5432/x") == ["url-password"])
    }
    #expect(SecretExamples.rules("redis://:\(password)@cache.corp.io/0") == ["url-password"])
  }

  @Test(arguments: [
    "https://user:password@corp.io/", "https://user:pass@corp.io/", "https://${USER}:${PASSWORD}@corp.io",
    "postgres://postgres:postgres@db.corp.io/x", "http://a:b@corp.io", "https://me:{{password}}@corp.io",
    "https://svc:Tr0ub4dor.and3@example.com/", "https://svc:Tr0ub4dor.and3@localhost:80/",
    "https://svc:Tr0ub4dor.and3@127.0.0.1/",
    "https://svc:<password>@corp.io",
    "https://svc:$TOKEN_OF_MINE@corp.io", "https://svc:xxxxxxxxxx@corp.io", "see https://corp.io/a:b@c and http://x",
    "https://svc:%s@corp.io", "http://corp.io:8080/@scope/package", "https://svc:changeme123@corp.io",
  ]) func `are not the passwords that stand in manuals`(text: String) { #expect(SecretExamples.rules(text) == []) }

  @Test func `are not web tokens without a signature, without an algorithm, or from a tutorial`() {
    var lot = SecretExamples(seed: 7)
    let signature = lot.draw(43, from: SecretExamples.base64URL)
    let header = "ey" + "JhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
    let tutorial = "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
    #expect(SecretExamples.rules(SecretExamples.webToken(signature: signature)) == ["json-web-token"])
    #expect(SecretExamples.rules(SecretExamples.webToken(signature: "")) == [])
    #expect(SecretExamples.rules(header + tutorial + signature) == [])
    #expect(SecretExamples.rules("eyJmb28iOiJiYXIifQ.eyJmb28iOiJiYXIifQ." + signature) == [])
  }

  @Test func `have a digest known from the standard`() {
    #expect(SHA256.text([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(SHA256.text(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    #expect(SHA256.text(million) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test(arguments: [
    "eyJ", "eyJhbGciOiJI.", "-----BEGIN PRIVATE KEY-----", "://", "a://b:c", "token=\"", "key", "secret", "://a:b@",
    "ghp_",
    "PuTTY-User-Key-File-3: ", "AKIA", "\u{0}", "\n", "123456789:AA",
  ]) func `are looked for in a text made of nothing but beginnings`(beginning: String) {
    let text = String(repeating: beginning, count: 200_000 / beginning.utf8.count)
    #expect(SecretExamples.rules(text, in: "a.yml") == [])
  }
}
