import Foundation
import Testing

@Suite struct SubmitTests {
  private let yard: Yard
  init() throws {
    yard = try Yard()
    try yard.makeProject()
    // Anything may be pushed here: what arrives is what submit made.
    try yard.sh("git config receive.advertisePushOptions true", in: "app.git")
  }

  @Test func `the package is made of the commits and the tests`() throws {
    let answer = try yard.run("sluice submit --dry-run --agent agent-7 --test true", in: "work")
    #expect(answer.status == 0)
    let package = try yard.json(answer.out)
    let metadata = try #require(package["metadata"] as? [String: Any])
    #expect(metadata["task_id"] as? String == "topic")
    #expect(metadata["agent_id"] as? String == "agent-7")
    let changes = try #require(package["changes"] as? [String: [String]])
    #expect(changes == ["files_modified": ["answer"], "files_added": ["new"], "files_deleted": ["old"]])
    let metrics = try #require(package["metrics"] as? [String: Any])
    #expect(metrics["lines_added"] as? Int == 2)
    #expect(metrics["lines_removed"] as? Int == 2)
    let documentation = try #require(package["documentation"] as? [String: Any])
    #expect(documentation["feature_description"] as? String == "Answer")
    #expect(try yard.run("sluice validate -", input: answer.out).status == 0)
    #expect(try yard.sh("git for-each-ref", in: "app.git").contains("submit") == false)
  }

  @Test func `reports of the tests are counted`() throws {
    try yard.write(
      "<testsuites><testsuite><testcase name='a'/><testcase name='b'/></testsuite></testsuites>", to: "a.xml")
    try yard.write("<testsuite><testcase name='c'><skipped/></testcase></testsuite>", to: "b.xml")
    let answer = try yard.run(
      "sluice submit --dry-run --test 'cp ../a.xml $SLUICE_RESULTS/' --junit '../b.xm?'", in: "work")
    let package = try yard.json(answer.out)
    let results = try #require(package["validation_results"] as? [String: Any])
    #expect(results["test_count"] as? Int == 3)
    #expect(results["test_failures"] as? Int == 0)
  }

  @Test func `failing tests are not submitted`() throws {
    try yard.write("<testsuite><testcase name='a'/><testcase name='b'><failure/></testcase></testsuite>", to: "a.xml")
    for test in ["false", "kill -9 $$", "cp ../a.xml $SLUICE_RESULTS/"] {
      let answer = try yard.run("sluice submit --test '\(test)'", in: "work")
      #expect(answer.status == 1)
      #expect(answer.errors.contains("so nothing was submitted"))
    }
    #expect(try yard.sh("git for-each-ref", in: "app.git").contains("submit") == false)
  }

  @Test(arguments: ["tag", "file", "blob"]) func `each embedding carries the package and the work`(embedding: String)
    throws
  {
    let answer = try yard.run("sluice submit --test true --embed \(embedding) --name ada/answer -h || true", in: "work")
    #expect(answer.status == 0)
    let pushed = try yard.run("sluice submit --test true --embed \(embedding) --name ada/answer", in: "work")
    #expect(pushed.status == 0, "\(pushed.text)")
    let ref = "refs/submit/ada/answer"
    let package: String
    switch embedding {
    case "tag":
      package = try yard.sh("git cat-file tag \(ref) | sed '1,/^$/d'", in: "app.git")
      #expect(try yard.sh("git rev-parse \(ref)^{commit}", in: "app.git") == yard.sh("git rev-parse HEAD", in: "work"))
    case "file":
      package = try yard.sh("git cat-file blob \(ref):.sluice/package.json", in: "app.git")
      #expect(
        try yard.sh("git diff --name-only main \(ref) -- . ':(exclude).sluice'", in: "app.git") == "answer\nnew\nold\n")
      #expect(try yard.sh("git log -1 --format=%s%an \(ref)", in: "app.git") == "AnswerAda\n")
    default:
      package = try yard.sh("git cat-file blob \(ref)", in: "app.git")
      let diff = try #require(try yard.json(package)["diff_package"] as? String)
      try yard.write(String(decoding: Data(base64Encoded: diff) ?? Data(), as: UTF8.self), to: "work.diff")
      try yard.sh("git switch -q -c applied origin/main && git apply --index ../work.diff", in: "work")
      #expect(try yard.sh("git write-tree", in: "work") == yard.sh("git rev-parse topic^{tree}", in: "work"))
    }
    #expect(try yard.run("sluice validate -", input: package).status == 0)
    #expect(try yard.sh("git rev-parse --abbrev-ref HEAD; git status --porcelain", in: "work").hasSuffix("\n"))
  }

  @Test func `the same work is the same object again, and new work is not`() throws {
    func submitted() throws -> String {
      try yard.sh("sluice submit --test true 2>/dev/null; git rev-parse refs/sluice/submitted/topic", in: "work")
    }
    let first = try submitted()
    #expect(try submitted() == first)
    try yard.sh("git commit -q --amend -m 'Answer better'", in: "work")
    #expect(try submitted() != first)
  }

  @Test(arguments: [
    ("echo dirty >answer", "sluice submit --test true", "not committed"),
    ("true", "sluice submit", "there is no test command"),
    ("git reset -q --hard origin/main", "sluice submit --test true", "nothing that origin/main lacks"),
    ("git switch -q --detach", "sluice submit --test true", "which task"),
    ("true", "sluice submit --test true --remote upstream", "no remote 'upstream'"),
    ("true", "sluice submit --test true --name ../x", "is not a valid name"),
    ("git update-ref -d refs/remotes/origin/main", "sluice submit --test true", "does not know origin/main"),
    ("true", "sluice submit --test true --submission-version one", "/metadata/submission_version"),
  ])
  func `what cannot be submitted is refused in a sentence`(before: String, command: String, sentence: String) throws {
    try yard.sh(before, in: "work")
    let answer = try yard.run(command, in: "work")
    #expect(answer.status == 1)
    #expect(answer.errors.contains(sentence), "\(answer.errors)")
  }

  @Test func `the first work on an empty repository is all added`() throws {
    try yard.sh("git init -q --bare -b main ../empty.git && git remote add empty ../empty.git", in: "work")
    let answer = try yard.run("sluice submit --dry-run --test true --remote empty --target main", in: "work")
    let changes = try #require(try yard.json(answer.out)["changes"] as? [String: [String]])
    #expect(changes == ["files_modified": [], "files_added": ["answer", "new"], "files_deleted": []])
  }

  @Test func `a server that cannot be reached is status 4`() throws {
    try yard.sh("git remote set-url origin ../gone.git", in: "work")
    #expect(try yard.run("sluice submit --test true", in: "work").status == 4)
  }
}
