import Domain
import Foundation
import Testing

/// Performance checks measured beside the base. What they measure is written in the tree, so that a story says what happens.
@Suite struct PerformanceStories {
  /// A check that sleeps as the file `pace` says, or writes what `bench.sh` says.
  private static func base(_ check: String, _ files: [String: Work.Content]) -> Base {
    .judged(by: "version: 1\nchecks:\n  speed: { \(check), kind: performance }\n", adding: files)
  }

  private static let sleeping = "run: 'sleep $(cat pace)', inputs: [pace]"
  private static let metrics =
    "cat cost-* rate | { read a; read b; read r; printf '[{\"name\":\"cost\",\"value\":%s},{\"name\":\"rate\",\"value\":%s,\"better\":\"higher\"}]' $((a + b)) $r > $SLUICE_RESULTS/metrics.json; }\n"
  private static let measuring = base(
    "run: 'sh bench.sh', inputs: [bench.sh, cost-*, rate], budget: { cost: +10%, rate: +10% }",
    ["bench.sh": .text(metrics), "cost-a": "500\n", "cost-b": "500\n", "rate": "1000\n"])

  private func report(_ push: Push, in world: World) async throws -> JSONValue {
    try await world.server.json("show", try #require(push.integrations.last))
  }

  private func impact(_ report: JSONValue) -> JSONValue? { report["integration_results"]?["performance_impact"] }

  @Test func `a slowdown by a third is refused with its numbers, the noise and the budget`() async throws {
    let base = Self.base("\(Self.sleeping), budget: { time: +5% }", ["pace": "0.3\n"])
    try await World.run(base) { world in
      let push = try await world.client.submit(Work("slow", ["pace": "0.43\n"]))
      push.expectRefused(
        "performance_degradation", "speed is beyond its budget: time +", "% confidence", "pairs of runs",
        "s on the base", "budget +5 %", "±")
      let report = try await report(push, in: world)
      #expect(impact(report)?["overall_impact"] == "degraded")
      let change = try #require(impact(report)?["execution_time_change"]?.string)
      #expect(change.hasPrefix("+2") || change.hasPrefix("+3") || change.hasPrefix("+4"), "\(change)")
      let measured = try #require(report["checks"]?.array?.first?["performance"]?["changes"]?.array?.first)
      #expect(measured["answer"] == "exceeded" && measured["quantity"] == "time")
      let pairs = try #require(measured["estimate"]?["pairs"]?.integer)
      #expect([7, 14, 28].contains(pairs))
      #expect(report["feedback"]?["culprits"]?.array?.first?["performance"]?["compared"] == true)
      #expect(report["recommendation"] == "optimize_performance")
    }
  }

  @Test func `what changes nothing but the words stays quiet`() async throws {
    let base = Self.base(
      "run: 'sleep 0.1; cat words', inputs: [words], budget: { time: +60% }", ["words": "old\n"])
    try await World.run(base) { world in
      let push = try await world.client.submit(Work("words", ["words": "new\n"]))
      let tip = try await push.expectLanded(in: world)
      #expect(push.text.contains("% time (±") && push.text.contains("budget +60 %"), "\(push)")
      let report = try await report(push, in: world)
      #expect(impact(report)?["execution_time_change"]?.string?.hasSuffix("%") == true)
      #expect(impact(report)?["overall_impact"] != "degraded")
      let certificate = try #require(try await world.server.certificate(of: tip))
      #expect(certificate["checks"]?.array?.first?["name"] == "speed")
      #expect(certificate["checks"]?.array?.first?["verdict"] == "passed")
    }
  }

  @Test func `more memory than the budget is refused`() async throws {
    let base = Self.base(
      "run: 'head -c $(cat size)M /dev/zero | tail -c $(cat size)M | wc -c', inputs: [size], budget: { memory: +20% }",
      ["size": "60\n"])
    try await World.run(base) { world in
      let push = try await world.client.submit(Work("large", ["size": "120\n"]))
      push.expectRefused("performance_degradation", "memory +", "MiB on the base", "budget +20 %")
    }
  }

  @Test func `what a check measures itself is held to its budget, in the direction that is better`() async throws {
    try await World.run(Self.measuring) { world in
      let dear = try await world.client.submit(Work("dear", ["cost-a": "650\n"]))
      dear.expectRefused(
        "performance_degradation", "cost +15.0 %", "1000.000 on the base, 1150.000 now", "budget +10 %")
      let slack = try await world.client.submit(Work("slack", ["rate": "800\n"]))
      slack.expectRefused("performance_degradation", "loss of rate +25.0 %")
      _ = try await world.client.submit(Work("fast", ["rate": "2000\n"])).expectLanded(in: world)
      let turned = try await world.client.submit(
        Work("turned", ["bench.sh": .text(Self.metrics.replacing("higher", with: "lower")), "rate": "1000\n"]))
      turned.expectRefused("performance_degradation", "loss of rate +100.0 %")
    }
  }

  @Test func `what stays within the budget is told by how much`() async throws {
    try await World.run(Self.measuring) { world in
      let push = try await world.client.submit(Work("little", ["cost-a": "550\n"]))
      _ = try await push.expectLanded(in: world)
      #expect(push.text.contains("+5.0 % cost (±0.0 %), budget +10 %"), "\(push)")
      let word = try await impact(report(push, in: world))?["overall_impact"]
      #expect(word == "within_budget")
    }
  }

  @Test func `a metric with a budget cannot be left out`() async throws {
    try await World.run(Self.measuring) { world in
      let push = try await world.client.submit(
        Work("silent", ["bench.sh": "echo '[]' > $SLUICE_RESULTS/metrics.json\n"]))
      push.expectRefused("not_run", "wrote no metric named cost")
    }
  }

  @Test func `the same inputs run nothing, and nothing has changed`() async throws {
    // Whoever ran it would see it fail.
    let base = Self.base("run: 'false', inputs: [pace], budget: { time: +5% }", ["pace": "1\n"])
    try await World.run(base) { world in
      let push = try await world.client.submit(Work("other", ["a.txt": "other\n"]))
      _ = try await push.expectLanded(in: world)
      #expect(push.text.contains("no change: same inputs as the base"), "\(push)")
      let impact = impact(try await report(push, in: world))
      #expect(impact?["execution_time_change"] == "+0.0%" && impact?["overall_impact"] == "negligible")
    }
  }

  @Test func `without a base that holds, the check's own exit status decides, and that is said`() async throws {
    let base = Self.base("run: 'test -e works', inputs: [works, broken], budget: { time: +5% }", [:])
    try await World.run(base) { world in
      let broken = try await world.client.submit(Work("broken", ["broken": "x\n"]))
      broken.expectRefused("test_failures", "speed failed with exit status 1")
      let push = try await world.client.submit(Work("works", ["works": "x\n"]))
      _ = try await push.expectLanded(in: world)
      #expect(push.text.contains("not compared: it does not hold on the base"), "\(push)")
      let word = try await impact(report(push, in: world))?["overall_impact"]
      #expect(word == .null)
    }
  }

  @Test func `the first commit of a target is compared with nothing, and that is said`() async throws {
    let policy = "version: 1\nchecks:\n  speed: { run: 'true', kind: performance, budget: { time: +5% } }\n"
    try await World.run(Base().with { $0.files = nil }) { world in
      let push = try await world.client.submit(Work("first", [".sluice.yml": .text(policy)]))
      _ = try await push.expectLanded(in: world)
      #expect(push.text.contains("not compared: speed has no base yet"), "\(push)")
    }
  }

  /// Each of two costs eight percent, and the second is measured with the first ahead of it: that is not its fault.
  @Test func `nobody pays for what landed ahead of them`() async throws {
    let held = "until [ -e GATE/go ]; do sleep 0.02; done; " + Self.metrics
    let base = Self.measuring.with { $0.files?["bench.sh"] = .text(held) }
    try await World.run(base) { world in
      let start = try await world.client.fetch()
      let first = try await world.client.start(Work("first", ["cost-a": "580\n"]).with { $0.parent = start })
      try await first.says("integrating on")
      let second = try await world.client.start(Work("second", ["cost-b": "580\n"]).with { $0.parent = start })
      try await second.says("integrating on")
      try world.release()
      for push in [Push(try await first.ended()), Push(try await second.ended())] {
        #expect(push.status == 0, "\(push)")
      }
      #expect(try await world.server.file("cost-a") == "580\n")
      #expect(try await world.server.file("cost-b") == "580\n")
    }
  }

  @Test func `a comparison can be called off in the midst of a run`() async throws {
    let base = Self.base("run: 'sh bench.sh', inputs: [bench.sh], budget: { time: +5% }", ["bench.sh": "true\n"])
    try await World.run(base) { world in
      let endless = Work("endless", ["bench.sh": "echo > $SLUICE_RESULTS/x; sleep 1000\n"])
      let push = try await world.client.start(endless, "format=json")
      try await push.says("check_started")
      // Whoever ends the worker waits for no run.
      for worker in world.server.workers() { kill(worker, SIGTERM) }
      let lease = world.server.repository + "/sluice/worker.lock"
      let freed = try await Program.run("/usr/bin/flock", [lease, "/bin/true"], seconds: 60)
      #expect(freed.status == 0, "\(freed.text)")
      let newer = try await world.client.submit(Work("endless", ["bench.sh": "exit 0\n"]))
      let older = Push(try await push.ended())
      #expect(older.text.contains("superseded"), "\(older)")
      _ = try await newer.expectLanded(in: world)
    }
  }

  @Test func `a run that takes longer than its timeout ends the comparison`() async throws {
    let base = Self.base("\(Self.sleeping), timeout: 1s, budget: { time: +5% }", ["pace": "0\n"])
    try await World.run(base, canary: false) { world in
      let push = try await world.client.submit(Work("long", ["pace": "100\n"]))
      push.expectRefused("timed_out", "took longer than 1 s")
    }
  }

  @Test func `the slowest tests are named where a check tells of tests`() async throws {
    let bench =
      "printf '<testsuite><testcase name=\"sorts\" time=\"%s\"/><testcase name=\"reads\" time=\"0.001\"/></testsuite>' $(cat cost) > $SLUICE_RESULTS/j.xml\nprintf '[{\"name\":\"cost\",\"value\":%s}]' $(cat cost) > $SLUICE_RESULTS/metrics.json\n"
    let base = Self.base(
      "run: 'sh bench.sh', results: junit, inputs: [bench.sh, cost], budget: { cost: +10% }",
      ["bench.sh": .text(bench), "cost": "1.5\n"])
    try await World.run(base) { world in
      let push = try await world.client.submit(Work("dear", ["cost": "3.25\n"]))
      push.expectRefused("performance_degradation", "slowest: sorts 3.250 s", "cost +116.7 %")
      let suggestions = try await report(push, in: world)["feedback"]?["suggestions"]?.array ?? []
      #expect(suggestions.contains { $0.string?.contains("sorts (3.25 s)") == true }, "\(suggestions)")
    }
  }
}
