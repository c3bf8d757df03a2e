import Domain
import PolicyFile
import Testing

@Suite struct PolicyFileTests {
  static let contract = """
    version: 1
    merge: squash                 # squash | merge | rebase
    queue:
      workers: 2                  # integrations at a time
      window: 20                  # how far ahead of main the train may reach
      batch: 8                    # most submissions tested as one
    setup:
      - run: pip install -r requirements.txt
        inputs: [requirements.txt]        # run again only when these change
        keep: [.venv]                     # carried from one integration to the next
    checks:
      tests:
        run: pytest --junitxml="$SLUICE_RESULTS/junit.xml"
        results: junit                    # junit | tap | sarif | exit
        inputs: ["**"]                    # what the verdict depends on; default: the whole tree
        timeout: 20m
        retries: 1                        # a pass on retry is a flake, recorded as one
      security: { run: 'bandit -r src -f sarif -o "$SLUICE_RESULTS/bandit.sarif"', results: sarif }
      speed:    { run: ./bench.sh, kind: performance, budget: { time: +5%, memory: +10% } }
    staging:                              # the deployment pipeline, on staging/<id>
      smoke: { run: ./smoke.sh, timeout: 5m }
    resolve:                              # automatic conflict resolution, by path
      CHANGELOG.md: union
      package-lock.json: npm install --package-lock-only
    limits: { files: 500, package: 1MiB, diff: 32MiB }
    sandbox: { network: none, memory: 4GiB }   # none | setup | all, where the administrator allows it
    notify:
      - webhook: https://hooks.example.org/sluice
        events: [integration_failed, deployment_success]
    """

  private func read(_ text: String) throws(PolicyError) -> Policy {
    try PolicyFile.read(Array(text.utf8), name: ".sluice.yml")
  }

  private func lines(_ text: String) -> [String] {
    do {
      _ = try read(text)
      return []
    } catch { return error.lines }
  }

  @Test func `the policy of the contract is read`() throws {
    let policy = try read(Self.contract)
    var setup = Policy.Setup(run: "pip install -r requirements.txt")
    setup.inputs = ["requirements.txt"]
    setup.keep = [".venv"]
    var tests = Policy.Check(name: "tests", run: "pytest --junitxml=\"$SLUICE_RESULTS/junit.xml\"")
    tests.results = .junit
    tests.timeout = .seconds(1200)
    tests.retries = 1
    var security = Policy.Check(
      name: "security", run: "bandit -r src -f sarif -o \"$SLUICE_RESULTS/bandit.sarif\"")
    security.results = .sarif
    security.kind = "security"
    var speed = Policy.Check(name: "speed", run: "./bench.sh")
    speed.kind = "performance"
    speed.budget = .init(time: 5, memory: 10)
    var smoke = Policy.Check(name: "smoke", run: "./smoke.sh")
    smoke.timeout = .seconds(300)
    var expected = Policy()
    expected.setup = [setup]
    expected.checks = [tests, security, speed]
    expected.staging = [smoke]
    expected.resolve = [
      .init(path: "CHANGELOG.md", method: .union),
      .init(path: "package-lock.json", method: .command("npm install --package-lock-only")),
    ]
    expected.notify = [
      .init(.webhook("https://hooks.example.org/sluice"), events: [.integrationFailed, .deploymentSuccess])
    ]
    #expect(policy == expected)
  }

  @Test func `what is not written has the default`() throws {
    var expected = Policy()
    expected.checks = [Policy.Check(name: "t", run: "true")]
    #expect(try read("version: 1\nchecks: {t: {run: true}}") == expected)
    #expect(try read("---\nversion: 1\nchecks:\n  t:\n    run: |\n      a\n      b\n...\n").checks[0].run == "a\nb\n")
  }

  @Test func `all values are taken over`() throws {
    let policy = try read(
      """
      version: 1
      merge: rebase
      queue: {workers: 4, window: 50, batch: 1}
      setup: [{run: make deps, timeout: 1h, keep: [node_modules/]}]
      checks: {a.b-c_1: {run: make, timeout: 90s, inputs: [src/**, docs/], kind: security, results: exit}}
      limits: {files: 7, package: 10KiB, diff: 1GiB}
      sandbox: {network: setup, memory: 512MiB}
      notify: [{webhook: "http://localhost:8080/x"}]
      """)
    #expect(policy.merge == .rebase && policy.queue.workers == 4 && policy.queue.window == 50)
    #expect(policy.queue.batch == 1 && policy.setup[0].timeout == .seconds(3600))
    #expect(policy.setup[0].keep == ["node_modules"] && policy.setup[0].inputs == ["**"])
    #expect(policy.checks[0].timeout == .seconds(90) && policy.checks[0].kind == "security")
    #expect(policy.limits.files == 7 && policy.limits.package == 10 << 10 && policy.limits.diff == 1 << 30)
    #expect(policy.sandbox.network == .setup && policy.sandbox.memory == 512 << 20)
    #expect(policy.notify[0].events == Policy.Notification.Occasion.allCases)
  }

  @Test func `a check is kept to its inputs where the policy says so`() throws {
    let text = "version: 1\nchecks: {a: {run: x, isolate: true}, b: {run: x, isolate: false}, c: {run: x}}"
    #expect(try read(text).checks.map(\.isolate) == [true, false, false])
    #expect(
      lines("version: 1\nchecks: {t: {run: x, isolate: True}}").first?.hasSuffix("expected true | false, found True")
        == true)
  }

  @Test func `everything that is wrong stands in one answer, in the order of the file`() {
    #expect(
      lines(
        """
        version: 2
        merge: fast
        chekcs: {}
        queue: {workers: 0, window: "20"}
        checks:
          tests: {run: "", timeout: 20 minutes, retries: -1}
          -x: {run: y}
          tests: {run: again}
        limits: {package: 10GBs}
        """) == [
          ".sluice.yml:1:10: version: expected 1, found 2",
          ".sluice.yml:2:8: merge: expected squash | merge | rebase, found fast",
          ".sluice.yml:3:1: unknown key \"chekcs\", known are version, merge, queue, setup, checks, staging, deliver, post_landing, rollback, resolve, security, limits, sandbox, notify",
          ".sluice.yml:4:18: queue.workers: expected an integer from 1 to 64, found 0",
          ".sluice.yml:4:29: queue.window: expected an integer from 1 to 1000, found \"20\"",
          ".sluice.yml:6:16: checks.tests.run: expected a command, found \"\"",
          ".sluice.yml:6:29: checks.tests.timeout: expected a time from 1s to 24h such as 90s, 20m or 1h, found 20 minutes",
          ".sluice.yml:6:50: checks.tests.retries: expected an integer from 0 to 10, found -1",
          ".sluice.yml:7:3: checks: expected a name of up to 64 letters, digits, '.', '_' and '-', beginning with a letter or digit, found \"-x\"",
          ".sluice.yml:8:3: expected each key once, found \"tests\" again",
          ".sluice.yml:9:19: limits.package: expected a size from 1KiB to 64MiB such as 10KiB, 32MiB or 4GiB, found 10GBs",
        ])
  }

  @Test(arguments: [
    ("", "1:1: expected a policy with version and checks, found nothing"),
    ("# nothing\n", "1:1: expected a policy with version and checks, found nothing"),
    ("---\n", "1:1: expected a policy with version and checks, found nothing"),
    ("- a", "1:1: expected a mapping of version, "), ("text", "1:1: expected a mapping of version, "),
    ("checks: {t: {run: x}}", "1:1: version: expected a value, found nothing"),
    ("version: 1", "1:1: checks: expected a value, found nothing"),
    (
      "version: 1\nchecks: {}",
      "2:9: checks: expected a mapping of 1 to 100 checks by their names, found an empty mapping"
    ),
    ("version: 1\nchecks:", "2:8: checks: expected a mapping of 1 to 100 checks by their names, found nothing"),
    ("version: 1.0\nchecks: {t: {run: x}}", "1:10: version: expected 1, found 1.0"),
    ("version: \"1\"\nchecks: {t: {run: x}}", "1:10: version: expected 1, found \"1\""),
    ("version: 1\nchecks: [t]", "2:9: checks: expected a mapping of 1 to 100 checks by their names, found a list of 1"),
    ("version: 1\nchecks: {t: x}", "2:13: checks.t: expected a mapping of run, "),
    ("version: 1\nchecks: {t: {results: tap}}", "2:13: checks.t.run: expected a value, found nothing"),
    ("version: 1\nchecks: {t: {run: x}}\ndeliver: {}", "3:10: deliver.contexts: expected a value, found nothing"),
    (
      "version: 1\nchecks: {t: {run: x}}\ndeliver: {contexts: []}", "3:21: deliver.contexts: expected a list of 1 to 20"
    ),
    (
      "version: 1\nchecks: {t: {run: x}}\ndeliver: {contexts: [a, ' b']}",
      "3:25: deliver.contexts[1]: expected a context"
    ),
    (
      "version: 1\nchecks: {t: {run: x}}\ndeliver: {contexts: [a, a]}",
      "3:21: deliver.contexts: expected each context once"
    ),
    (
      "version: 1\nchecks: {t: {run: x}}\ndeliver: {contexts: [a], timeout: 0s}",
      "3:35: deliver.timeout: expected a time"
    ),
    (
      "version: 1\nchecks: {t: {run: x}}\ndeliver: {contexts: [a], context: [a]}",
      "3:26: deliver: unknown key \"context\""
    ),
    (
      "version: 1\nchecks: {t: {run: x}}\nrollback: {watch: 721h}",
      "3:19: rollback.watch: expected a time from 1s to 720h"
    ),
    ("version: 1\nchecks: {t: {run: x}}\nrollback: {watched: 1h}", "3:12: rollback: unknown key \"watched\""),
    ("version: 1\nchecks: {t: {run: ~}}", "2:19: checks.t.run: expected a command, found nothing"),
    ("version: 1\nchecks: {t: {run: [a]}}", "2:19: checks.t.run: expected a command, found a list of 1"),
    ("version: 1\nchecks: {t: {run: \"a\\0b\"}}", "2:19: checks.t.run: expected a command, found \"a\\u{0}b\""),
    (
      "version: 1\nchecks: {t: {run: x, budget: {time: +5%}}}",
      "2:30: checks.t.budget: expected kind: performance with it"
    ),
    (
      "version: 1\nchecks: {t: {run: x}}\nstaging: {s: {run: x, kind: performance, budget: {time: +5%}}}",
      "3:50: staging.s.budget: expected it under checks"
    ),
    (
      "version: 1\nchecks: {t: {run: x, kind: performance, budget: {}}}",
      "2:49: checks.t.budget: expected a mapping of 1 to 10 percentages by time, memory or the name of a metric"
    ),
    (
      "version: 1\nchecks: {t: {run: x, kind: performance, budget: {p95: fast}}}",
      "2:55: checks.t.budget.p95: expected a percentage above 0% and up to 1000% such as +5%, found fast"
    ),
    ("version: 1\nversion: 1\nchecks: {t: {run: x}}", "2:1: expected each key once, found \"version\" again"),
    ("version: 1\nchecks: {t: &a {run: x}}", "2:13: expected no anchors"),
    ("version: 1\nchecks: {t: {run: x}, u: *a}", "2:26: expected no aliases"),
    ("version: !!int 1\nchecks: {t: {run: x}}", "1:10: expected no tags"),
    ("version: 1\nchecks: {t: {run: !!python/object:x y}}", "2:19: expected no tags"),
    ("version: 1\nchecks: {t: {run: x}}\n---\nversion: 1\n", "3:1: expected one document, found another"),
    ("version: 1\n? [a]\n: b\n", "2:3: expected a name before the colon"),
    (
      "version: 1\nchecks: {t: {run: x}", "3:1: not YAML: did not find expected ',' or '}' while parsing a flow mapping"
    ),
    ("version: 1\nchecks:\n\tt: x", "3:1: not YAML: found character that cannot start any token"),
    ("version: 1\nmerge: a\u{1}b", "2:9: not YAML: control characters are not allowed"),
    ("\u{FEFF}version: 1", "1:1: expected UTF-8 without a byte order mark"),
  ])
  func `a file that is no policy is refused with its place`(text: String, sentence: String) {
    #expect(lines(text).first?.hasPrefix(".sluice.yml:" + sentence) == true, "\(lines(text))")
  }

  @Test(arguments: [
    "checks: {t: {run: x, timeout: 0s}}", "checks: {t: {run: x, timeout: 0}}", "checks: {t: {run: x, timeout: 20}}",
    "checks: {t: {run: x, timeout: -5m}}", "checks: {t: {run: x, timeout: 1000000000000s}}",
    "checks: {t: {run: x, timeout: 25h}}", "checks: {t: {run: x, timeout: 1.5h}}", "checks: {t: {run: x, timeout: m}}",
    "checks: {t: {run: x, timeout: 9999999999999999999h}}", "checks: {t: {run: x, timeout: 05m}}",
    "checks: {t: {run: x, retries: 11}}", "checks: {t: {run: x, retries: 1.0}}", "checks: {t: {run: x, results: xml}}",
    "checks: {t: {run: x, isolate: yes}}", "checks: {t: {run: x, isolate: \"true\"}}",
    "checks: {t: {run: x, isolate: 1}}", "checks: {t: {run: x, isolate: }}", "checks: {t: {run: x, isolated: true}}",
    "checks: {t: {run: x, kind: fast}}", "checks: {t: {run: x, inputs: []}}", "checks: {t: {run: x, inputs: \"**\"}}",
    "checks: {t: {run: x, inputs: [/etc/**]}}", "checks: {t: {run: x, inputs: [../x]}}",
    "checks: {t: {run: x, inputs: [\"!x\"]}}", "checks: {\"\": {run: x}}", "checks: {a b: {run: x}}",
    "checks: {../t: {run: x}}", "checks: {é: {run: x}}", "checks: {t: {run: x, kind: performance, budget: {time: 0%}}}",
    "checks: {t: {run: x, kind: performance, budget: {time: -5%}}}",
    "checks: {t: {run: x, kind: performance, budget: {time: 5}}}",
    "checks: {t: {run: x, kind: performance, budget: {time: 1000.1%}}}",
    "limits: {package: 0MiB}", "limits: {package: 1}", "limits: {package: -1MiB}", "limits: {package: 1MB}",
    "limits: {package: 65MiB}", "limits: {diff: 2GiB}", "limits: {diff: 999999999999999GiB}", "limits: {files: 0}",
    "limits: {files: 1000000000000}", "limits: {depth: 3}", "sandbox: {memory: 1MiB}", "sandbox: {memory: 2000GiB}",
    "sandbox: {network: host}", "queue: {batch: 0}", "queue: {lanes: 2}", "queue: []", "setup: {run: x}",
    "setup: [{keep: [a]}]", "setup: [{run: x, keep: [../a]}]", "setup: [{run: x, keep: [\"*\"]}]",
    "resolve: {../x: union}", "resolve: {x: }", "resolve: []", "notify: [{events: [integration_failed]}]",
    "notify: [{command: /bin/true}]", "notify: [{mail: a@example.org}]",
    "notify: [{webhook: https://x, slack: https://y}]",
    "notify: [{webhook: ftp://x}]", "notify: [{webhook: \"https://\"}]", "notify: [{webhook: \"https://a b\"}]",
    "notify: [{webhook: https://x, events: [landed]}]", "notify: [{webhook: https://x, events: []}]", "merge: [squash]",
    "staging: {smoke: {run: x, on: y}}", "<<: {merge: squash}",
  ])
  func `a value that cannot be meant is refused`(line: String) {
    let checks = line.hasPrefix("checks") ? "" : "checks: {t: {run: x}}\n"
    #expect(lines("version: 1\n\(checks)\(line)\n").count == 1)
  }

  @Test func `a budget may name whatever a check measures itself`() throws {
    let policy = try read(
      "version: 1\nchecks: {t: {run: x, kind: performance, budget: {p95: +3%, memory: 10%, peak rate: 2.5%}}}")
    #expect(
      policy.checks.first?.budget
        == .init(memory: 10, metrics: [.init(name: "p95", percent: 3), .init(name: "peak rate", percent: 2.5)]))
  }

  @Test func `bytes that are not UTF-8 are refused with their place`() {
    #expect(throws: PolicyError.self) {
      try PolicyFile.read(Array("version: 1\nmerge: ".utf8) + [0xFF], name: "x")
    }
    do { _ = try PolicyFile.read(Array("version: 1\nmerge: ".utf8) + [0xFF], name: "x") } catch {
      #expect(error.lines == ["x:2:8: expected UTF-8"])
    }
  }

  @Test func `a policy that grows when it is read costs no more than its text`() {
    let bomb = "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n"
    #expect(lines(bomb).first?.contains("expected no aliases") == true)
    let deep = "version: 1\nchecks: " + String(repeating: "[", count: 100_000)
    let started = ContinuousClock.now
    #expect(lines(deep).first?.contains("expected nesting of at most 16") == true)
    #expect(lines(String(repeating: "a: {b: [", count: 30_000)).count == 1)
    #expect(lines(String(repeating: "? ", count: 100_000)).count == 1)
    #expect(
      lines("version: 1\n" + String(repeating: "x", count: 256 << 10)).first?.contains("at most 262144 bytes") == true)
    #expect(lines((0..<20_000).map { "k\($0): 1" }.joined(separator: "\n")).count == PolicyError.problemsMax)
    #expect(ContinuousClock.now - started < .seconds(5))
  }

  @Test func `three thousand damaged policies are read or refused, each problem inside its file`() {
    var random = SystemRandomNumberGenerator()
    let pieces = [
      "\n", " ", ":", "- ", "{", "}", "[", "]", "\"", "'", "&a ", "*a", "!t ", "#", "%", "|", "? ", "\t", "~", "é", "0",
    ]
    for _ in 0..<3000 {
      var text = Self.contract.map(String.init)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<text.count, using: &random)
        text[place] = Bool.random(using: &random) ? "" : pieces[Int.random(in: 0..<pieces.count, using: &random)]
      }
      let damaged = text.joined()
      do { _ = try read(damaged) } catch {
        #expect((1...PolicyError.problemsMax).contains(error.problems.count), "\(damaged)")
        #expect(error.problems.allSatisfy { (1...120).contains($0.line) && $0.column >= 1 }, "\(damaged)")
      }
    }
  }

  @Test func `what is shown of a file is printable`() {
    let all = lines("version: 1\n\"\\e[2J\": \"\\u202e\"\nchecks: {t: {run: x, kind: \"\\e\"}}")
    #expect(all.count == 2)
    #expect(!all.joined().unicodeScalars.contains(where: Printable.isUnsafe))
  }

  @Test func `the upstream is not named by a policy`() {
    let error = #expect(throws: PolicyError.self) {
      try read("version: 1\nchecks:\n  tests: { run: make }\ndeliver: { upstream: 'ssh://git@h/x' }\n")
    }
    #expect("\(error.map { "\($0)" } ?? "")".contains("deliver.upstream: the upstream is the administrator's to name"))
  }
}
