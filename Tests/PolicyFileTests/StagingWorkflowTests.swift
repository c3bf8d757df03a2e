import Domain
import Foundation
import Testing

@testable import PolicyFile

@Suite struct StagingWorkflowTests {
  private static let policy = """
    version: 1
    setup: [{ run: pip install -r requirements.txt, timeout: 90s }]
    checks:
      last: { run: ./last.sh, stage: 2, timeout: 24h }
      lint: { run: ruff check src, needs: [tests] }
      tests: { run: 'pytest --junitxml="$SLUICE_RESULTS/junit.xml"', results: junit, retries: 1, timeout: 20m }
      owners: { kind: review, paths: [src/**] }
    staging:
      smoke: { run: ./smoke.sh }
    """

  /// The workflow as GitHub's parser sees it.
  private static func workflow(_ policy: String) throws -> JSONValue {
    let policy = try PolicyFile.read(Array(policy.utf8), name: ".sluice.yml")
    return try parse(#require(StagingWorkflow(policy)).text)
  }

  private static func parse(_ text: String) throws -> JSONValue {
    var parser = try YAMLParser(Array(text.utf8))
    let root = try parser.readDocument()
    #expect(parser.problems.isEmpty)
    return try json(#require(root))
  }

  private static func json(_ node: YAMLNode) -> JSONValue {
    switch node.content {
    case .scalar(let text, _): .string(text)
    case .sequence(let nodes): .array(nodes.map(json))
    case .mapping(let members):
      .object(JSONObject(members: members.map { .init(name: $0.name, value: json($0.value)) }))
    }
  }

  /// Runs a step's command as a runner does.
  private static func run(_ command: String, _ shell: [String], _ environment: [String: String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = shell + ["-c", command]
    process.environment = environment
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  @Test func `candidates under staging start it, a newer one ends the older one's run`() throws {
    let workflow = try Self.workflow(Self.policy)
    #expect(workflow["on"] == ["push": ["branches": ["staging/**"]]])
    #expect(
      workflow["concurrency"] == ["group": "${{ github.workflow }}-${{ github.ref }}", "cancel-in-progress": "true"])
  }

  @Test func `what runs a candidate can only read, and what may set a status runs nothing of it`() throws {
    let workflow = try Self.workflow(Self.policy)
    #expect(workflow["permissions"] == [:])
    let jobs = try #require(workflow["jobs"]?.object)
    #expect(jobs.members.map(\.name) == ["comprehensive-validation", "report"])
    #expect(jobs["comprehensive-validation"]?["permissions"] == ["contents": "read"])
    #expect(jobs["report"]?["permissions"] == ["statuses": "write"])
    #expect(jobs["report"]?["needs"] == "comprehensive-validation")
    let reporting = try #require(jobs["report"]?["steps"]?.array)
    #expect(reporting.count == 1 && reporting[0]["uses"] == nil)
    // Nothing that runs what was submitted is given a token.
    let checking = try #require(jobs["comprehensive-validation"])
    #expect(!checking.compact.contains("token"))
    #expect(checking["steps"]?.array?[0]["with"] == ["persist-credentials": "false"])
  }

  @Test func `every action is pinned to a commit`() throws {
    let jobs = try #require(try Self.workflow(Self.policy)["jobs"]?.object)
    let used = jobs.members.flatMap { $0.value["steps"]?.array ?? [] }.compactMap { $0["uses"]?.string }
    #expect(!used.isEmpty)
    for action in used { #expect(action.contains(/^[a-z\/-]+@[0-9a-f]{40}$/), "\(action)") }
  }

  @Test func `setup and checks are steps, each behind those it waits for, within the time of the policy`() throws {
    let job = try #require(try Self.workflow(Self.policy)["jobs"]?["comprehensive-validation"])
    let steps = try #require(job["steps"]?.array).dropFirst(2)
    #expect(steps.map { $0["name"] } == ["Setup 1", "tests", "lint", "last"])
    #expect(steps.map { $0["timeout-minutes"] } == ["2", "40", "30", "360"])
    #expect(job["timeout-minutes"] == "360")
    #expect(steps.first?["run"] == "pip install -r requirements.txt")
    #expect(steps.last?["run"] == "./last.sh")
    #expect(steps.last?["env"] == ["SLUICE_RESULTS": "${{ runner.temp }}/results/last", "SLUICE_ATTEMPT": "1"])
    #expect(steps.dropFirst().first?["env"]?["SLUICE_COMMAND"] == #"pytest --junitxml="$SLUICE_RESULTS/junit.xml""#)
  }

  @Test(arguments: [
    "make", "a: b # c", "if true; then\n\n\techo \"$x\"\n  fi\nend", "  indented\nless", "\nblank first",
    "say 'ü' \u{1F600}",
    "tab\tand \\ and \"", "ends in blanks\n   ", "*alias &anchor !tag", "- list", "\u{FEFF}mark",
    "line\u{2028}end\u{85}",
    "bell\u{7}",
  ])
  func `a command stands in it as the policy has it`(command: String) throws {
    var policy = Policy()
    policy.checks = [Policy.Check(name: "a.b-1", run: command)]
    policy.checks[0].retries = 1
    policy.setup = [Policy.Setup(run: command)]
    let workflow = try Self.parse(#require(StagingWorkflow(policy)).text)
    let steps = try #require(workflow["jobs"]?["comprehensive-validation"]?["steps"]?.array)
    #expect(steps[2]["run"]?.string == command)
    #expect(steps[3]["env"]?["SLUICE_COMMAND"]?.string == command)
  }

  @Test func `GitHub finds no expression in a command of the policy`() throws {
    var policy = Policy()
    policy.checks = [Policy.Check(name: "t", run: "echo '${{ github.token }}'\n")]
    let workflow = try Self.parse(#require(StagingWorkflow(policy)).text)
    let step = workflow["jobs"]?["comprehensive-validation"]?["steps"]?.array?.last
    #expect(step?["run"] == "echo '${{ '${{' }} github.token }}'")
  }

  @Test func `a check that may be run again passes with its second attempt and fails with its last`() throws {
    for (attempts, status) in [(2, Int32(0)), (3, 1)] {
      let text = "version: 1\nchecks: {t: {run: 'test $SLUICE_ATTEMPT = \(attempts)', retries: 1}}"
      let job = try #require(try Self.workflow(text)["jobs"]?["comprehensive-validation"])
      let step = try #require(job["steps"]?.array?.last)
      let command = try #require(step["env"]?["SLUICE_COMMAND"]?.string)
      let environment = ["PATH": "/usr/bin:/bin", "SLUICE_COMMAND": command]
      #expect(try Self.run(#require(step["run"]?.string), ["sh"], environment) == status)
    }
  }

  @Test(arguments: [
    ("success", "success"), ("failure", "failure"), ("cancelled", "error"), ("skipped", "error"), ("", "error"),
  ])
  func `the status is a success only where every check passed`(result: String, state: String) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let gh = folder.appending(path: "gh")
    try "#!/bin/sh\nprintf '%s\\n' \"$@\" >\"$ANSWER\"\n".write(to: gh, atomically: false, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: gh.path)
    let answer = folder.appending(path: "answer")
    let step = try #require(try Self.workflow(Self.policy)["jobs"]?["report"]?["steps"]?.array?.first)
    let environment = [
      "PATH": "\(folder.path):/usr/bin:/bin", "ANSWER": answer.path, "RESULT": result, "GITHUB_SHA": "c0ffee",
      "GITHUB_REPOSITORY": "o/r", "GITHUB_SERVER_URL": "https://github.example", "GITHUB_RUN_ID": "7",
    ]
    #expect(try Self.run(#require(step["run"]?.string), ["bash", "-e"], environment) == 0)
    let words = try String(contentsOf: answer, encoding: .utf8).split(separator: "\n")
    #expect(words.contains("repos/o/r/statuses/c0ffee") && words.contains("context=sluice/staging"))
    #expect(words.filter { $0.hasPrefix("state=") } == ["state=\(state)"])
    #expect(words.contains("target_url=https://github.example/o/r/actions/runs/7"))
  }

  @Test func `a policy without a check that runs makes no workflow`() throws {
    let text = "version: 1\nchecks: {owners: {kind: review}}"
    #expect(StagingWorkflow(try PolicyFile.read(Array(text.utf8), name: ".sluice.yml")) == nil)
  }
}
