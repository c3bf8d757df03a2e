import Domain
import Testing

@Suite struct `Dangerous shapes of a change` {
  private func rules(_ file: ChangedFile) -> [String] { DangerousShapes.findings(in: [file]).map(\.rule) }

  private func rules(_ path: String, _ content: [UInt8], mode: FileMode = .file) -> [String] {
    rules(ChangedFile(path: TreePath(path), mode: mode, whole: content))
  }

  private func rules(_ path: String, _ text: String, mode: FileMode = .file) -> [String] {
    rules(path, Array(text.utf8), mode: mode)
  }

  // MARK: Binaries

  @Test(
    arguments: [
      [0x7f, 0x45, 0x4c, 0x46, 2, 1], [0xcf, 0xfa, 0xed, 0xfe, 7], [0xca, 0xfe, 0xba, 0xbe, 0], [0x50, 0x4b, 3, 4, 20],
      [0x4d, 0x5a, 0x90, 0, 3], [0x00, 0x61, 0x73, 0x6d, 1], [0x1f, 0x8b, 8, 0],
    ] as [[UInt8]]) func `are programs and archives under the name of a text`(head: [UInt8])
  {
    for path in ["src/main.c", "README.md", "a/b.PY", "Makefile"] {
      let finding = DangerousShapes.findings(in: [ChangedFile(path: TreePath(path), mode: .file, whole: head)]).first
      #expect(finding?.rule == "disguised-binary", "\(path)")
      #expect(finding?.severity == .high)
    }
  }

  @Test func `are zeros in a text, and programs that nobody can read`() {
    #expect(rules("a.py", Array("print(1)\n".utf8) + [0, 1, 2]) == ["disguised-binary"])
    #expect(rules("bin/tool", [0x7f, 0x45, 0x4c, 0x46, 2]) == ["binary-program"])
    #expect(rules("a.txt", [0xff, 0xfe, 0x61, 0]) == ["unread-encoding"])
  }

  @Test func `are not images, archives by name, texts, or programs that were there`() {
    #expect(rules("logo.png", [0x89, 0x50, 0x4e, 0x47, 0, 0]) == [])
    #expect(rules("lib.jar", [0x50, 0x4b, 3, 4, 0]) == [])
    #expect(rules("notes.txt", "MZ are two letters; PK too\n") == [])
    let rebuilt = ChangedFile(
      path: TreePath("bin/tool"), oldMode: .executable, newMode: .executable, content: [0x7f, 0x45, 0x4c, 0x46],
      added: AddedLines(path: TreePath("bin/tool"), runs: []))
    #expect(rules(rebuilt) == [])
  }

  // MARK: Characters

  @Test(arguments: [0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069] as [UInt32])
  func `are controls that turn the direction of text`(value: UInt32) throws {
    let control = String(try #require(Unicode.Scalar(value)))
    let text = "let a = 1\nif level != \"user\(control) // Check if admin\" {\n"
    let file = ChangedFile(path: TreePath("a.swift"), mode: .file, whole: Array(text.utf8))
    let finding = try #require(DangerousShapes.findings(in: [file]).first)
    #expect(finding.rule == "bidirectional-control")
    #expect(finding.severity == .high)
    #expect(finding.line == 2)
    let translation = ChangedFile(path: TreePath("he.po"), mode: .file, whole: Array(text.utf8))
    #expect(DangerousShapes.findings(in: [translation]).first?.severity == .medium)
  }

  @Test func `are looked for in added lines alone`() {
    let old = Array("a\u{202e}b\n".utf8)
    let added = AddedLines(
      path: TreePath("a.c"), runs: [AddedLines.Run(firstLine: 2, bytes: Array("int x;\n".utf8)[...])])
    let file = ChangedFile(path: TreePath("a.c"), oldMode: .file, newMode: .file, content: old[...], added: added)
    #expect(rules(file) == [])
  }

  @Test func `are letters that are not seen inside a name, and texts hidden in tags`() {
    for unseen in ["\u{200b}", "\u{2060}", "\u{feff}", "\u{00ad}", "\u{200d}"] {
      #expect(rules("a.js", "const is\(unseen)Admin = 1") == ["invisible-character"])
    }
    #expect(rules("a.js", "const { timeout,\u{3164}} = req.query") == ["invisible-character"])
    let smuggled = "Read me".unicodeScalars.compactMap { Unicode.Scalar($0.value + 0xe0000) }
    #expect(rules("README.md", "Hello" + String(String.UnicodeScalarView(smuggled))) == ["hidden-text"])
    #expect(rules("a.js", "eval('\u{e0101}\u{e0120}')") == ["hidden-text"])
    #expect(rules("a.js", "eval('\u{845b}\u{e0101}\u{e0120}')") == ["hidden-text"])
    #expect(rules("a.js", "eval('\u{2b50}\u{fe0f}\u{fe01}')") == ["hidden-text"])
  }

  @Test func `are names with letters of another script that look Latin`() {
    #expect(rules("a.py", "def p\u{0430}yment():\n") == ["mixed-scripts"])
    #expect(rules("a.py", "\u{0405}cope = 1\n") == ["mixed-scripts"])
  }

  @Test(arguments: [
    "# \u{041f}\u{0440}\u{0438}\u{0432}\u{0435}\u{0442} world", "x = '\u{0441}\u{043e}\u{0440}'",
    "\u{0394}x = 2 * \u{03bc}s",
    "caf\u{e9} = na\u{ef}ve", "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} family", "\u{feff}import a",
    "\u{06a9}\u{062a}\u{0627}\u{0628}\u{200c}\u{0647}\u{0627}",
    "flag \u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    "\u{845b}\u{e0100} kanji", "\u{2192} \u{2026} \u{201c}quoted\u{201d}", "a\u{fe0f} star \u{2b50}\u{fe0f}",
    "print('API\u{0438}')", "log('v\u{0441}\u{0438}\u{0441}')", "\u{4f60}\u{597d}",
  ]) func `are not other languages, mathematics and emoji`(text: String) { #expect(rules("a.py", text + "\n") == []) }

  @Test func `are nothing in bytes that are no text`() {
    for content in [[0xe2], [0xe2, 0x80], [0xf0, 0x9f], [0xff, 0xc0, 0x80], [0xe2, 0x80, 0x41]] as [[UInt8]] {
      #expect(rules("a.c", content) == [])
    }
    let image: [UInt8] = [0xff, 0xd8, 0xff, 0xe0, 0x9a, 0x81, 0xe2, 0x80, 0xae, 0xfe, 0xb3]
    #expect(rules("photo.jpg", image) == [])
  }

  // MARK: Modes and files that steer

  @Test func `are files that become programs`() {
    let path = TreePath("tool.sh")
    func change(from old: FileMode?, to new: FileMode?) -> [String] {
      rules(
        ChangedFile(path: path, oldMode: old, newMode: new, content: [], added: AddedLines(path: path, runs: [])))
    }
    #expect(change(from: nil, to: .executable) == ["new-executable"])
    #expect(change(from: .file, to: .executable) == ["new-executable"])
    #expect(change(from: .executable, to: .executable) == [])
    #expect(change(from: .executable, to: .file) == [])
    #expect(change(from: .executable, to: nil) == [])
    #expect(change(from: nil, to: .submodule) == ["new-submodule"])
  }

  @Test(arguments: [
    (".sluice.yml", "policy-changed"), (".github/CODEOWNERS", "policy-changed"),
    (".github/workflows/ci.yml", "pipeline-changed"), (".gitlab-ci.yml", "pipeline-changed"),
    ("Jenkinsfile", "pipeline-changed"), (".circleci/config.yml", "pipeline-changed"),
    ("azure-pipelines.yml", "pipeline-changed"), ("docs/.gitattributes", "autorun-changed"),
    (".husky/pre-commit", "autorun-changed"),
  ]) func `are changes to what steers checks and machines, deletion too`(path: String, rule: String) {
    #expect(rules(path, "x: 1\n") == [rule])
    let gone = ChangedFile(
      path: TreePath(path), oldMode: .file, newMode: nil, content: [], added: AddedLines(path: TreePath(path), runs: [])
    )
    #expect(rules(gone) == [rule])
    #expect(rules("src/ci/\(path).txt", "x: 1\n") == [])
  }

  @Test(arguments: [
    ("a/link", "../b", false), ("a/link", "../../b", true), ("link", "..", true), ("link", "b/../..", true),
    ("link", "b/../c", false), ("link", "/etc/passwd", true), ("a/b/link", "../../c", false), ("link", ".", false),
    ("a/link", "../.git/config", true), ("a/link", "x/.GIT/hooks", true), ("link", "dir.git/a", false),
  ]) func `are symbolic links that leave the tree`(path: String, target: String, leaves: Bool) {
    #expect(rules(path, target, mode: .symlink) == (leaves ? ["symlink-escape"] : []))
  }

  @Test func `are submodules that come from elsewhere, and worse, run a command`() {
    #expect(
      rules(".gitmodules", "[submodule \"a\"]\n\tpath = a\n\turl = https://corp.io/a.git\n") == ["submodule-address"])
    #expect(rules(".gitmodules", "[submodule \"a\"]\n\turl = \"-u./payload\"\n") == ["submodule-command"])
    #expect(rules(".gitmodules", "\tURL=ext::sh -c true\n") == ["submodule-command"])
    #expect(rules(".gitmodules", "\tupdate = !sh\n") == ["submodule-command"])
    #expect(rules(".gitmodules", "[submodule \"a\"]\n\tpath = a\n\tbranch = main\n") == [])
  }

  // MARK: Findings

  @Test func `are bounded in number, printable, and told apart by file`() {
    let path = "\u{202e}.c"
    let files = (0..<300).map { ChangedFile(path: TreePath("\($0)\(path)"), mode: .executable, whole: [0]) }
    let findings = DangerousShapes.findings(in: files)
    #expect(findings.count == DangerousShapes.findingsMax)
    #expect(Set(findings.map(\.fingerprint)).count == findings.count)
    #expect(findings.allSatisfy { $0.message.utf8.allSatisfy { (32..<127).contains($0) } })
  }
}
