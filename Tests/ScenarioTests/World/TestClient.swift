import Domain
import Foundation
import Synchronization

/// An agent with a clone: makes honest submissions and pushes them with git.
struct TestClient: Sendable {
  let repository: String
  let url: String
  /// What git is run with to reach the server.
  let environment: [String: String]
  let target: String

  init(repository: String, url: String, environment: [String: String], target: String) {
    self.repository = repository
    self.url = url
    self.environment = environment
    self.target = target
  }

  /// Clones a server.
  init(cloning url: String, to repository: String, environment: [String: String], target: String = "main") async throws
  {
    self.init(repository: repository, url: url, environment: environment, target: target)
    // As over a network: a clone of files meets those that a push is just writing.
    try await Git.run(in: "/", "clone", "-q", "--bare", "--no-local", url, repository, environment: environment)
  }

  /// Fetches the target; its newest commit, or nil where it does not exist.
  @discardableResult
  func fetch() async throws -> String? {
    let fetched = try await Program.run(
      Git.path, ["-C", repository, "fetch", "-q", url, "+refs/heads/\(target):refs/remotes/origin/\(target)"],
      environment: Git.environment.merging(environment) { $1 })
    guard fetched.status == 0 else { return nil }
    return try await Git.run(in: repository, "rev-parse", "refs/remotes/origin/\(target)")
  }

  /// Makes a submission's object; its id.
  func make(_ work: Work) async throws -> String {
    let parent: String? = if let given = work.parent { given } else { try await fetch() }
    let present = try await paths(of: parent)
    var package = work.package(present: present)
    work.adjust(&package)
    let bytes = work.packageBytes ?? Array(package.compact.utf8)
    switch work.embedding {
    case .file:
      var changes = work.changes
      if changes[".sluice/package.json"] == nil { changes[".sluice/package.json"] = .bytes(bytes) }
      return try await commit(changes, parent: parent, work)
    case .tag:
      let commit = try await commit(work.changes, parent: parent, work)
      return try await tag(commit, message: bytes, name: work.name)
    case .blob:
      let commit = try await commit(work.changes, parent: parent, work)
      let base = parent ?? "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
      let diff = try await Git.run(in: repository, "diff", "--binary", "--full-index", "--no-renames", base, commit)
      if package["diff_package"] == nil {
        package.set("diff_package", to: .string(Data((diff + "\n").utf8).base64EncodedString()))
      }
      if let parent, package["metadata"]?["base_commit"] == nil {
        package.set("metadata", "base_commit", to: .string(parent))
      }
      return try await blob(work.packageBytes ?? Array(package.compact.utf8))
    }
  }

  /// Writes a blob; its id.
  func blob(_ bytes: [UInt8]) async throws -> String {
    try await Git.run(in: repository, "hash-object", "-w", "--stdin", input: bytes)
  }

  /// Makes a tag object that no ref names; its id.
  func tag(_ object: String, message: [UInt8], name: String) async throws -> String {
    let kind = try await Git.run(in: repository, "cat-file", "-t", object)
    let head = "object \(object)\ntype \(kind)\ntag \(name)\ntagger Ada <ada@example.com> 1700000000 +0000\n\n"
    return try await Git.run(
      in: repository, "hash-object", "-t", "tag", "-w", "--stdin", "--literally", input: Array(head.utf8) + message)
  }

  /// Makes a commit with changes to its parent's tree; its id.
  func commit(_ changes: [String: Work.Content], parent: String?, _ work: Work) async throws -> String {
    let branch = "refs/work/\(UUID().uuidString)"
    var stream: [UInt8] = []
    func say(_ text: String) { stream += Array(text.utf8) }
    let message = work.message ?? "Work on \(work.name)"
    say("commit \(branch)\nauthor \(work.author) 1700000000 +0000\ncommitter \(work.author) 1700000000 +0000\n")
    say("data \(message.utf8.count)\n\(message)\n")
    if let parent { say("from \(parent)\n") }
    for (path, content) in changes.sorted(by: { $0.key < $1.key }) {
      switch content {
      case .removed: say("D \(path)\n")
      case .text(let text): say("M 100644 inline \(path)\ndata \(text.utf8.count)\n\(text)\n")
      case .executable(let text): say("M 100755 inline \(path)\ndata \(text.utf8.count)\n\(text)\n")
      case .symlink(let goal): say("M 120000 inline \(path)\ndata \(goal.utf8.count)\n\(goal)\n")
      case .bytes(let bytes):
        say("M 100644 inline \(path)\ndata \(bytes.count)\n")
        stream += bytes + [10]
      }
    }
    say("\ndone\n")
    try await Git.run(in: repository, "fast-import", "--quiet", "--done", input: stream)
    return try await Git.run(in: repository, "rev-parse", branch)
  }

  /// Makes and pushes a submission.
  func submit(_ work: Work, _ options: String...) async throws -> Push {
    try await push(["\(make(work)):\(work.pushedRef)"], options)
  }

  /// Makes a submission and starts its push.
  func start(_ work: Work, _ options: String..., environment: [String: String] = [:]) async throws -> Program {
    try await start(["\(make(work)):\(work.pushedRef)"], options, environment: environment)
  }

  /// Pushes refspecs.
  func push(_ refspecs: [String], _ options: [String] = [], environment: [String: String] = [:]) async throws -> Push {
    Push(try await start(refspecs, options, environment: environment).ended())
  }

  func start(_ refspecs: [String], _ options: [String] = [], environment: [String: String] = [:]) throws -> Program {
    try Program(
      Git.path,
      ["-C", repository, "push", "--no-progress", url] + options.flatMap { $0.hasPrefix("--") ? [$0] : ["-o", $0] }
        + refspecs,
      environment: Git.environment.merging(self.environment) { $1 }.merging(environment) { $1 })
  }

  private func paths(of commit: String?) async throws -> Set<String> {
    guard let commit else { return [] }
    let list = try await Git.run(in: repository, "ls-tree", "-r", "--name-only", "-z", commit)
    return Set(list.split(separator: "\0").map(String.init))
  }
}

/// What a push said and how it ended.
struct Push: Sendable, CustomStringConvertible {
  let status: Int32
  let text: String

  init(_ output: Output) {
    status = output.status
    text = output.text
  }

  /// The `remote:` lines, without git's prefix and padding.
  var remote: [String] {
    text.split(separator: "\n").filter { $0.hasPrefix("remote: ") }
      .map { String($0.dropFirst(8)).replacing(/\s+$/, with: "") }
  }

  /// The ids of the submissions it was told.
  var submissions: [String] { unique(text.matches(of: /sub-[0-9]+-[a-z0-9]+/).map { String($0.0) }) }
  var integrations: [String] { unique(text.matches(of: /int-[0-9]+-[a-z0-9]+/).map { String($0.0) }) }
  /// The category of the refusal, from the `error: sluice: <category>: …` line.
  var category: String? { text.firstMatch(of: #/error: sluice: ([a-z_]+): /#).map { String($0.1) } }

  var description: String { "exit \(status)\n\(text)" }

  private func unique(_ ids: [String]) -> [String] {
    ids.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
