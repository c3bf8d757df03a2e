import Domain
import Git

extension Engine {
  /// Commits of a target that are looked at for the cause of a conflict.
  private static let causesLookedAt = 200

  /// The refusal for a conflict, with the plan to resolve it.
  func conflict(_ making: CandidateCommit, _ conflict: MergeConflict, on tip: ObjectID) throws -> Refusal {
    let target = making.request.target
    let plan = try plan(making, conflict, on: tip)
    var refusal = Refusal(
      .mergeConflicts,
      "\(plan.count == 1 ? "1 file conflicts" : "\(plan.count) files conflict") between \(making.work.commit.short) and \(target) at \(tip.short)",
      details: plan.lines,
      hint:
        "git fetch origin && git rebase origin/\(target), then push to refs/heads/submit/\(making.request.name) again"
    )
    refusal.plan = plan
    return refusal
  }

  /// The same refusal as of now: what stood ahead in the queue may have landed since.
  func upToDate(_ refusal: Refusal) throws -> Refusal {
    guard let plan = refusal.plan, let tip = try objects.tip(of: SluiceRef.branch(plan.target)) else { return refusal }
    var refusal = refusal
    let current = try plan.updating { try $0.isLanded || objects.isAncestor($0.work.commit, of: tip) }
    refusal.plan = current
    refusal.details = current.lines
    return refusal
  }

  private func plan(_ making: CandidateCommit, _ conflict: MergeConflict, on tip: ObjectID) throws -> ConflictPlan {
    let work = making.work.stripped
    let causes = try causes(work, tip: tip, target: making.request.target)
    var hunksLeft = ConflictPlan.hunksMax
    var files: [ConflictPlan.File] = []
    for unmerged in conflict.unmerged.prefix(ConflictPlan.filesMax) {
      let text = try unmerged.text(in: objects)
      var kind = conflict.kind(of: unmerged)
      if kind == .content || kind == .addAdd, text == nil { kind = .binary }
      let hunks = (text?.hunks ?? []).prefix(hunksLeft).map(ConflictPlan.Hunk.init)
      hunksLeft -= hunks.count
      let related = conflict.related(to: unmerged.path)
      files.append(
        ConflictPlan.File(
          path: Printable.line(unmerged.path.description, max: 1_000), kind: kind, hunks: hunks,
          causes: causes.filter { cause in cause.step.touches(related) }.prefix(ConflictPlan.causesMax)
            .map { ConflictPlan.Cause($0.step.work, isLanded: $0.isLanded) },
          unresolved: conflict.reasons[unmerged.path]))
    }
    return ConflictPlan(
      target: making.request.target, name: making.request.name, work: making.work.commit,
      base: try objects.mergeBases(tip, work).first, tip: tip, files: files, count: conflict.unmerged.count)
  }

  /// What the work does not stand on, newest first, and whether it has landed.
  private func causes(
    _ work: ObjectID, tip: ObjectID, target: String
  ) throws -> [(step: LandedLine.Step, isLanded: Bool)] {
    let new = Set(try objects.newestCommits(from: tip, notIn: work, limit: 10 * Self.causesLookedAt))
    let landed = try objects.tip(of: SluiceRef.branch(target))
    var isLanded = false
    return try self.landed.steps(from: tip, limit: Self.causesLookedAt, while: new.contains).map { step in
      isLanded = isLanded || step.commit == landed
      return (step, isLanded)
    }
  }
}

extension LandedLine.Step {
  /// Whether it changed one of the paths, or something below one.
  fileprivate func touches(_ paths: Set<TreePath>) -> Bool {
    if paths.contains(where: { changes[$0] != nil }) { return true }
    let folders = paths.map { $0.bytes + [UInt8(ascii: "/")] }
    return changes.keys.contains { path in folders.contains { path.bytes.starts(with: $0) } }
  }
}

extension ConflictPlan.Hunk {
  init(_ hunk: ConflictedText.Hunk) {
    func lines(_ piece: ConflictedText.Piece) -> ConflictPlan.Lines {
      ConflictPlan.Lines(start: piece.lines.lowerBound + 1, count: piece.lines.count, text: piece.bytes)
    }
    self.init(base: lines(hunk.base), ours: lines(hunk.ours), theirs: lines(hunk.theirs))
  }
}
