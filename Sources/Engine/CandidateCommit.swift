import Domain
import Git

/// What a candidate is made from.
struct CandidateCommit {
  let request: SubmissionRequest
  let integration: IntegrationID
  let work: Work
  let merge: Policy.Merge
  /// How conflicts are settled without a person.
  let resolve: ResolutionRules
}

/// A candidate's commit, and how it came about.
struct MadeCandidate {
  let commit: ObjectID
  /// Whether it is the pushed commit itself.
  var isFastForward = false
  /// How the merge went, in the words of the push output.
  let outcome: String
  /// The conflicts that the policy settled.
  var resolutions: [AppliedResolution] = []

  init(_ commit: ObjectID, _ outcome: String) {
    self.commit = commit
    self.outcome = outcome
  }

  /// One that was merged: clean, or after conflicts were settled.
  init(_ commit: ObjectID, resolving resolutions: [AppliedResolution]) {
    let lines = AppliedResolution.lines(resolutions)
    let shown = lines.prefix(3).joined(separator: ", ")
    let rest = lines.count > 3 ? ", … and \(lines.count - 3) more" : ""
    self.init(commit, resolutions.isEmpty ? "clean" : "resolved \(shown)\(rest)")
    self.resolutions = resolutions
  }
}

extension Engine {
  /// Most commits that one submission is listed as.
  static let commitsMax = Rebase.commitsMax

  /// The candidate commit on a target's tip, by the policy's merge strategy.
  func candidate(_ making: CandidateCommit, on tip: ObjectID) throws -> MadeCandidate {
    let work = making.work
    if try objects.isAncestor(work.commit, of: tip) {
      throw Refusal(.invalidPackage, "nothing is left to land: \(making.request.target) contains this commit already")
    }
    if making.merge != .squash, work.isUntouched, making.request.embedding == .tag,
      try objects.isAncestor(tip, of: work.commit)
    {
      var made = MadeCandidate(work.commit, "fast-forward")
      made.isFastForward = true
      return made
    }
    switch making.merge {
    case .squash:
      let (tree, resolutions) = try cleanTree(making, on: tip)
      return MadeCandidate(try squashed(making, tree: tree, onto: [tip], after: tip), resolving: resolutions)
    case .merge:
      let (tree, resolutions) = try cleanTree(making, on: tip)
      let title = making.work.package.documentation.featureDescription
      let message = LandingMessage.merge(title: title, request: making.request, integration: making.integration)
      let author = try objects.commit(work.commit).author
      return MadeCandidate(try commit(tree, [tip, work.commit], author, message), resolving: resolutions)
    case .rebase: return try rebased(making, onto: tip)
    }
  }

  /// The first commit of a target: the work alone, without parents.
  func firstCandidate(_ making: CandidateCommit) throws -> MadeCandidate {
    if making.merge != .squash, making.work.isUntouched, making.request.embedding == .tag {
      var made = MadeCandidate(making.work.commit, "first commit")
      made.isFastForward = true
      return made
    }
    let tree = try objects.commit(making.work.stripped).tree
    return MadeCandidate(try squashed(making, tree: tree, onto: [], after: nil), "first commit")
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

  private func rebased(_ making: CandidateCommit, onto tip: ObjectID) throws -> MadeCandidate {
    switch try merging.rebase(making.work.commit, onto: tip, by: making.resolve) {
    case .conflict(let conflict): throw try self.conflict(making, conflict, on: tip)
    case .clean(let steps, let resolutions):
      var current = tip
      for step in steps {
        let original = try objects.commit(step.original)
        let message = LandingMessage.keeping(original, request: making.request, integration: making.integration)
        current = try commit(step.tree, [current], original.author, message)
      }
      return MadeCandidate(current, resolving: resolutions)
    }
  }

  func withoutPackage(_ tree: ObjectID) throws -> ObjectID {
    try merging.withoutPackage(tree)
  }

  private func cleanTree(
    _ making: CandidateCommit, on tip: ObjectID
  ) throws -> (tree: ObjectID, resolutions: [AppliedResolution]) {
    switch try merging.merge(tip, making.work.stripped, by: making.resolve) {
    case .clean(let tree, let resolutions): return (tree, resolutions)
    case .conflict(let conflict): throw try self.conflict(making, conflict, on: tip)
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
}
