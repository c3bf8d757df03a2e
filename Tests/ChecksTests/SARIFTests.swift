import Domain
import Testing

@testable import Checks

@Suite struct `SARIF` {
  @Test func `tells findings with the severity of the rule, of the level, or of neither`() throws {
    let scan = try read(
      rules: """
        {"id":"sql","properties":{"security-severity":"9.1"}},{"id":"hash","properties":{"security-severity":7}},
        {"id":"note","defaultConfiguration":{"level":"note"}},{"id":"plain"}
        """,
      results: """
        {"ruleId":"sql","ruleIndex":0,"level":"error","message":{"text":"built from input"},
         "locations":[{"physicalLocation":{"artifactLocation":{"uri":"src/a%20b.py"},"region":{"startLine":7}}}]},
        {"rule":{"index":1},"message":{"text":"weak"}},{"ruleId":"note/1","message":{"text":"a note"}},
        {"ruleId":"plain","message":{"text":"a warning"}},{"ruleId":"other","level":"error","message":{"text":"an error"}},
        {"ruleId":"plain","level":"none","message":{"text":"nothing"}},
        {"ruleId":"plain","kind":"pass","message":{"text":"fine"}}
        """)
    #expect(scan.findings.map(\.severity) == [.critical, .high, .low, .medium, .high])
    #expect(scan.findings.map(\.rule) == ["sql", "hash", "note/1", "plain", "other"])
    let first = try #require(scan.findings.first)
    #expect(first.path == "src/a b.py" && first.line == 7 && first.message == "built from input")
    #expect(scan.resultCount == 7)
  }

  @Test func `what is suppressed, and what is gone, is no finding`() throws {
    func count(_ member: String) throws -> Int {
      try read(results: #"{"ruleId":"a","message":{"text":"x"},\#(member)}"#).findings.count
    }
    #expect(try count(#""suppressions":[{"kind":"inSource"}]"#) == 0)
    #expect(try count(#""suppressions":[{"kind":"external","status":"accepted"}]"#) == 0)
    #expect(try count(#""suppressions":[{"kind":"external","status":"underReview"}]"#) == 1)
    #expect(try count(#""suppressions":[{"kind":"inSource"},{"kind":"external","status":"rejected"}]"#) == 1)
    #expect(try count(#""suppressions":[{"kind":"wishful"}]"#) == 1)
    #expect(try count(#""suppressions":[]"#) == 1)
    #expect(try count(#""baselineState":"absent""#) == 0)
    #expect(try count(#""baselineState":"unchanged""#) == 1)
  }

  @Test func `a finding is known again where its lines have moved`() throws {
    func prints(_ results: String...) throws -> [String] {
      try read(results: results.joined(separator: ",")).findings.map(\.fingerprint)
    }
    func result(_ line: Int, _ more: String = "") -> String {
      """
      {"ruleId":"r","message":{"text":"used at line \(line)"}\(more),
       "locations":[{"physicalLocation":{"artifactLocation":{"uri":"a.c"},"region":{"startLine":\(line)}}}]}
      """
    }
    #expect(try prints(result(7)) == prints(result(128)))
    // One more of the same is one more.
    #expect(try prints(result(7), result(9)).count == 2)
    #expect(try Set(prints(result(7), result(9))).isSuperset(of: prints(result(3))))
    #expect(try Set(prints(result(7), result(9))).count == 2)
    let partial = #","partialFingerprints":{"primaryLocationLineHash":"abc:1"}"#
    #expect(try prints(result(7, partial)) == ["r a.c primaryLocationLineHash=abc:1"])
    #expect(try prints(result(7, partial + #","fingerprints":{"v1":"f00"}"#)) == ["r v1=f00"])
  }

  @Test func `places are found below the tree, and nowhere else`() throws {
    func path(_ location: String, run: String = "") throws -> String? {
      let location = #"{"physicalLocation":{"artifactLocation":{\#(location)}}}"#
      return try read(results: #"{"ruleId":"r","message":{"text":"x"},"locations":[\#(location)]}"#, run: run).findings
        .first?.path
    }
    #expect(try path(#""uri":"./src/a.c""#) == "src/a.c")
    #expect(try path(#""uri":"file:///build/src/a.c""#) == "src/a.c")
    #expect(try path(#""uri":"/build/src/a.c""#) == "src/a.c")
    #expect(try path(#""uri":"file:///usr/include/a.h""#) == nil)
    #expect(try path(#""uri":"../../etc/passwd""#) == nil)
    #expect(try path(#""uri":"https://example.org/a.c""#) == nil)
    #expect(try path(#""uri":"a%FF""#) == nil)
    #expect(
      try path(
        #""uri":"a.c","uriBaseId":"ROOT""#, run: #","originalUriBaseIds":{"ROOT":{"uri":"file:///build/lib/"}}"#)
        == "lib/a.c")
    #expect(try path(#""uri":"a.c","uriBaseId":"%SRCROOT%""#) == "a.c")
    #expect(try path(#""index":0"#, run: #","artifacts":[{"location":{"uri":"x.c"}}]"#) == "x.c")
    #expect(
      try path(#""uri":"a","uriBaseId":"R""#, run: #","originalUriBaseIds":{"R":{"uri":"b","uriBaseId":"R"}}"#) != nil)
  }

  @Test func `messages are made of the rule's words, and are safe to print`() throws {
    let scan = try read(
      rules: #"{"id":"r","messageStrings":{"default":{"text":"{0} calls {1}"}},"shortDescription":{"text":"short"}}"#,
      results: #"""
        {"ruleId":"r","message":{"id":"default","arguments":["main","gets"]}},{"ruleId":"r","message":{}},
        {"ruleId":"x\u001b[31m","message":{"text":"red \u001b[31malert\u001b[0m\u202e\nsecond line"}}
        """#)
    #expect(scan.findings.map(\.message) == ["main calls gets", "short", "red alert"])
    #expect(scan.findings.last?.rule == "x\\u{1b}[31m")
  }

  @Test(arguments: [
    (#"{"version":"2.0.0","runs":[{"results":[]}]}"#, "it is no SARIF of version 2.1"),
    ("[]", "it is no SARIF of version 2.1"),
    (#"{"version":"2.1.0","runs":[]}"#, "it holds no run of a scanner"),
    (#"{"version":"2.1.0","runs":[{}]}"#, "a run in it has no results: nothing was looked at"),
    (#"{"version":"2.1.0","runs":[{"results":[7]}]}"#, "a result in it is no object"),
    (
      #"{"version":"2.1.0","runs":[{"results":[],"invocations":[{"executionSuccessful":false,"toolExecutionNotifications":[{"message":{"text":"no\u001b[1m rules\nx"}}]}]}]}"#,
      "the scanner says that it did not succeed: no rules"
    ),
    (
      #"{"version":"2.1.0","#,
      "it is not JSON (line 1, column 20: expected a member's name in double quotes, found the end of the text)"
    ),
    (
      String(repeating: "[", count: 100),
      "it is not JSON (line 1, column 65 (\(String(repeating: "/0", count: 60))…): expected nesting of at most 64, found deeper nesting)"
    ),
  ]) func `what is no answer is refused`(text: String, reason: String) {
    var scan = ScanReport()
    #expect(throws: ResultError(reason)) { try SARIFReader.read(Array(text.utf8), into: &scan) }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a large rule that everything names, and long words, are read once`() throws {
    let long = String(repeating: "x", count: 1_000_000)
    let members = (1...20_000).map { "\"m\($0)\":1" }.joined(separator: ",")
    let result =
      #"{"ruleIndex":0,"message":{"id":"d"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a","uriBaseId":"B"}}}]}"#
    let scan = try read(
      rules: #"{"id":"r",\#(members),"messageStrings":{"d":{"text":"\#(long)"}}}"#,
      results: Array(repeating: result, count: 5_000).joined(separator: ","),
      run: #","originalUriBaseIds":{"B":{"uri":"\#(long)"}}"#)
    #expect(scan.findings.count == 5_000 && scan.findings.first?.path == "a")
    #expect(scan.findings.first?.message.count == 301)
  }

  @Test func `more findings than can be compared are refused`() throws {
    let result = #"{"ruleId":"r","message":{"text":"x"}}"#
    let most = Array(repeating: result, count: CheckResult.findingsMax)
    #expect(try read(results: most.joined(separator: ",")).findings.count == 10_000)
    #expect(throws: ResultError("it tells of more than 10000 findings")) {
      try read(results: (most + [result]).joined(separator: ","))
    }
  }

  private static let empty = #"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"s"}},"results":[]}]}"#
  private static let one =
    #"{"version":"2.1.0","runs":[{"results":[{"ruleId":"r","level":"error","message":{"text":"x"}}]}]}"#
  private static let suppressed =
    #"{"version":"2.1.0","runs":[{"results":[{"ruleId":"r","message":{"text":"x"},"suppressions":[{"kind":"inSource"}]}]}]}"#

  @Test(
    arguments: [
      (empty, "", .passed, nil), (suppressed, "exit 1", .passed, nil),
      (one, "", .failed, "found 1 problem: 1 high"), (one, "exit 1", .failed, "found 1 problem: 1 high"),
      (
        one, "echo usage; exit 2", .notRun,
        "its exit status 2 is not one of a scanner that has done its work (0 or 1): usage"
      ),
      (one, "kill -9 $$", .notRun, "its exit status 137 is not one of a scanner that has done its work (0 or 1)"),
      (empty, "exit 1", .notRun, "its exit status is 1, and yet its SARIF files hold no results"),
      (
        "{", "exit 1", .notRun,
        "a.sarif: it is not JSON (line 2, column 1: expected a member's name in double quotes, found the end of the text)"
      ),
      (one, "rm $SLUICE_RESULTS/a.sarif", .notRun, "it wrote no *.sarif or *.sarif.json file into $SLUICE_RESULTS"),
      (empty, "cp $SLUICE_RESULTS/a.sarif $SLUICE_RESULTS/b.sarif.json", .passed, nil),
    ] as [(String, String, Verdict, String?)]) func `findings decide, where the scanner has done its work`(
      file: String, command: String, verdict: Verdict, reason: String?
    ) throws
  {
    let world = try World()
    let worktree = try world.worktree(["a.sarif": .file(file + "\n")])
    let result = world.run("cp a.sarif $SLUICE_RESULTS; \(command)", on: worktree) { $0.results = .sarif }
    #expect(result?.verdict == verdict)
    #expect(result?.reason == reason)
    #expect((result?.findings.isEmpty == false) == (verdict == .failed))
  }

  @discardableResult
  private func read(rules: String = "", results: String, run: String = "") throws -> ScanReport {
    let text = """
      {"version":"2.1.0","runs":[{"tool":{"driver":{"name":"scanner","rules":[\(rules)]}},"results":[\(results)]\(run)}]}
      """
    var scan = ScanReport()
    try SARIFReader.read(Array(text.utf8), into: &scan)
    return scan
  }
}
