import Domain
import Git
import GitProgram

extension Engine {
  /// What a rebase can help with: the work was judged together with what has landed since it began.
  private static let categoriesWorthRebasing: Set<FailureCategory> = [
    .testFailures, .regressionDetected, .performanceDegradation, .timedOut,
  ]

  /// Offers a refused submission its work on the target's tip, ready to fetch, where it rebases cleanly.
  func offeringRebased(_ refusal: Refusal, _ running: RunningIntegration) throws -> Refusal {
    let request = running.request
    guard Self.categoriesWorthRebasing.contains(refusal.category), let work = running.built?.work,
      let tip = try objects.tip(of: SluiceRef.branch(request.target)), try !objects.isAncestor(tip, of: work.commit),
      let rebased = try rebased(work, onto: tip)
    else { return refusal }
    let ref = SluiceRef.rebased(request.id)
    if let old = try objects.tip(of: ref) {
      guard old != rebased else { return refusal }
      pins.append(.move(ref, from: old, to: rebased))
    } else {
      pins.append(.create(ref, rebased))
    }
    var refusal = refusal
    refusal.rebasedRef = ref
    let isFile = request.embedding == .file
    let package = isFile ? " && git checkout \(request.pushed.hex) -- \(PackageEmbedding.path)" : ""
    let again = isFile ? "push to refs/heads/submit/\(request.name) again" : "submit it again as \(request.name)"
    refusal.hint =
      "git fetch origin \(ref) && git checkout -B \(request.name)-rebased FETCH_HEAD\(package) has this work on \(request.target) at \(tip.short): mend it there, commit, and \(again)"
    return refusal
  }

  /// The work's commits on a tip, with their own messages, authors and times; nil where they do not apply, or change nothing.
  private func rebased(_ work: Work, onto tip: ObjectID) throws -> ObjectID? {
    // Rules that settle conflicts would leave the author a file that nobody has looked at.
    guard case .clean(let steps, _) = try merging.rebase(work.commit, onto: tip, by: .none) else { return nil }
    var current = tip
    for step in steps {
      var commit = try objects.commit(step.original)
      commit.tree = step.tree
      commit.parents = [current]
      commit.otherHeaders.removeAll { $0.name == "gpgsig" || $0.name == "gpgsig-sha256" }
      current = try objects.write(commit)
    }
    return current == tip ? nil : current
  }
}
