import Domain
import Foundation
import Testing

/// What a refused agent is given to come back with.
@Suite struct FeedbackStories {
  /// A check that tells its tests with their times, and says something before and after.
  private static let policy = """
    version: 1
    checks:
      tests: { run: 'echo first words; seq 100 150; sh test.sh; s=$?; if [ -e slow ]; then sleep 60; fi; echo last words; exit $s', results: junit, timeout: 3s }
      tool: { run: 'if [ -e broken ]; then exec ./nowhere; fi', needs: [tests] }
    staging:
      smoke: { run: 'if [ -e smoke ]; then echo it burns; exit 1; fi' }

    """

  private static func a(_ changes: [Int: String]) -> Work.Content {
    .text((1...20).map { "\(changes[$0] ?? "a line \($0)")\n" }.joined())
  }

  /// What an implementation of JSON Schema that is not ours says about documents.
  static func validate(_ documents: [JSONValue], by schema: JSONValue) async throws -> [String] {
    let script = """
      import json, sys, jsonschema
      question = json.load(sys.stdin)
      jsonschema.Draft202012Validator.check_schema(question["schema"])
      validator = jsonschema.Draft202012Validator(question["schema"])
      for document in question["documents"]:
        errors = [f"{e.json_path}: {e.message[:200]}" for e in validator.iter_errors(document)]
        print("; ".join(errors) or "valid")
      """
    let question: JSONValue = ["schema": schema, "documents": .array(documents)]
    let answer = try await Program.run(
      "/usr/bin/env", ["python3", "-W", "ignore", "-c", script], environment: ProcessInfo.processInfo.environment,
      input: Array(question.compact.utf8))
    guard answer.status == 0 else { throw Program.Failure(description: "python3 with jsonschema: \(answer.text)") }
    return answer.out.split(separator: "\n").map(String.init)
  }

  @Test func `each kind of refusal has a document that the published schema describes`() async throws {
    try await World.run(.judged(by: Self.policy)) { world in
      let client = world.client
      let base = try await client.fetch()
      _ = try await world.client("bob").submit(Work("theirs", ["a.txt": Self.a([4: "bob"])])).expectLanded(in: world)
      let rows: [(handling: String, work: Work)] = [
        ("conflict_resolution_plan", Work("conflict", ["a.txt": Self.a([4: "mine"])]).with { $0.parent = base }),
        ("conflict_resolution_plan", Work("back", ["a.txt": Self.a([:])])),
        ("regression_analysis", Work("regression", ["cases/one": "FAIL\n"]).with { $0.parent = base }),
        ("test_failure_investigation", Work("failure", ["cases/three": "FAIL\n"])),
        ("test_failure_investigation", Work("slow", ["slow": "x\n"])),
        ("deployment_failure_analysis", Work("smoke", ["smoke": "x\n"])),
        ("retry", Work("broken", ["broken": "x\n"])),
        ("manual_review", Work("nothing", ["a.txt": Self.a([4: "bob"])]).with { $0.parent = base }),
      ]
      var documents: [JSONValue] = []
      for (handling, work) in rows {
        let push = try await client.submit(work)
        let id = try #require(push.submissions.first, "\(work.name): \(push)")
        let document = try await world.server.json("feedback", id)
        #expect(document["handling"]?.string == handling, "\(work.name): \(document.pretty)")
        #expect(document["category"]?.string == push.category, "\(work.name)")
        #expect(try await world.server.json("show", id)["feedback"] == document, "\(work.name)")
        let event = try world.server.events(of: id).first { $0["event"]?.string?.hasSuffix("_failed") == true }
        #expect(event?["feedback"] == document, "\(work.name)")
        let integration = try #require(document["integration_id"]?.string)
        #expect(push.text.contains("sluice feedback \(integration)"), "\(push)")
        let told = try await world.server.sluice("feedback", integration)
        #expect(told.status == 0 && told.text.contains("next commands:"), "\(work.name): \(told.text)")
        documents.append(document)
      }
      let early = try await client.submit(Work("early", ["e": "e\n"]), "depends-on=nobody")
      documents.append(try await world.server.json("feedback", try #require(early.submissions.first)))
      #expect(documents.last?["integration_id"] == .null && documents.last?["category"] == "invalid_push")
      // A schema that lets everything pass would say the same of these.
      var wrong = documents
      wrong[0].set("conflict_plan", "files", to: "none")
      wrong[2].set("surprise", to: 1)
      wrong[3].set("culprits", to: nil)
      let schema = try JSONValue.parse(Array(try await world.server.sluice("schema", "feedback").out.utf8))
      let verdicts = try await Self.validate(documents + wrong, by: schema)
      #expect(verdicts.prefix(documents.count).allSatisfy { $0 == "valid" }, "\(verdicts)")
      let refused = verdicts.dropFirst(documents.count).enumerated().filter { $0.element != "valid" }.map(\.offset)
      #expect(refused == [0, 2, 3], "\(verdicts)")

      let slow = documents[4]["culprits"]?.array?.first
      #expect(slow?["verdict"] == "timed_out" && slow?["output_head"]?.array?.first == "first words")
      let smoke = documents[5]["culprits"]?.array?.first
      #expect(smoke?["check"] == "smoke" && smoke?["output_tail"] == ["it burns"])
      let landed = try await world.server.sluice("feedback", try await Self.canaryID(world))
      #expect(landed.status == 1 && landed.text.contains("it was not refused"), "\(landed.text)")
    }
  }

  private static func canaryID(_ world: World) async throws -> String {
    let push = try await world.client.submit(Work("fine", ["fine.txt": "x\n"]))
    return try #require(push.submissions.first)
  }

  @Test func `a regression names whose lines were changed, and how the output begins and ends`() async throws {
    let policy = """
      version: 1
      checks:
        tests: { run: 'echo first words; seq 100 150; echo last words; sh test.sh', results: junit }

      """
    try await World.run(.judged(by: policy)) { world in
      let start = try await world.client.fetch()
      let bob = try await world.client("bob")
      let text = (1...9).map { "line \($0)\n" }
      func cases(_ changes: [Int: String]) -> Work.Content {
        .text(text.enumerated().map { changes[$0.offset + 1].map { "\($0)\n" } ?? $0.element }.joined())
      }
      _ = try await bob.submit(Work("new", ["cases/three": cases([:])])).expectLanded(in: world)
      let five = try await bob.submit(Work("five", ["cases/three": cases([5: "five"])])).expectLanded(in: world)
      let top = try await bob.submit(
        Work("top", ["cases/three": .text("a\nb\n" + text.joined().replacing("line 5", with: "five"))])
      ).expectLanded(in: world)
      let bad = "a\nb\n" + text.joined().replacing("line 5", with: "FAIL").replacing("line 9", with: "nine")
      let push = try await world.client.submit(Work("bad", ["cases/three": .text(bad)]))
      push.expectRefused("regression_detected")
      let document = try await world.server.json("feedback", try #require(push.submissions.first))
      let writers = try #require(document["regression_analysis"]?["same_lines"]?.array)
      let told = writers.map { "\($0["task_id"]?.string ?? "?") \($0["places"]?.compact ?? "")" }
      // Line 5 is two lines further down since.
      #expect(
        told == [
          #"five [{"path":"cases/three","start":7,"count":1}]"#, #"new [{"path":"cases/three","start":11,"count":1}]"#,
        ])
      #expect(writers.first?["commit"]?.string == five && five != top)
      #expect(writers.allSatisfy { $0["landed_since"] == false })
      let culprit = try #require(document["culprits"]?.array?.first)
      #expect(culprit["output_head"]?.array?.prefix(2) == ["first words", "100"])
      #expect(culprit["output_tail"]?.array?.last == "last words")
      #expect(culprit["run"]?.string?.hasSuffix("sh test.sh") == true)
      #expect(culprit["comparison"]?["regression"]?["tests"] == ["cases.three"])
      #expect(start != top)
    }
  }

  @Test func `a whole log is printed where the failure was known from before, too`() async throws {
    let policy = Base.policy(run: "seq 1 5000; sh test.sh")
    try await World.run(.judged(by: policy)) { world in
      let base = try await world.client.fetch()
      func bad(_ name: String) -> Work { Work(name, ["cases/three": "FAIL\n"]).with { $0.parent = base } }
      let first = try await world.client.submit(bad("first"))
      let again = try await world.client.submit(bad("again"))
      for push in [first, again] {
        push.expectRefused("test_failures")
        let document = try await world.server.json("feedback", try #require(push.submissions.first))
        #expect(document["culprits"]?.array?.first?["output_head"]?.array?.first == "1")
        let commands = (document["next_commands"]?.array ?? []).compactMap(\.string)
        let command = try #require(commands.first { $0.contains(" log ") })
        let log = try await Self.shell(command, in: world.folder.path)
        #expect(log.status == 0 && log.out.split(separator: "\n").count == 5_000, "\(command): \(log.text.suffix(300))")
      }
      let show = try await world.server.json("show", try #require(again.submissions.first))
      #expect(show["checks"]?.array?.first?["cached"] == true)
      let unknown = try await world.server.sluice("log", again.integrations.last ?? "", "nothing")
      #expect(unknown.status == 1 && unknown.text.contains("there is output of tests"), "\(unknown.text)")
    }
  }

  @Test func `hundreds of failing tests with endless names are told as far as they can be read`() async throws {
    let report = """
      name=$(printf 'long%.0s' $(seq 1 500))
      { echo '<testsuite name="s">'
      for i in $(seq 1 300); do
        if [ -e bad ]; then echo "<testcase classname=\\"$name\\" name=\\"t$i\\" time=\\"$i\\"><failure>$name</failure></testcase>"
        else echo "<testcase classname=\\"$name\\" name=\\"t$i\\"/>"; fi
      done; echo '</testsuite>'; } > $SLUICE_RESULTS/junit.xml
      [ ! -e bad ]

      """
    let base = Base.judged(by: Base.policy(run: "sh report.sh"), adding: ["report.sh": .text(report)])
    try await World.run(base) { world in
      let push = try await world.client.submit(Work("bad", ["bad": "x\n"]), "format=json")
      #expect(push.status == 1 && push.text.contains("regression_detected"), "\(push.text.suffix(1_000))")
      let id = try #require(push.submissions.first)
      let document = try await world.server.json("feedback", id)
      #expect(try await world.server.json("show", id)["feedback"] == document)
      let culprit = try #require(document["culprits"]?.array?.first)
      #expect(culprit["objections"]?.array?.first?["count"] == 300)
      #expect(culprit["failures"]?.array?.count == 20)
      #expect(document["slowest_tests"]?.array?.first?["seconds"]?.double == 300)
      for name in ["log", "feedback"] {
        let told = try await world.server.sluice(name, id)
        #expect(told.status == 0 && told.out.contains("1"), "\(told.text.suffix(1_000))")
      }
      let schema = try JSONValue.parse(Array(try await world.server.sluice("schema", "feedback").out.utf8))
      #expect(try await Self.validate([document], by: schema) == ["valid"])
    }
  }

  private static func shell(
    _ script: String, in folder: String, environment: [String: String] = [:]
  ) async throws -> Output {
    var all = Git.environment.merging(environment) { $1 }
    all["PATH"] = Built.folder + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
    return try await Program.run("/bin/sh", ["-ec", script], environment: all, in: folder)
  }

  /// Runs the commands of a document in a clone, and mends the work before the last ones; the push at the end must land.
  private static func follow(
    _ id: String, in folder: String, world: World, mend: String
  ) async throws {
    let document = try await world.server.json("feedback", id)
    let commands = (document["next_commands"]?.array ?? []).compactMap(\.string)
    let submitting = commands.dropLast(commands.last?.hasPrefix("git push") == true ? 2 : 1)
    for command in submitting {
      let done = try await shell(command, in: folder, environment: world.client.environment)
      // These two show a conflict by their exit status.
      let mayFail = document["conflict_plan"] != .null && (command.contains("merge-tree") || command.contains("rebase"))
      #expect(done.status == 0 || mayFail, "\(command): \(done.text)")
    }
    let mended = try await shell(mend, in: folder)
    #expect(mended.status == 0, "\(mended.text)")
    for command in commands.dropFirst(submitting.count) {
      let done = try await shell(command, in: folder, environment: world.client.environment)
      #expect(done.status == 0, "\(commands): \(command): \(done.text)")
    }
  }

  private static func clone(_ world: World, _ name: String) async throws -> String {
    let folder = "\(world.folder.path)/\(name)"
    try await Git.run(in: "/", "clone", "-q", world.client.url, folder, environment: world.client.environment)
    try await Git.run(in: folder, "config", "user.name", "Ada")
    try await Git.run(in: folder, "config", "user.email", "ada@example.com")
    return folder
  }

  @Test(arguments: [Embedding.file, .tag, .blob])
  func `the next commands bring mended work to main, whatever was wrong`(embedding: Embedding) async throws {
    try await World.run { world in
      let start = try await world.client.fetch()
      _ = try await world.client("bob").submit(Work("theirs", ["b.txt": "bob\n"])).expectLanded(in: world)
      _ = try await world.client("bob").submit(Work("more", ["a.txt": Self.a([4: "bob"])])).expectLanded(in: world)
      let rows: [(String, Work, String)] = [
        // It stands on an old main: the rebased work is offered.
        (
          "rebased", Work("rebased", ["cases/three": "FAIL\n"]).with { $0.parent = start },
          "echo fine > cases/three; git add cases/three"
        ),
        ("plain", Work("plain", ["cases/four": "FAIL\n"]), "echo fine > cases/four; git add cases/four"),
        (
          "conflict", Work("conflict", ["a.txt": Self.a([4: "mine"])]).with { $0.parent = start },
          "sed -i -e '/^[<=>|]/d' a.txt && git add a.txt && GIT_EDITOR=true git rebase --continue"
        ),
      ]
      for (name, work, mend) in rows {
        let work = work.with { $0.embedding = embedding }
        let folder = try await Self.clone(world, name)
        let object = try await world.client.make(work)
        let commits = embedding == .blob ? "HEAD" : "\(object)^{commit}"
        let commit = try await Git.run(in: world.client.repository, "rev-parse", commits)
        let took = try await Self.shell(
          "git fetch -q '\(world.client.repository)' '+refs/*:refs/work/*' && git checkout -q -B work \(commit)",
          in: folder)
        #expect(took.status == 0, "\(took.text)")
        // A blob is no history: its agent has the change in a clone, made by hand here.
        if embedding == .blob {
          try await Git.run(in: folder, "checkout", "-q", "-B", "work", try #require(work.parent ?? start))
          for (path, content) in work.changes {
            guard case .text(let text) = content else { continue }
            try TestServer.write(text, to: "\(folder)/\(path)")
          }
          try await Git.run(in: folder, "add", "-A")
          try await Git.run(in: folder, "commit", "-q", "-m", name)
        }
        let push = try await world.client.push(["\(object):\(work.pushedRef)"])
        #expect(push.status == 1, "\(name): \(push)")
        // A package in a tag or a blob is made anew of committed work.
        let ending = embedding == .file || name == "conflict" ? "" : "; git commit -q --amend --no-edit"
        try await Self.follow(
          try #require(push.submissions.first), in: folder, world: world, mend: mend + ending)
      }
      #expect(try await world.server.file("cases/three") == "fine\n")
      #expect(try await world.server.file("cases/four") == "fine\n")
      #expect(try await world.server.file("a.txt")?.contains("mine") == true)
    }
  }

  @Test(arguments: [Embedding.file, .tag])
  func `the next commands bring work to main that was refused before an integration`(embedding: Embedding) async throws
  {
    try await World.run { world in
      let work = Work("early", ["early.txt": "x\n"]).with { $0.embedding = embedding }
      let folder = try await Self.clone(world, "early")
      let object = try await world.client.make(work)
      let commit = try await Git.run(in: world.client.repository, "rev-parse", "\(object)^{commit}")
      let took = try await Self.shell(
        "git fetch -q '\(world.client.repository)' '+refs/*:refs/work/*' && git checkout -q -B work \(commit)",
        in: folder)
      #expect(took.status == 0, "\(took.text)")
      let push = try await world.client.push(["\(object):\(work.pushedRef)"], ["depends-on=nobody"])
      push.expectRefused("invalid_push")
      let ending = embedding == .file ? "true" : "git commit -q --amend --no-edit"
      try await Self.follow(try #require(push.submissions.first), in: folder, world: world, mend: ending)
      #expect(try await world.server.file("early.txt") == "x\n")
    }
  }

  @Test func `what could not be run is pushed again by the command that says so`() async throws {
    let policy = Base.policy(run: "until [ -e GATE/tool ]; do exit 127; done; sh test.sh")
    try await World.run(.judged(by: policy), canary: false) { world in
      for embedding in [Embedding.file, .tag, .blob] {
        let work = Work("w-\(embedding.rawValue)", ["\(embedding.rawValue).txt": "x\n"]).with {
          $0.embedding = embedding
        }
        let folder = try await Self.clone(world, embedding.rawValue)
        let push = try await world.client.submit(work)
        push.expectRefused("not_run")
        let document = try await world.server.json("feedback", try #require(push.submissions.first))
        let last = try #require(document["next_commands"]?.array?.last?.string)
        _ = try await Self.shell("git fetch -q '\(world.client.repository)' '+refs/*:refs/work/*'", in: folder)
        try world.release("tool")
        let again = try await Self.shell(
          last.replacing(" origin ", with: " '\(world.client.url)' "), in: world.client.repository,
          environment: world.client.environment)
        #expect(again.status == 0, "\(last): \(again.text)")
        try FileManager.default.removeItem(atPath: world.gate + "/tool")
      }
    }
  }
}
