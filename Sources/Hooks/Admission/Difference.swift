import Domain
import GitProgram
import Glibc

/// What a work really changes, compared with what its package says.
struct Difference {
  /// What an admitted work changes: the package's own file is left out.
  struct Admitted: Sendable {
    let package: WorkPackage
    let changes: [TreeChange]
    /// The tree that they are changes to.
    let base: ObjectID
  }

  let context: ReceiveContext
  let questions: ObjectQuestions
  let rules: ChangeRules
  let filesMax: Int

  /// The changes of the work against its merge base with the target.
  ///
  /// - Throws: where the work breaks a limit, or the package declares something else.
  func admitted(_ work: PushedWork, tip: ObjectID?) throws(Refusal) -> Admitted {
    guard let package = work.reading.package else { throw Refusal(violations: violations(of: work, tip: tip)) }
    guard let commit = work.commit else { return try admittedDiff(package, tip: tip) }
    let history = try history(of: commit, tip: tip)
    try rules.check(history.incoming)
    // A work that the target holds already changes nothing: the engine knows whether it landed as a submission.
    let base = try tree(of: history.base)
    guard !history.incoming.isEmpty else { return Admitted(package: package, changes: [], base: base) }
    let changes = try between(base, try tree(of: commit)).filter { $0.path != PackageEmbedding.path }
    try judge(changes, by: package)
    if let diff = package.diff { try checkAgreement(of: diff, with: changes, base: base) }
    return Admitted(package: package, changes: changes, base: base)
  }

  /// Everything that is wrong with a package that does not hold, its lists of files included where they can be compared.
  private func violations(of work: PushedWork, tip: ObjectID?) -> [Violation] {
    guard let declared = work.reading.declared, let commit = work.commit else { return work.reading.violations }
    do throws(Refusal) {
      let base = try tree(of: history(of: commit, tip: tip).base)
      return work.reading.violations
        + PackageAdmission.compare(declared: declared, actual: try between(base, try tree(of: commit)))
    } catch {
      // What the work is refused for by itself is told when its package holds.
      return work.reading.violations
    }
  }

  private func history(of commit: ObjectID, tip: ObjectID?) throws(Refusal) -> HistoryComparison {
    guard let tip else { return HistoryComparison(base: nil, incoming: try wholeHistory(of: commit)) }
    let history: HistoryComparison
    do {
      history = try context.git.compare(
        target: tip, work: commit, in: questions, incomingMax: context.settings.limits.commits)
    } catch { throw Refusal(error) }
    guard history.base != nil else {
      throw Refusal(
        .invalidPush, "\(commit.short) shares no history with the target",
        hint: "git fetch and rebase your work onto the target, then push again")
    }
    return history
  }

  /// Every commit of a work whose target does not exist yet, as far as they may be.
  private func wholeHistory(of commit: ObjectID) throws(Refusal) -> [(id: ObjectID, commit: Commit)] {
    var found: [(id: ObjectID, commit: Commit)] = []
    var seen: Set<ObjectID> = [commit]
    var pending = [commit]
    do {
      while let id = pending.popLast(), found.count <= context.settings.limits.commits {
        let commit = try questions.commit(id)
        found.append((id, commit))
        pending += commit.parents.filter { seen.insert($0).inserted }
      }
    } catch { throw Refusal(error) }
    return found
  }

  private func tree(of commit: ObjectID?) throws(Refusal) -> ObjectID {
    guard let commit else { return .emptyTree }
    do { return try questions.commit(commit).tree } catch { throw Refusal(error) }
  }

  private func between(_ old: ObjectID, _ new: ObjectID) throws(Refusal) -> [TreeChange] {
    var reader = questions
    do {
      // One more for the package's own file.
      return try TreeDifference.between(
        old, new, in: &reader, changesMax: filesMax + 1, depthMax: context.settings.limits.depth)
    } catch {
      switch error {
      case .unreadable(let error): throw Refusal(error)
      case .tooManyChanges: throw tooManyFiles
      case .tooDeep(let path, let max):
        throw Refusal(
          .limitExceeded, "\(Printable.line(path.description, max: 200)) is more than \(max) folders deep")
      }
    }
  }

  private var tooManyFiles: Refusal {
    Refusal(
      .limitExceeded, "the work changes more than \(filesMax) files",
      hint: "split it, or raise limits.files in \(PolicySource.path)")
  }

  private func judge(_ changes: [TreeChange], by package: WorkPackage) throws(Refusal) {
    guard changes.count <= filesMax else { throw tooManyFiles }
    try rules.check(changes)
    let violations = PackageAdmission.compare(declared: package.changes, actual: changes)
    guard violations.isEmpty else { throw Refusal(violations: violations) }
    guard !changes.isEmpty else { throw Refusal(.invalidPackage, "the work changes nothing: there is nothing to land") }
  }

  /// The changes of a pushed blob, whose diff is applied to the base that its package names.
  private func admittedDiff(_ package: WorkPackage, tip: ObjectID?) throws(Refusal) -> Admitted {
    guard let diff = package.diff else {
      throw Refusal(
        .invalidPackage,
        "/diff_package: expected a git diff --binary in base64, because a blob was pushed, found nothing")
    }
    if let base = package.metadata.baseCommit { try checkBase(base, tip: tip) }
    let base = try tree(of: package.metadata.baseCommit ?? tip)
    let changes = try applied(diff, to: base)
    try judge(changes, by: package)
    return Admitted(package: package, changes: changes, base: base)
  }

  /// Takes only a base that the target holds: anything else would land with the diff without having been declared.
  private func checkBase(_ base: ObjectID, tip: ObjectID?) throws(Refusal) {
    guard base != tip else { return }
    let isCommit = try answering { try questions.info(base)?.kind == .commit }
    guard isCommit, let tip else {
      throw Refusal(
        .invalidPackage, "/metadata/base_commit: expected a commit of the target, found \"\(base)\"",
        hint: "make the diff against the target")
    }
    let history = try answering {
      try context.git.compare(target: tip, work: base, in: questions, incomingMax: context.settings.limits.commits)
    }
    guard history.base == base else {
      throw Refusal(
        .invalidPackage, "/metadata/base_commit: \(base.short) is not in the history of the target",
        hint: "make the diff against a commit of the target")
    }
  }

  private func applied(_ diff: DiffPackage, to tree: ObjectID) throws(Refusal) -> [TreeChange] {
    try answering {
      var reader = questions
      mkdir(context.place.state, 0o700)
      return try AppliedDiff(
        git: context.git, scratch: context.place.scratch, limits: context.settings.limits
      ).apply(diff.decoded(), to: tree, in: &reader, filesMax: filesMax)
    }
  }

  /// A diff that comes with a commit must say what the commit says.
  private func checkAgreement(
    of diff: DiffPackage, with changes: [TreeChange], base: ObjectID
  ) throws(Refusal) {
    let told = try applied(diff, to: base).filter { $0.path != PackageEmbedding.path }
    guard told != changes else { return }
    let paths = Set(told).symmetricDifference(changes).map(\.path)
    throw Refusal(
      .undeclaredChanges, "the diff_package is not the pushed change",
      details: Set(paths).sorted().map { "\(Printable.line($0.description, max: 200)) differs" },
      hint: "leave diff_package out, or make it with git diff --binary <merge base> HEAD")
  }
}
