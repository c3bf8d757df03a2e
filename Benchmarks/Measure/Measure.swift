import Checks
import Domain
import Engine
import Foundation
import Git
import GitProgram

/// Times parts of the engine alone, in its own process: what the scripts beside it compare with git's commands.
@main struct Measure {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    guard arguments.count == 2, let what = arguments.first, let repository = arguments.last else { usage() }
    if what == "junit" { return try junit(repository) }
    let objects = try Repository(path: repository)
    switch what {
    case "merges": try merges(objects)
    case "train": try train(objects)
    case "worktrees": try worktrees(objects)
    case "radar": try radar(objects)
    default: usage()
    }
  }

  private static func usage() -> Never {
    FileHandle.standardError.write(
      Data("usage: measure merges|train|worktrees|radar REPO.git, or measure junit FILE\n".utf8))
    exit(2)
  }

  /// Merges each pair `<ours> <theirs>` of standard input in memory: `<milliseconds> <tree or ->` a line.
  private static func merges(_ objects: Repository) throws {
    while let line = readLine() {
      let pair = line.split(separator: " ").compactMap { ObjectID(hex: $0) }
      guard pair.count == 2 else { usage() }
      var pending = PendingObjects()
      let began = ContinuousClock.now
      let decision = try objects.mergeCommits(ours: pair[0], theirs: pair[1], keepingIn: &pending)
      let took = milliseconds(since: began)
      if case .clean(let tree) = decision { print(took, tree.hex) } else { print(took, "-") }
    }
  }

  /// Merges the commits of standard input one onto the other, in memory: the milliseconds of the whole train.
  private static func train(_ objects: Repository) throws {
    var commits: [Commit] = []
    while let line = readLine() { commits.append(try objects.commit(ObjectID(hex: line) ?? .emptyTree)) }
    guard let parent = commits.first?.parents.first else { usage() }
    let base = try objects.commit(parent).tree
    var pending = PendingObjects()
    var tree = base
    let began = ContinuousClock.now
    for commit in commits {
      guard
        case .clean(let merged) = try objects.merge(base: base, ours: tree, theirs: commit.tree, keepingIn: &pending)
      else { continue }
      tree = merged
    }
    print(milliseconds(since: began), tree.hex)
  }

  /// Looks for whom each newcomer collides with among a train: the commits of the first line of standard input are the
  /// train, each further line is a newcomer; `<milliseconds> <collisions> <looked at>` a line.
  private static func radar(_ objects: Repository) throws {
    guard let tip = try objects.tip(of: "refs/heads/main") else { usage() }
    let radar = ConflictRadar(objects: objects, git: try GitProgram(repository: objects.path))
    var random = SystemRandomNumberGenerator()
    func take(_ commit: ObjectID) throws -> SubmissionID {
      let id = SubmissionID(atMilliseconds: 0, using: &random)
      let request = SubmissionRequest(
        id: id, name: "n", target: "main", pushed: commit, embedding: .tag, taskID: "t", agentID: "a", identity: "i",
        options: SubmissionOptions(), acceptedAt: 0, supersedes: nil)
      try radar.take(request, commit: commit, work: commit, target: tip)
      return id
    }
    let ahead = try (readLine() ?? "").split(separator: " ").compactMap { ObjectID(hex: $0) }.map(take)
    while let line = readLine(), let commit = ObjectID(hex: line) {
      let began = ContinuousClock.now
      let forecast = try radar.look(for: take(commit), among: ahead, settledBy: [], seconds: 60)
      print(milliseconds(since: began), forecast.collisions.count, forecast.lookedAt)
    }
  }

  /// Makes and removes the files of each tree of standard input, the first of which is the kept base: milliseconds a line.
  private static func worktrees(_ objects: Repository) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/sluice-measure-\(getpid())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let sandbox = Sandbox(SandboxSettings(ServerSettings()), folder: folder)
    let worktrees = try Worktrees(folder: folder, sandbox: sandbox)
    var content = RepositoryContent(objects)
    while let line = readLine() {
      guard let tree = ObjectID(hex: line) else { usage() }
      let began = ContinuousClock.now
      try worktrees.make(tree, from: &content).remove()
      print(milliseconds(since: began))
    }
  }

  /// Reads a JUnit file: milliseconds, tests, and the most memory this process had, in MiB.
  private static func junit(_ path: String) throws {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    let size = Int(try file.seekToEnd())
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = max(pread(file.fileDescriptor, buffer.baseAddress, size, 0), 0)
    }
    let began = ContinuousClock.now
    let counts = try ReportedTests.count(junit: bytes)
    let took = milliseconds(since: began)
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    print(took, counts.total, usage.ru_maxrss >> 10)
  }

  private static func milliseconds(since began: ContinuousClock.Instant) -> Double {
    (ContinuousClock.now - began) / .milliseconds(1)
  }
}
