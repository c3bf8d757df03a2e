import Domain
import Processes
import Testing

@Suite struct AdmissionTests {
  @Test(arguments: [
    (["src/A.txt"], "src/A.txt and src/a.txt are one path"),
    (["SRC/b.txt", "SRC/c.txt"], "SRC and src are"),
    (["new/X", "new/x"], "new/x and new/X are"), (["new/e\u{301}", "new/\u{e9}"], "new/\u{e9} and new/e\u{301} are"),
    (["One/x", "one/y"], "one and One are"), (["src/b.txt", "new/b.txt"], nil),
  ])
  func `a new path that some systems take for another is warned of, and let in`(added: [String], pair: String?) throws {
    let world = try World()
    try world.git(["config", "core.precomposeUnicode", "false"])
    for path in added { try world.write(path, "text\n") }
    try world.submit(adding: [:]) {
      $0["changes"] = ["files_modified": [], "files_deleted": [], "files_added": .array(added.map(JSONValue.string))]
    }
    let push = try world.push("HEAD:refs/heads/submit/x")
    #expect(push.isSuccess, "\(push.errors)")
    guard let pair else { return #expect(!push.errors.contains("warning"), "\(push.errors)") }
    #expect(push.errors.utf8.elementsContain("warning: case-collision: \(pair)".utf8), "\(push.errors)")
  }

  @Test func `a rename that changes only the case is warned of`() throws {
    let world = try World()
    try world.git(["mv", "src/a.txt", "src/A.txt"])
    try world.write(".sluice/package.json", World.package(added: ["src/A.txt"], deleted: ["src/a.txt"]))
    try world.commit("work")
    let push = try world.push("HEAD:refs/heads/submit/x")
    #expect(push.isSuccess, "\(push.errors)")
    #expect(push.errors.contains("warning: case-collision: src/A.txt and src/a.txt are one path"), "\(push.errors)")
  }

  @Test func `a commit with an honest package stands in the inbox before its id is told`() throws {
    let world = try World()
    let commit = try world.submit(adding: ["src/b.txt": "two\n"])
    let push = try world.push("HEAD:refs/heads/submit/ada/feature", options: ["nowait", "priority=high"])
    #expect(push.isSuccess)
    let request = try #require(try world.submissions().first)
    #expect(request.pushed.hex == commit)
    #expect(request.name == "ada/feature")
    #expect(request.embedding == .file)
    #expect(request.options.priority == .high)
    #expect(push.errors.contains("sluice: \(request.id) accepted: task-1"))
    #expect(push.errors.contains("HEAD -> refs/queued/\(request.id)"))
    #expect(try world.refs(under: "refs/sluice/lineage") == ["refs/sluice/lineage/main/ada/feature"])
    #expect(try world.refs(under: "refs/heads") == ["refs/heads/main"])
    #expect(try world.git(["fsck", "--full", "--strict", "--no-dangling"], in: world.server) == "")
  }

  @Test func `an annotated tag carries the package and its commit is the work`() throws {
    let world = try World()
    try world.write("src/b.txt", "two\n")
    try world.commit("work")
    try world.write("package.json", World.package(added: ["src/b.txt"]), in: world.folder)
    try world.git(["tag", "--annotate", "-F", world.folder + "/package.json", "v1"])
    let push = try world.push("v1:refs/tags/submit/feature")
    #expect(push.isSuccess, "\(push.errors)")
    #expect(try world.submissions().map(\.embedding) == [.tag])
  }

  @Test func `a blob carries the work as a diff against the target's tip`() throws {
    let world = try World()
    try world.write("src/b.txt", "two\n")
    try world.write("src/a.txt", "one\nmore\n")
    try world.commit("work")
    let blob = try world.blob(ofDiff: "main~1", "main", modified: ["src/a.txt"], added: ["src/b.txt"])
    let push = try world.push("\(blob):refs/submit/feature")
    #expect(push.isSuccess, "\(push.errors)")
    #expect(try world.submissions().map(\.embedding) == [.blob])
  }

  @Test func `a package that names other files than the work changes is refused and leaves nothing`() throws {
    let world = try World()
    try world.write("src/c.txt", "three\n")
    let commit = try world.submit(adding: ["src/b.txt": "two\n"])
    let push = try world.push("HEAD:refs/heads/submit/x")
    #expect(push.exit == .status(1))
    #expect(push.errors.contains("error: sluice: undeclared_changes: /changes/files_added: expected \"src/c.txt\""))
    #expect(try world.refs() == ["refs/heads/main"])
    #expect(throws: World.Missing.self) { try world.git(["cat-file", "-e", commit], in: world.server) }
  }

  @Test(arguments: [
    ("no package", "invalid_package: the pushed commit holds no work package"),
    ("failing tests", "/validation_results/test_failures: expected 0, found 3"),
    ("not json", "invalid_package: the work package is not read: line 1, column 2"),
    ("nothing changed", "invalid_package: the work changes nothing"),
    ("unrelated", "invalid_push: "),
    ("reserved trailer", "a trailer that only Sluice writes: Sluice-Verdict: passed"),
    ("escape in a path", "holds control or direction characters"),
  ])
  func `what cannot be taken is refused with its sentence`(story: String, sentence: String) throws {
    let world = try World()
    switch story {
    case "no package":
      try world.write("src/b.txt", "two\n")
      try world.commit("work")
    case "failing tests":
      try world.submit(adding: ["src/b.txt": "two\n"]) {
        $0["validation_results"] = ["tests_passed": true, "test_count": 3, "test_failures": 3]
      }
    case "not json":
      try world.write(".sluice/package.json", "{]")
      try world.commit("work")
    case "nothing changed": try world.submit(adding: [:])
    case "unrelated":
      try world.git(["checkout", "--quiet", "--orphan", "other"])
      try world.submit(adding: ["src/b.txt": "two\n"])
    case "reserved trailer": try world.submit(adding: ["src/b.txt": "two\n"], message: "work\n\nSluice-Verdict: passed")
    case "escape in a path":
      try world.write("src/b\u{1b}[2J.txt", "two\n")
      try world.submit(adding: [:])
    default: Issue.record("no such story")
    }
    let push = try world.push("HEAD:refs/heads/submit/x")
    #expect(push.exit == .status(1))
    #expect(push.errors.contains(sentence), "\(push.errors)")
    #expect(!push.errors.contains("\u{1b}"))
    #expect(try world.refs() == ["refs/heads/main"])
  }

  @Test func `a tag and a file with a package each are one too many`() throws {
    let world = try World()
    try world.submit(adding: ["src/b.txt": "two\n"])
    try world.git(["tag", "--annotate", "-m", World.package(added: ["src/b.txt"]), "v1"])
    let push = try world.push("v1:refs/heads/submit/x")
    #expect(push.errors.contains("invalid_package: two work packages"), "\(push.errors)")
  }

  @Test func `a diff that comes with a commit must say what the commit says`() throws {
    let world = try World()
    try world.write("src/b.txt", "other\n")
    try world.commit("other")
    let diff = try world.git(["diff", "--binary", "main~1", "main"]) + "\n"
    try world.git(["reset", "--quiet", "--hard", "HEAD~1"])
    try world.submit(adding: ["src/b.txt": "two\n"]) {
      $0["diff_package"] = .string(DiffPackage(bytes: Array(diff.utf8)).base64)
    }
    let push = try world.push("HEAD:refs/heads/submit/x")
    #expect(push.errors.contains("undeclared_changes: the diff_package is not the pushed change"), "\(push.errors)")
  }

  @Test func `the first submission to an empty repository is judged by the policy it brings`() throws {
    let world = try World(isEmpty: true)
    try world.submit(adding: ["src/b.txt": "two\n"])
    let without = try world.push("HEAD:refs/heads/submit/x")
    #expect(without.errors.contains("not_run: there is no policy with checks"), "\(without.errors)")
    try world.write(".sluice.yml", World.policy)
    try world.write(".sluice/package.json", World.package(added: [".sluice.yml", "src/b.txt"]))
    try world.commit("policy")
    let push = try world.push("HEAD:refs/heads/submit/x")
    #expect(push.isSuccess, "\(push.errors)")
  }

  @Test func `a submission that breaks the policy is refused by the one that stands`() throws {
    let world = try World()
    try world.write(".sluice.yml", "version: 1\nchekcs: {}\n")
    try world.write(".sluice/package.json", World.package(modified: [".sluice.yml"]))
    try world.commit("policy")
    let push = try world.push("HEAD:refs/heads/submit/x")
    #expect(push.errors.contains(".sluice.yml:2:1: unknown key"), "\(push.errors)")
  }

  @Test func `unknown fields of a package are named in one warning`() throws {
    let world = try World()
    try world.submit(adding: ["src/b.txt": "two\n"]) { $0["mood"] = "good" }
    let push = try world.push("HEAD:refs/heads/submit/x")
    #expect(push.isSuccess)
    #expect(push.errors.split(separator: "\n").filter { $0.contains("warning: ") }.count == 1, "\(push.errors)")
    #expect(push.errors.contains("/mood"))
  }

  @Test func `proc-receive judges by itself where pre-receive was not run`() throws {
    let world = try World()
    try world.write("src/c.txt", "three\n")
    try world.submit(adding: ["src/b.txt": "two\n"])
    try world.git(["config", "core.hooksPath", "other-hooks"], in: world.server)
    _ = try Shell.run(["sh", "-c", "mkdir other-hooks; cp -P hooks/proc-receive other-hooks/"], in: world.server)
    let push = try world.push("HEAD:refs/heads/submit/x")
    #expect(push.exit == .status(1))
    #expect(push.errors.contains("HEAD -> submit/x (undeclared_changes: "), "\(push.errors)")
    #expect(try world.refs() == ["refs/heads/main"])
  }
}

extension World {
  /// Writes a package whose diff is the work, as a blob of the clone.
  func blob(ofDiff old: String, _ new: String, modified: [String] = [], added: [String] = [], deleted: [String] = [])
    throws -> String
  {
    let diff = try git(["diff", "--binary", old, new]) + "\n"
    let package = Self.package(modified: modified, added: added, deleted: deleted) {
      $0["diff_package"] = .string(DiffPackage(bytes: Array(diff.utf8)).base64)
    }
    return try git(["hash-object", "-w", "--stdin"], input: Array(package.utf8))
  }
}

extension Sequence<UInt8> {
  /// Byte for byte, where strings are equal also when their characters are composed otherwise.
  fileprivate func elementsContain(_ other: some Collection<UInt8>) -> Bool {
    let bytes = Array(self)
    return bytes.indices.contains { bytes[$0...].starts(with: other) }
  }
}
