import Domain
import Git

/// What a candidate is made from.
struct CandidateCommit {
  let request: SubmissionRequest
  let integration: IntegrationID
  let work: Work
  let merge: Policy.Merge
}

extension Engine {
  typealias MadeCandidate = (commit: ObjectID, isFastForward: Bool, outcome: String)

  /// Most commits that one submission is rewritten or listed as.
  private static let commitsMax = 1_000

  /// The candidate commit on a target's tip, by the policy's merge strategy.
  func candidate(_ making: CandidateCommit, on tip: ObjectID) throws -> MadeCandidate {
    let work = making.work
    if try objects.isAncestor(work.commit, of: tip) {
      throw Refusal(.invalidPackage, "nothing is left to land: \(making.request.target) contains this commit already")
    }
    if making.merge != .squash, work.isUntouched, making.request.embedding == .tag,
      try objects.isAncestor(tip, of: work.commit)
    {
      return (work.commit, true, "fast-forward")
    }
    switch making.merge {
    case .squash:
      let tree = try cleanTree(making, on: tip)
      return (try squashed(making, tree: tree, onto: [tip], after: tip), false, "clean")
    case .merge:
      let tree = try cleanTree(making, on: tip)
      let title = making.work.package.documentation.featureDescription
      let message = LandingMessage.merge(title: title, request: making.request, integration: making.integration)
      let author = try objects.commit(work.commit).author
      return (try commit(tree, [tip, work.commit], author, message), false, "clean")
    case .rebase: return (try rebased(making, onto: tip), false, "clean")
    }
  }

  /// The first commit of a target: the work alone, without parents.
  func firstCandidate(_ making: CandidateCommit) throws -> MadeCandidate {
    if making.merge != .squash, making.work.isUntouched, making.request.embedding == .tag {
      return (making.work.commit, true, "first commit")
    }
    let tree = try objects.commit(making.work.stripped).tree
    return (try squashed(making, tree: tree, onto: [], after: nil), false, "first commit")
  }

  private func squashed(
    _ making: CandidateCommit, tree: ObjectID, onto parents: [ObjectID], after base: ObjectID?
  ) throws -> ObjectID {
    let ids = try objects.commits(from: making.work.commit, notIn: base, countMax: Self.commitsMax)
    var commits: [Commit] = []
    for id in ids.reversed() {
      let commit = try objects.commit(id)
      // A merge wrote nothing of its own, and neither did a commit that only brought the package.
      guard commit.parents.count < 2, try bringsWork(commit) else { continue }
      commits.append(commit)
    }
    let newest = try objects.commit(making.work.commit)
    let message = LandingMessage.squash(
      commits.isEmpty ? [newest] : commits, title: making.work.package.documentation.featureDescription,
      request: making.request, integration: making.integration)
    return try commit(tree, parents, commits.last?.author ?? newest.author, message)
  }

  private func bringsWork(_ commit: Commit) throws -> Bool {
    let before = try commit.parents.first.map { try withoutPackage(objects.commit($0).tree) } ?? .emptyTree
    return try withoutPackage(commit.tree) != before
  }

  private func rebased(_ making: CandidateCommit, onto tip: ObjectID) throws -> ObjectID {
    var current = tip
    for id in try objects.commits(from: making.work.commit, notIn: tip, countMax: Self.commitsMax).reversed() {
      let original = try objects.commit(id)
      // A rebase leaves merges out: what they brought stands in the commits themselves.
      guard original.parents.count < 2 else { continue }
      let before = try original.parents.first.map { try withoutPackage(objects.commit($0).tree) } ?? .emptyTree
      let ours = try objects.commit(current).tree
      switch try merging.merge(base: before, ours: ours, theirs: withoutPackage(original.tree)) {
      case .conflict(let paths): throw try conflict(making, paths, on: tip)
      case .clean(let tree):
        guard tree != ours else { continue }
        let message = LandingMessage.keeping(original, request: making.request, integration: making.integration)
        current = try commit(tree, [current], original.author, message)
      }
    }
    return current
  }

  private func withoutPackage(_ tree: ObjectID) throws -> ObjectID {
    try objects.removing(PackageEmbedding.path, from: tree)
  }

  private func cleanTree(_ making: CandidateCommit, on tip: ObjectID) throws -> ObjectID {
    switch try merging.merge(tip, making.work.stripped) {
    case .clean(let tree): return tree
    case .conflict(let paths): throw try conflict(making, paths, on: tip)
    }
  }

  private func commit(_ tree: ObjectID, _ parents: [ObjectID], _ author: Signature, _ message: String) throws
    -> ObjectID
  {
    // A committer older than its parent makes history walks slow and wrong.
    let parentTime = try parents.map { try objects.commit($0).committer.time }.max() ?? 0
    let committer = Signature(
      name: settings.committerName, email: settings.committerEmail, time: max(clock.seconds, parentTime))
    return try objects.write(
      Commit(tree: tree, parents: parents, author: author, committer: committer, message: Array(message.utf8)))
  }

  /// The refusal for a conflict: the files, both sides, and which landed work touched them since the work began.
  private func conflict(_ making: CandidateCommit, _ paths: [String], on tip: ObjectID) throws -> Refusal {
    let files = Array(Set(paths)).sorted()
    var details = files.prefix(50).map { "conflict in \(Printable.line($0, max: 300))" }
    if files.count > 50 { details.append("… and \(files.count - 50) more") }
    details += try landedUnderneath(making.work.commit, files: Set(files), tip: tip)
    let target = making.request.target
    return Refusal(
      .mergeConflicts,
      "\(files.count == 1 ? "1 file conflicts" : "\(files.count) files conflict") between \(making.work.commit.short) and \(target) at \(tip.short)",
      details: details,
      hint:
        "git fetch <remote> && git rebase <remote>/\(target), then push to refs/heads/submit/\(making.request.name) again"
    )
  }

  /// Commits on the target since the merge base that touched one of the files, newest first.
  private func landedUnderneath(_ work: ObjectID, files: Set<String>, tip: ObjectID) throws -> [String] {
    var found: [String] = []
    for id in try objects.newestCommits(from: tip, notIn: work, limit: 200) {
      let commit = try objects.commit(id)
      guard let parent = commit.parents.first else { continue }
      var reader = objects
      let touched = try TreeDifference.between(
        objects.commit(parent).tree, commit.tree, in: &reader, changesMax: 10_000)
      let shared = touched.map(\.path.description).filter(files.contains)
      guard !shared.isEmpty else { continue }
      let shown = shared.prefix(3).joined(separator: ", ")
      found.append(
        "landed meanwhile: \(id.short) \(Printable.line(commit.subject, max: 100)) (\(Printable.line(shown, max: 200)))"
      )
      if found.count == 10 { break }
    }
    return found
  }
}
