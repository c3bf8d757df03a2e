import Domain
import Foundation
import Testing

@Suite struct CheckStories {
  /// What a check does, how the submission ends, and what the pusher reads.
  struct Row: Sendable {
    let name: String
    let check: String
    let category: String?
    let words: [String]

    init(_ name: String, _ check: String, _ category: String?, _ words: String...) {
      self.name = name
      self.check = check
      self.category = category
      self.words = words
    }
  }

  private static let pass = "<testsuite><testcase name=\"t\"/></testsuite>"

  static let rows: [Row] = [
    Row("exit 0", "run: 'true'", nil), Row("exit 1", "run: 'false'", "test_failures"),
    Row("exit 77", "run: 'exit 77'", "test_failures", "77"), Row("exit 255", "run: 'exit 255'", "test_failures", "255"),
    Row("killed by a signal", "run: 'kill -9 $$'", "test_failures"),
    Row("no such command", "run: 'no-such-command-here'", "not_run"),
    Row("never ends", "run: 'while :; do :; done', timeout: 1s", "timed_out"),
    Row("ignores signals", "run: 'trap \"\" TERM INT HUP; while :; do :; done', timeout: 1s", "timed_out"),
    Row("no result file", "run: 'true', results: junit", "not_run", "SLUICE_RESULTS"),
    Row("a result file that is none", "run: 'echo nonsense > $SLUICE_RESULTS/junit.xml', results: junit", "not_run"),
    Row("no tests in it", "run: 'echo \"<testsuite/>\" > $SLUICE_RESULTS/junit.xml', results: junit", "not_run"),
    Row(
      "says ok, exits 1",
      "run: 'echo \"\(pass.replacing("\"", with: "\\\""))\" > $SLUICE_RESULTS/j.xml; exit 1', results: junit",
      "test_failures"),
    Row(
      "a passing report",
      "run: 'echo \"\(pass.replacing("\"", with: "\\\""))\" > $SLUICE_RESULTS/j.xml', results: junit", nil,
      "1 passed, 0 failed"),
    Row("a result that points out", "run: 'ln -s /etc/passwd $SLUICE_RESULTS/junit.xml', results: junit", "not_run"),
    Row("a daemon that keeps the output open", "run: 'sleep 1000 & true'", nil),
    Row(
      "a flood", "run: 'head -c 60000000 /dev/zero | tr \"\\0\" x; echo; yes | head -c 60000000; exit 1'",
      "test_failures"),
    Row(
      "a terminal's escapes", "run: 'printf \"\\033]52;c;aGk=\\007\\033[2J\\rsuccess: landed on main\\n\"; exit 1'",
      "test_failures"),
    Row("a pass at the second try", "run: 'test $SLUICE_ATTEMPT = 2', retries: 1", nil, "flaky"),
    Row("a fork bomb", "run: 'f() { f | f & }; f; sleep 1000', timeout: 2s", "timed_out"),
  ]

  @Test(arguments: rows)
  func `a check's end is told for what it is`(row: Row) async throws {
    let policy = "version: 1\nchecks:\n  check: { \(row.check) }\n"
    // The canary is judged by the same check, so it is left out where nothing can pass.
    try await World.run(.judged(by: policy), canary: row.category == nil) { world in
      let push = try await world.client.submit(Work("work", ["a.txt": "work\n"]))
      if let category = row.category {
        push.expectRefused([category], row.words, row: row.name)
        #expect(push.text.utf8.count < 16_384, "\(row.name): \(push.text.utf8.count) bytes")
      } else {
        _ = try await push.expectLanded(in: world, row: row.name)
        for word in row.words { #expect(push.text.contains(word), "\(row.name): no '\(word)': \(push)") }
      }
    }
  }

  @Test func `a check sees its tree, its results and nothing else`() async throws {
    let look = """
      set -u
      {
        env | sort
        id -u
        ls -a / /home /root /tmp "$HOME" 2>&1
        cat /proc/1/environ /proc/1/cmdline | tr '\\0' '\\n'
        git -C . rev-parse --git-dir 2>&1
        ls GATE/.. 2>&1
        (: > /usr/written) 2>&1
        (exec 3<>/dev/tcp/127.0.0.1/22) 2>&1
        sed -n 's/^ *\\([a-z0-9]*\\):.*/interface \\1/p' /proc/net/dev
        ls -l /proc/self/fd
        unshare -Ur true 2>&1
      } > seen.txt
      cat seen.txt
      exit 1

      """
    let policy = "version: 1\nchecks:\n  look: { run: 'bash look.sh' }\n"
    let base = Base.judged(by: policy, adding: ["look.sh": .text(look)])
    try await World.run(base, canary: false) { world in
      let push = try await world.client.submit(Work("look", ["a.txt": "look\n"]))
      push.expectRefused("test_failures")
      let log = try Self.log(of: "look", in: world)
      #expect(!log.contains(world.server.secret), "\(log)")
      #expect(!log.contains(world.server.repository), "\(log)")
      let names = Set(log.matches(of: #/(?m)^([A-Za-z_][A-Za-z_0-9]*)=/#).map { String($0.1) })
      #expect(
        names.isSubset(of: [
          "CI", "HOME", "LANG", "PATH", "PWD", "SHLVL", "SLUICE_ATTEMPT", "SLUICE_RESULTS", "TMPDIR", "_", "OLDPWD",
        ]), "\(names)")
      #expect(
        names.isSuperset(of: ["CI", "HOME", "LANG", "PATH", "SLUICE_ATTEMPT", "SLUICE_RESULTS", "TMPDIR"]), "\(names)")
      #expect(!log.contains("\n0\n"), "a check runs as root: \(log)")
      let interfaces = log.split(separator: "\n").filter { $0.hasPrefix("interface ") }
      #expect(interfaces == ["interface lo"], "\(log)")
      #expect(!FileManager.default.fileExists(atPath: "/usr/written"))
    }
  }

  @Test func `what a check writes is gone with it`() async throws {
    let run =
      "test ! -e left && test ! -e /tmp/left && test ! -e $HOME/left && touch left /tmp/left $HOME/left && rm a.txt"
    try await World.run(.judged(by: Base.policy(run: run, results: "exit"))) { world in
      for name in ["one", "two", "three"] {
        _ = try await world.client.submit(Work(name, [name: "x\n"])).expectLanded(in: world, row: name)
      }
      #expect(try await world.server.file("left") == nil)
      #expect(try await world.server.file("a.txt") != nil)
    }
  }

  @Test func `a check never reaches the repository, whatever the tree tells git`() async throws {
    let policy = Base.policy(run: "sh test.sh", "staging:\n  smoke: { run: 'true' }\n")
    let base = Base.judged(by: policy).with {
      $0.config = [
        ("filter.evil.smudge", "touch GATE/probe; cat"), ("filter.evil.clean", "touch GATE/probe; cat"),
        ("merge.evil.driver", "touch GATE/probe"),
      ]
    }
    try await World.run(base) { world in
      for (key, value) in [
        ("filter.evil.smudge", "touch \(world.gate)/probe; cat"), ("merge.evil.driver", "touch \(world.gate)/probe"),
      ] {
        try await world.server.git("config", "--replace-all", key, value)
      }
      let attributes = "*.txt filter=evil merge=evil\ncases/* export-ignore\nf filter=lfs\n*.md merge=union ident\n"
      let work = Work(
        "attributes",
        [
          ".gitattributes": .text(attributes), "f": "version https://git-lfs\n",
          "a.txt": .text("top\n" + Base.lines(of: "a")),
        ])
      let base = try await world.client.fetch()
      _ = try await world.client.submit(work).expectLanded(in: world)
      // Both sides change one file, so that a merge driver would be asked.
      let merged = Work("merged", ["a.txt": .text(Base.lines(of: "a") + "bottom\n")]).with { $0.parent = base }
      _ = try await world.client.submit(merged).expectLanded(in: world)
      #expect(!FileManager.default.fileExists(atPath: world.gate + "/probe"))
      // export-ignore hides no test.
      try await world.client.submit(Work("bad", ["cases/one": "FAIL\n"])).expectRefused("regression_detected")
    }
  }

  @Test func `union by the tree's own word hides no conflict`() async throws {
    let base = Base.judged(by: Base.policy(), adding: [".gitattributes": "*.txt merge=union\n"])
    try await World.run(base) { world in
      let start = try await world.client.fetch()
      _ = try await world.client.submit(Work("one", ["a.txt": "one\n"])).expectLanded(in: world)
      let two = Work("two", ["a.txt": "two\n"]).with { $0.parent = start }
      try await world.client.submit(two).expectRefused("merge_conflicts", "a.txt")
    }
  }

  @Test func `setup prepares the tree for the checks, and its failure is no verdict on them`() async throws {
    let policy = "version: 1\nsetup:\n  - run: 'sh setup.sh'\nchecks:\n  tests: { run: 'test -e made' }\n"
    let base = Base.judged(by: policy, adding: ["setup.sh": "test ! -e broken && touch made\n"])
    try await World.run(base) { world in
      _ = try await world.client.submit(Work("good", ["a.txt": "good\n"])).expectLanded(in: world)
      let push = try await world.client.submit(Work("bad", ["broken": "x\n"]))
      push.expectRefused(["not_run", "test_failures"], ["setup"], row: "setup")
    }
  }

  @Test func `a failed deployment leaves the target alone`() async throws {
    let base = Base.judged(by: Base.policy("staging:\n  smoke: { run: 'test ! -e smoke' }\n"))
    try await World.run(base) { world in
      let before = try await world.server.tip()
      let push = try await world.client.submit(Work("smoke", ["smoke": "x\n"]))
      push.expectRefused("deployment_failed", "smoke")
      #expect(try await world.server.tip() == before)
      _ = try await world.client.submit(Work("clean", ["clean": "x\n"])).expectLanded(in: world)
    }
  }

  @Test func `a check that cannot be sandboxed is not run, and nothing lands`() async throws {
    let base = Base().with { $0.config = [("sluice.sandboxUser", "nobody-of-that-name")] }
    guard getuid() == 0 else { return }
    try await World.run(base, canary: false) { world in
      let before = try await world.server.tip()
      let push = try await world.client.submit(Work("work", ["a.txt": "work\n"]))
      push.expectRefused(["not_run", "infrastructure"], ["nobody-of-that-name"], row: "user")
      #expect(try await world.server.tip() == before)
      try await world.server.git("config", "--unset", "sluice.sandboxUser")
    }
  }

  @Test func `the administrator's toolchain is seen and on the path`() async throws {
    try await World.run(.judged(by: Base.policy(run: "tool-of-ours", results: "exit"))) { world in
      try FileManager.default.createDirectory(atPath: world.gate + "/bin", withIntermediateDirectories: false)
      try TestServer.write("#!/bin/sh\nexit 0\n", to: world.gate + "/bin/tool-of-ours", executable: true)
      _ = try await world.client.submit(Work("tool", ["a.txt": "tool\n"])).expectLanded(in: world)
    }
  }

  @Test func `the same inputs are not tested twice`() async throws {
    let policy = "version: 1\nchecks:\n  cases: { run: 'sh test.sh', results: junit, inputs: [cases/**, test.sh] }\n"
    try await World.run(.judged(by: policy)) { world in
      _ = try await world.client.submit(Work("one", ["cases/three": "fine\n"])).expectLanded(in: world)
      let second = try await world.client.submit(Work("two", ["a.txt": "two\n"]))
      _ = try await second.expectLanded(in: world)
      #expect(second.text.contains("(known)"), "\(second)")
      let log = try await world.server.sluice("log", second.submissions.first ?? "")
      #expect(log.status == 0, "\(log.text)")
    }
  }

  private static func log(of check: String, in world: World) throws -> String {
    let folder = world.server.repository + "/sluice/logs"
    let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    let file = try #require(files.first { $0.hasSuffix("/\(check).log") }, "\(files)")
    return String(decoding: FileManager.default.contents(atPath: "\(folder)/\(file)") ?? Data(), as: UTF8.self)
  }
}

extension CheckStories.Row: CustomTestStringConvertible {
  var testDescription: String { name }
}
