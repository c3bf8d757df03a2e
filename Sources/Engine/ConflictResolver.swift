import Domain
import Git

/// Settles conflicts between the lines of two sides as a policy says, or not at all.
///
/// What the rules do is a function of the three versions alone, so that a landing and an audit can do it again.
struct ConflictResolver {
  let objects: Repository
  /// In the order of the policy: the first that matches a path decides.
  let rules: [Policy.Resolution]

  private enum Settled {
    case settled(AppliedResolution, FileMode)
    case left(reason: String?)
  }

  /// The merged tree, where the rules settle everything; otherwise the conflict as it was.
  func settle(_ conflict: MergeConflict) throws -> MergeResult {
    var conflict = conflict
    var applied: [AppliedResolution] = []
    var edits: [TreeEdit] = []
    for unmerged in conflict.unmerged where !rules.isEmpty {
      switch try settle(unmerged, in: conflict) {
      case .settled(let resolution, let mode):
        applied.append(resolution)
        edits.append(TreeEdit(unmerged.path, .init(mode: mode, id: resolution.content)))
      case .left(let reason): conflict.reasons[unmerged.path] = reason
      }
    }
    guard !applied.isEmpty, conflict.isSettled(by: Set(applied.map(\.path))) else { return .conflict(conflict) }
    return .clean(tree: try objects.editing(conflict.tree, edits), resolutions: applied)
  }

  private func settle(_ unmerged: MergeConflict.Unmerged, in conflict: MergeConflict) throws -> Settled {
    guard let rule = rules.first(where: { CheckInputs(globs: [$0.path]).match(unmerged.path) }) else {
      return .left(reason: nil)
    }
    // The policy is what everything is judged by: a person says what it says.
    guard unmerged.path != PolicySource.path else { return .left(reason: "the policy itself is not settled by a rule") }
    guard case .command = rule.method else { return try settle(unmerged, by: rule.method, in: conflict) }
    return .left(reason: "commands under resolve: are not run yet, only union, ours and theirs")
  }

  private func settle(
    _ unmerged: MergeConflict.Unmerged, by method: Policy.Resolution.Method, in conflict: MergeConflict
  ) throws -> Settled {
    guard let text = try conflictedText(unmerged),
      let entry = try objects.entry(at: unmerged.path, in: conflict.tree), entry.mode.isPlainFile
    else {
      return .left(reason: "\(method.text) settles the lines of text files only")
    }
    let merged = text.resolved { hunk in
      switch method {
      case .union: ConflictedText.union(hunk)
      case .ours: hunk.ours.bytes
      case .theirs: hunk.theirs.bytes
      case .command: nil
      }
    }
    guard let merged else { return .left(reason: nil) }
    let content = try objects.write(merged, as: .blob)
    return .settled(AppliedResolution(path: unmerged.path, method: method, content: content), entry.mode)
  }

  /// The three versions of a file by lines; nil where it is not text on both sides.
  func conflictedText(_ unmerged: MergeConflict.Unmerged) throws -> ConflictedText? {
    guard let ours = unmerged.ours, let theirs = unmerged.theirs, unmerged.sides.allSatisfy(\.mode.isPlainFile) else {
      return nil
    }
    guard let old = try unmerged.base.map({ try content($0.id) }) ?? [], let one = try content(ours.id),
      let two = try content(theirs.id)
    else { return nil }
    return ConflictedText(base: old, ours: one, theirs: two)
  }

  /// A blob's content; nil for one that is too large to be compared by lines.
  private func content(_ id: ObjectID) throws -> [UInt8]? {
    guard try objects.size(of: id) <= ConflictedText.sizeMax else { return nil }
    return try objects.blob(id, sizeMax: ConflictedText.sizeMax)
  }
}

extension FileMode {
  fileprivate var isPlainFile: Bool { self == .file || self == .executable }
}
