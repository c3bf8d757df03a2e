import Domain
import Git
import GitProgram

/// The work of a submission, found again from the object that was pushed.
struct Work: Sendable {
  /// The commit that holds the work, the package's file still in it.
  let commit: ObjectID
  /// The same work without the package's file; the same commit where there was none.
  let stripped: ObjectID
  let package: WorkPackage
  /// Whether the pushed commit could land as it is.
  var isUntouched: Bool { commit == stripped }
}

/// Finds work; everything in it was admitted once, so a refusal here means that the world has changed since.
struct WorkFinder {
  let objects: Repository
  let git: GitProgram
  /// Where a diff is applied: a folder of Sluice's own.
  let scratch: String

  func work(of request: SubmissionRequest, tip: ObjectID?) throws -> Work {
    switch request.embedding {
    case .file:
      let tree = try objects.commit(request.pushed).tree
      guard let entry = try objects.entry(at: PackageEmbedding.path, in: tree) else {
        throw Refusal(.invalidPackage, "the pushed commit holds no \(PackageEmbedding.path)")
      }
      let package = try package(in: objects.blob(entry.id, sizeMax: Self.packageBytesMax))
      return Work(commit: request.pushed, stripped: try stripped(request.pushed), package: package)
    case .tag:
      let tag = try objects.tag(request.pushed)
      let package = try package(in: PackageEmbedding.withoutSignature(tag.message))
      return Work(commit: tag.target, stripped: tag.target, package: package)
    case .blob:
      let package = try package(in: objects.blob(request.pushed, sizeMax: Self.packageBytesMax))
      let commit = try commitOfDiff(package, request, tip: tip)
      return Work(commit: commit, stripped: commit, package: package)
    }
  }

  /// A commit like the given one, without the package's file, on the same parents; itself where it holds no such file.
  func stripped(_ id: ObjectID) throws -> ObjectID {
    var commit = try objects.commit(id)
    let tree = try objects.removing(PackageEmbedding.path, from: commit.tree)
    guard tree != commit.tree else { return id }
    commit.tree = tree
    // A signature over the old tree would not hold for the new one.
    commit.otherHeaders.removeAll { $0.name == "gpgsig" || $0.name == "gpgsig-sha256" }
    return try objects.write(commit)
  }

  /// The size was judged at admission: here nothing admitted is refused for it.
  private static let packageBytesMax = 1 << 30

  private func package(in bytes: [UInt8]) throws -> WorkPackage {
    var limits = Policy.Limits()
    limits.package = Self.packageBytesMax
    limits.diff = Self.packageBytesMax
    return try WorkPackage.read(bytes: bytes, limits: limits).package
  }

  /// The commit that a pushed diff describes, on the base that its package names or on the target's tip.
  private func commitOfDiff(_ package: WorkPackage, _ request: SubmissionRequest, tip: ObjectID?) throws -> ObjectID {
    guard let diff = package.diff else { throw Refusal(.invalidPackage, "a pushed blob needs a diff_package") }
    let base = package.metadata.baseCommit ?? tip
    let tree = try base.map { try objects.commit($0).tree } ?? .emptyTree
    let changes = try changes(diff, to: tree)
    let author = Signature(
      name: Printable.line(request.agentID, max: 200), email: "\(request.identity)@localhost", time: request.acceptedAt)
    return try objects.write(
      Commit(
        tree: try objects.editing(tree, changes.map { TreeEdit($0.path, $0.new) }), parents: base.map { [$0] } ?? [],
        author: author, committer: author,
        message: Array((package.documentation.featureDescription + "\n").utf8)))
  }

  private func changes(_ diff: DiffPackage, to tree: ObjectID) throws -> [TreeChange] {
    var reader = objects
    return try AppliedDiff(git: git, scratch: scratch).apply(diff.decoded(), to: tree, in: &reader)
  }
}
