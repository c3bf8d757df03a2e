import Domain
import Git
import GitProgram
import Store

/// The newest submission of each lineage that ended in a conflict: its next version says how that is settled.
struct RefusedConflicts {
  private var refused: [String: Submission] = [:]
  private static let lineagesMax = 1_000

  mutating func note(_ submission: Submission) {
    let lineage = Self.lineage(submission.request.target, submission.request.name)
    switch submission.state {
    case .rejected where submission.category == .mergeConflicts:
      if refused.count >= Self.lineagesMax { refused = [:] }
      refused[lineage] = submission
    case .landed: refused[lineage] = nil
    default: break
    }
  }

  /// The one that a landing answers.
  mutating func take(target: String, name: String) -> Submission? {
    refused.removeValue(forKey: Self.lineage(target, name))
  }

  private static func lineage(_ target: String, _ name: String) -> String { "\(target)/\(name)" }
}

extension Engine {
  /// Keeps how a landed submission settled the conflict for which the version before it was refused, where the policy wants
  /// such files settled so. What cannot be learned is no fault of the landing.
  func recordResolutions(of facts: Certificate.Facts, _ built: BuiltCandidate) {
    guard let request = open[facts.submission]?.request,
      let before = conflictsRefused.take(target: facts.target, name: request.name)
    else { return }
    do { try record(how: built, settles: before, landedAs: facts) } catch {
      log("\(facts.submission): how it settled a conflict is not recorded: \(error)")
    }
  }

  private func record(how built: BuiltCandidate, settles before: Submission, landedAs facts: Certificate.Facts) throws {
    let rules = built.policy.policy.resolve
    guard rules.contains(where: { $0.method == .recorded }), objects.exists(before.request.pushed),
      let base = try before.integration.flatMap({ try ledger.integration($0)?.base }), objects.exists(base),
      case .conflict(let conflict) = try merging.merge(
        base, finder.work(of: before.request, tip: base).stripped, by: .none)
    else { return }
    let tip = try objects.tip(of: SluiceRef.resolutions)
    let tree = try tip.map { try objects.commit($0).tree } ?? .emptyTree
    guard try !recordedHunks.isFull(tree) else { return }
    let work = try objects.commit(built.work.stripped).tree
    var edits: [TreeEdit] = []
    for unmerged in conflict.unmerged {
      let rule = rules.first { CheckInputs(globs: [$0.path]).match(unmerged.path) }
      guard rule?.method == .recorded, let text = try unmerged.text(in: objects),
        let entry = try objects.entry(at: unmerged.path, in: work), entry.mode == .file || entry.mode == .executable,
        try objects.size(of: entry.id) <= ConflictedText.sizeMax
      else { continue }
      let file = ConflictedFile(path: unmerged.path, commit: nil, text: text)
      let content = try objects.blob(entry.id, sizeMax: ConflictedText.sizeMax)
      edits += try recordedHunks.edits(noting: content, as: file, in: tree)
    }
    guard !edits.isEmpty else { return }
    let nobody = Signature(name: settings.committerName, email: settings.committerEmail, time: clock.seconds)
    let message = "Settle conflicts as \(facts.submission) did\n\nLanded-Commit: \(facts.commit.hex)\n"
    let commit = try objects.write(
      Commit(
        tree: try objects.editing(tree, edits), parents: tip.map { [$0] } ?? [], author: nobody, committer: nobody,
        message: Array(message.utf8)))
    let ref = SluiceRef.resolutions
    _ = try refs.commit([tip.map { .move(ref, from: $0, to: commit) } ?? .create(ref, commit)])
  }
}
