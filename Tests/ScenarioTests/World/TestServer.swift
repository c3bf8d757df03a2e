import Domain
import Foundation
import Glibc
import Processes

/// A bare repository with Sluice installed.
struct TestServer: Sendable {
  let repository: String
  /// What is planted in the environment of every push and must be seen nowhere.
  let secret: String
  /// The target's first commit; nil for a repository that began empty.
  let start: String?

  init(_ base: Base, in folder: String) async throws {
    repository = folder + "/server.git"
    secret = "canary-\(UUID().uuidString)"
    try await Git.run(in: "/", "init", "-q", "--bare", "-b", "main", repository)
    start = try await Self.fill(repository, base)
    for target in base.targets {
      try await Git.run(in: repository, "config", "--add", "sluice.target", target)
      if let start { try await Git.run(in: repository, "update-ref", "refs/heads/\(target)", start) }
    }
    for (key, value) in base.config { try await Git.run(in: repository, "config", "--add", key, value) }
    for (name, text) in base.hooks { try Self.write(text, to: "\(repository)/hooks/\(name)", executable: true) }
    var options = base.installOptions
    if let policy = base.policyFile {
      let file = folder + "/policy.yml"
      try Self.write(policy, to: file)
      options += ["--policy", file]
    }
    let installed = try await sluice("install", options: options + [repository])
    guard installed.status == 0 else { throw Program.Failure(description: "sluice install: \(installed.text)") }
  }

  /// Runs git in the repository, as an administrator would.
  @discardableResult
  func git(_ arguments: String...) async throws -> String { try await Git.run(in: repository, arguments) }

  /// Runs the `sluice` command in the repository.
  func sluice(_ command: String, _ arguments: String..., environment: [String: String] = [:]) async throws -> Output {
    try await sluice(command, options: arguments, environment: environment)
  }

  func sluice(_ command: String, options: [String], environment: [String: String] = [:]) async throws -> Output {
    try await Program.run(
      Built.sluice, [command] + options, environment: Git.environment.merging(environment) { $1 }, in: repository)
  }

  /// Starts a `sluice` command, for example a worker.
  func start(_ command: String, _ arguments: String..., environment: [String: String] = [:]) throws -> Program {
    try Program(
      Built.sluice, [command] + arguments, environment: Git.environment.merging(environment) { $1 }, in: repository)
  }

  /// The JSON that a reading command gives.
  func json(_ command: String, _ arguments: String...) async throws -> JSONValue {
    let output = try await sluice(command, options: ["--json"] + arguments)
    do { return try JSONValue.parse(Array(output.out.utf8)) } catch {
      throw Program.Failure(description: "sluice \(command) --json \(arguments): exit \(output.status)\n\(output.text)")
    }
  }

  /// The commit a branch points at; nil where it does not exist.
  func tip(_ branch: String = "main") async throws -> String? {
    let output = try await Program.run(
      Git.path, ["-C", repository, "rev-parse", "--verify", "-q", "refs/heads/\(branch)"])
    return output.status == 0 ? output.out.trimmingCharacters(in: .whitespacesAndNewlines) : nil
  }

  /// A file of the target; nil where it has none of that name.
  func file(_ path: String, at revision: String = "refs/heads/main") async throws -> String? {
    let output = try await Program.run(Git.path, ["-C", repository, "cat-file", "blob", "\(revision):\(path)"])
    return output.status == 0 ? output.out : nil
  }

  /// The subjects of the target's first-parent line, oldest first.
  func history(of branch: String = "main") async throws -> [String] {
    try await git("log", "--first-parent", "--reverse", "--format=%s", "refs/heads/\(branch)").split(separator: "\n")
      .map(String.init)
  }

  /// The names of all refs.
  func refs() async throws -> [String] {
    try await git("for-each-ref", "--format=%(refname)").split(separator: "\n").map(String.init)
  }

  /// The certificate on a commit; nil where it has none.
  func certificate(of commit: String) async throws -> JSONValue? {
    let note = try await Program.run(Git.path, ["-C", repository, "notes", "--ref=sluice", "show", commit])
    return note.status == 0 ? try JSONValue.parse(Array(note.out.utf8)) : nil
  }

  /// The events of a submission, from its journal.
  func events(of submission: String) throws -> [JSONValue] {
    let text = try String(contentsOfFile: "\(repository)/sluice/journal/\(submission).jsonl", encoding: .utf8)
    return try text.split(separator: "\n").map { try JSONValue.parse(Array($0.utf8)) }
  }

  /// The processes that hold the repository's lease file open and are workers.
  func workers() -> [Int32] {
    ProcessTable.all.filter { pid in
      ProcessTable.arguments(of: pid).contains("worker")
        && ProcessTable.openFiles(of: pid).contains(repository + "/sluice/worker.lock")
    }
  }

  /// Runs a worker until it dies; another that was just started by a push may hold the lease for a moment.
  func worker(dyingAt point: String, passage: Int = 1) async throws -> Output {
    for _ in 0..<100 {
      let worker = try start("worker", environment: ["SLUICE_FAILPOINT": "\(point)=kill9@\(passage)"])
      let output = try await worker.ended()
      if !output.text.contains("another worker") { return output }
    }
    throw Program.Failure(description: "the lease never came free")
  }

  /// Ends the worker by a signal and waits until it has let go of its lease.
  func endWorker(by signal: Int32 = SIGTERM) async throws {
    let pids = workers()
    for pid in pids { kill(pid, signal) }
    let lock = repository + "/sluice/worker.lock"
    guard access(lock, F_OK) == 0 else { return }
    // Blocks until the lease is free; the program at the end lets it go again.
    let freed = try await Program.run("/usr/bin/flock", [lock, "/bin/true"], seconds: 60)
    guard freed.status == 0 else { throw Program.Failure(description: "the worker does not end\n\(freed.text)") }
    // One that was killed may stay as a zombie for as long as the push that started it watches.
    for pid in pids where signal != SIGKILL {
      _ = try await Program.run("/usr/bin/tail", ["--pid=\(pid)", "-s", "0.02", "-f", "/dev/null"], seconds: 60)
    }
  }

  static func write(_ text: String, to path: String, executable: Bool = false) throws {
    try Data(text.utf8).write(to: URL(filePath: path))
    chmod(path, executable ? 0o755 : 0o644)
  }

  private static func fill(_ repository: String, _ base: Base) async throws -> String? {
    guard let files = base.files else { return nil }
    let local = TestClient(repository: repository, url: repository, environment: [:], target: "main")
    let work = Work("base", files).with { $0.message = "base" }
    let commit = try await local.commit(files, parent: nil, work)
    try await Git.run(in: repository, "update-ref", "refs/heads/main", commit)
    for ref in try await Git.run(in: repository, "for-each-ref", "--format=%(refname)", "refs/work").split(
      separator: "\n")
    {
      try await Git.run(in: repository, "update-ref", "-d", String(ref))
    }
    return commit
  }
}
