import Domain
import Glibc
import Processes

/// A bare repository with Sluice's hooks, and a clone of it: all real, all below one temporary folder.
final class World {
  let folder: String
  let server: String
  let work: String

  static let policy = "version: 1\nchecks:\n  tests: { run: \"true\" }\n"

  /// - Parameter isEmpty: whether the server has no commit yet.
  init(isEmpty: Bool = false) throws {
    var template = Array("/tmp/sluice-hooks-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    server = folder + "/server.git"
    work = folder + "/work"
    try git(["init", "--quiet", "--bare", "-b", "main", server], in: folder)
    for (key, value) in [
      ("receive.procReceiveRefs", "refs"), ("receive.advertisePushOptions", "true"), ("receive.autogc", "false"),
      ("core.fsync", "all"), ("transfer.hideRefs", "refs/sluice"), ("gc.auto", "0"),
    ] { try configure(key, value) }
    try installHooks()
    try git(["init", "--quiet", "-b", "main", work], in: folder)
    try git(["remote", "add", "origin", server], in: work)
    guard !isEmpty else { return }
    try write(".sluice.yml", Self.policy)
    try write("src/a.txt", "one\n")
    try commit("base")
    try git(["push", "--quiet", "origin", "HEAD:refs/heads/main"], in: work)
  }

  deinit { _ = try? Shell.run(["rm", "-rf", folder], in: "/") }

  /// Links the programs that this build made; `sluice` beside them is a script that a test may give.
  private func installHooks() throws {
    let programs = folder + "/libexec"
    mkdir(programs, 0o700)
    for hook in ["pre-receive", "proc-receive", "post-receive"] {
      let built = try Self.built(hook)
      if link(built, "\(programs)/\(hook)") != 0 {
        guard try Shell.run(["cp", built, "\(programs)/\(hook)"], in: "/").isSuccess else { throw Missing(what: built) }
      }
      guard symlink("\(programs)/\(hook)", "\(server)/hooks/\(hook)") == 0 else { throw SystemError("symlink") }
    }
  }

  struct Missing: Error { let what: String }

  private static func built(_ program: String) throws -> String {
    var buffer = [CChar](repeating: 0, count: 4_096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let own = String(decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let source = #filePath.components(before: "/Tests/HooksTests/")
    for folder in [own.components(beforeLast: "/"), source + "/.build/debug"] {
      if access("\(folder)/\(program)", X_OK) == 0 { return "\(folder)/\(program)" }
    }
    throw Missing(what: program)
  }

  @discardableResult
  func git(_ arguments: [String], in place: String? = nil, input: [UInt8] = [], environment: [String] = []) throws
    -> String
  {
    let done = try Shell.run(["git"] + arguments, in: place ?? work, input: input, environment: environment)
    guard done.isSuccess else { throw Missing(what: "git \(arguments.joined(separator: " ")): \(done.errors)") }
    return done.output.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n").trimmed
  }

  func configure(_ key: String, _ value: String) throws { try git(["config", "--add", key, value], in: server) }

  func write(_ path: String, _ text: String, in place: String? = nil, mode: UInt32 = 0o644) throws {
    let full = "\(place ?? work)/\(path)"
    _ = try Shell.run(["mkdir", "-p", full.components(beforeLast: "/")], in: "/")
    let file = try Descriptor(opening: full, O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
    try file.write(text.utf8)
    guard chmod(full, mode) == 0 else { throw SystemError("chmod") }
  }

  func read(_ path: String) throws -> String {
    let file = try Descriptor(opening: path, O_RDONLY)
    return String(decoding: try file.readAll(max: 16 << 20) ?? [], as: UTF8.self)
  }

  @discardableResult
  func commit(_ message: String) throws -> String {
    try git(["add", "--all"])
    try git(["commit", "--quiet", "--allow-empty", "-m", message])
    return try git(["rev-parse", "HEAD"])
  }

  /// Commits new files with an honest package in them, on the branch that stands.
  @discardableResult
  func submit(adding files: [String: String], message: String = "work", _ change: (inout JSONObject) -> Void = { _ in })
    throws -> String
  {
    for (path, text) in files { try write(path, text) }
    try write(".sluice/package.json", Self.package(added: files.keys.sorted(), change))
    return try commit(message)
  }

  static func package(
    modified: [String] = [], added: [String] = [], deleted: [String] = [],
    _ change: (inout JSONObject) -> Void = { _ in }
  ) -> String {
    func list(_ paths: [String]) -> JSONValue { .array(paths.map(JSONValue.string)) }
    var object: JSONObject = [
      "metadata": [
        "agent_id": "agent-1", "task_id": "task-1", "timestamp": "2024-01-01T12:00:00Z", "submission_version": "1.0.0",
      ],
      "status": "success",
      "changes": ["files_modified": list(modified), "files_added": list(added), "files_deleted": list(deleted)],
      "validation_results": ["tests_passed": true, "test_count": 3, "test_failures": 0],
      "documentation": ["feature_description": "Adds a thing"],
    ]
    change(&object)
    return JSONValue.object(object).pretty
  }

  func push(_ refs: String..., options: [String] = ["nowait"], environment: [String] = []) throws -> Finished {
    try startPush(refs, options: options, environment: environment).finish()
  }

  func startPush(_ refs: [String], options: [String] = [], environment: [String] = []) throws -> Running {
    try Running(
      ["git", "push"] + options.flatMap { ["-o", $0] } + ["origin"] + refs, in: work, environment: environment)
  }

  /// `<ref>` of everything below `refs/` on the server, hidden refs too.
  func refs(under space: String = "refs/") throws -> [String] {
    try git(["for-each-ref", "--format=%(refname)", space], in: server).split(separator: "\n").map(String.init)
  }

  /// The records in the inbox, in the order of their ids.
  func inbox() throws -> [InboxRecord] {
    try refs(under: SluiceRef.inboxSpace).compactMap { ref in
      let message = try git(["for-each-ref", "--format=%(contents)", ref], in: server)
      return InboxRecord(json: try JSONValue.parse(Array(message.utf8)))
    }
  }

  func submissions() throws -> [SubmissionRequest] {
    try inbox().compactMap { if case .submission(let request) = $0 { request } else { nil } }
  }
}

extension String {
  func components(before mark: String) -> String {
    guard let start = firstRange(of: mark) else { return self }
    return String(self[..<start])
  }

  func components(beforeLast character: Character) -> String {
    lastIndex(of: character).map { String(self[..<$0]) } ?? self
  }

  var trimmed: String {
    var text = self[...]
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }

  private func firstRange(of mark: String) -> String.Index? {
    indices.first { self[$0...].hasPrefix(mark) }
  }
}
