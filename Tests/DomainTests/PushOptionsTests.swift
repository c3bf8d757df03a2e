import Domain
import Testing

@Suite struct PushOptionsTests {
  @Test func `without options a push waits, at normal priority, for the default branch`() throws {
    let options = try PushOptions.parse([])
    #expect(options.waits && options.target == nil && !options.isCancel && !options.isJSON)
    #expect(options.submission == SubmissionOptions())
  }

  @Test func `all options are read`() throws {
    let options = try PushOptions.parse([
      "nowait", "priority=urgent", "target=release/1.0", "dry-run", "depends-on=task-1", "depends-on=sub-1-a",
      "format=json", "retry",
    ])
    #expect(!options.waits && options.isJSON && options.target == "release/1.0")
    #expect(
      options.submission
        == SubmissionOptions(priority: .urgent, isDryRun: true, isRetry: true, dependsOn: ["task-1", "sub-1-a"]))
    #expect(try PushOptions.parse(["cancel"]).isCancel)
  }

  @Test(arguments: [
    ["wait", "nowait"], ["priority=low", "priority=low"], ["target=a", "target=b"], ["wait", "wait"],
    ["depends-on=a", "depends-on=a"], ["cancel", "retry"], ["cancel", "depends-on=x"], ["priority=1"], ["priority="],
    ["priority"], ["priority=9223372036854775808"], ["priority=-1"], ["format=xml"], ["wait=1"], ["dry-run="],
    ["target="], ["target=main; rm -rf /"], ["target=refs/tags/x"], ["target=refs/heads/main"], ["target=../../x"],
    ["target=-x"], ["target=a\u{202E}b"], ["depends-on="], ["depends-on=a\nb"], ["depends-on=a\u{1b}[2J"], [""],
    ["Wait"], ["ttl=0"],
  ])
  func `an option that cannot be followed refuses the push`(options: [String]) {
    #expect(throws: Refusal.self) { try PushOptions.parse(options) }
    do { _ = try PushOptions.parse(options) } catch { #expect(error.category == .invalidPush) }
  }

  @Test func `an unknown option is answered with the known ones`() {
    do {
      _ = try PushOptions.parse(["prio=\u{1b}high"])
      Issue.record("taken")
    } catch {
      #expect(error.reason.hasPrefix("unknown push option prio=\\u{1b}high, known are wait, nowait, "))
      #expect(PushOptions.known.allSatisfy { error.reason.contains($0) })
    }
  }

  @Test func `eight options of a kibibyte are the most that is read`() throws {
    let eight = (0..<8).map { "depends-on=\($0)" }
    #expect(try PushOptions.parse(eight).submission.dependsOn.count == 8)
    #expect(throws: Refusal.self) { try PushOptions.parse(eight + ["wait"]) }
    #expect(throws: Refusal.self) { try PushOptions.parse([String(repeating: "x", count: 1025)]) }
  }
}
