import Domain
import Git

/// Settles conflicts between the lines of two sides as a policy says, or not at all.
///
/// What the rules do is a function of the three versions alone, so that a landing and an audit can do it again; what a
/// command wrote is kept, since nobody can promise that it writes the same again.
struct ConflictResolver {
  let objects: Repository
  let rules: ResolutionRules

  private enum Settled {
    case settled(AppliedResolution, FileMode)
    /// A command decides, once everything else is settled.
    case command(String, target: TreeChange.Side)
    case left(reason: String?)
  }

  /// The merged tree, where the rules settle everything; otherwise the conflict as it was.
  func settle(_ conflict: MergeConflict) throws -> MergeResult {
    var conflict = conflict
    var applied: [AppliedResolution] = []
    var asked: [(path: TreePath, command: String, mode: FileMode)] = []
    var edits: [TreeEdit] = []
    for unmerged in conflict.unmerged where !rules.rules.isEmpty {
      switch try settle(unmerged, in: conflict) {
      case .settled(let resolution, let mode):
        applied.append(resolution)
        edits.append(TreeEdit(unmerged.path, .init(mode: mode, id: resolution.content)))
      case .command(let command, let side):
        asked.append((unmerged.path, command, side.mode))
        edits.append(TreeEdit(unmerged.path, side))
      case .left(let reason): conflict.reasons[unmerged.path] = reason
      }
    }
    guard !edits.isEmpty, conflict.isSettled(by: Set(edits.map(\.path))) else { return .conflict(conflict) }
    let tree = try objects.editing(conflict.tree, edits)
    guard !asked.isEmpty else { return .clean(tree: tree, resolutions: applied) }
    edits = []
    for (path, command, mode) in asked {
      switch try rules.commands(
        ResolutionRequest(tree: tree, path: path, command: command, commit: rules.commit))
      {
      case .written(let content):
        applied.append(
          AppliedResolution(path: path, method: .command(command), content: content, commit: rules.commit))
        edits.append(TreeEdit(path, .init(mode: mode, id: content)))
      case .failed(let reason):
        conflict.reasons[path] = "`\(Printable.line(command, max: 80))` \(Printable.line(reason, max: 200))"
        return .conflict(conflict)
      }
    }
    return .clean(tree: try objects.editing(tree, edits), resolutions: applied.sorted { $0.path < $1.path })
  }

  private func settle(_ unmerged: MergeConflict.Unmerged, in conflict: MergeConflict) throws -> Settled {
    guard let rule = rules.rules.first(where: { CheckInputs(globs: [$0.path]).match(unmerged.path) }) else {
      return .left(reason: nil)
    }
    // The policy is what everything is judged by: a person says what it says.
    guard unmerged.path != PolicySource.path else { return .left(reason: "the policy itself is not settled by a rule") }
    guard case .command(let command) = rule.method else {
      return try settle(unmerged, by: rule.method, in: conflict)
    }
    guard let ours = unmerged.ours, unmerged.theirs != nil, unmerged.sides.allSatisfy(\.mode.isPlainFile) else {
      return .left(reason: "a command settles files that both sides have, and no links or submodules")
    }
    return .command(command, target: ours)
  }

  private func settle(
    _ unmerged: MergeConflict.Unmerged, by method: Policy.Resolution.Method, in conflict: MergeConflict
  ) throws -> Settled {
    guard let text = try unmerged.text(in: objects),
      let entry = try objects.entry(at: unmerged.path, in: conflict.tree), entry.mode.isPlainFile
    else {
      return .left(reason: "\(method.text) settles the lines of text files only")
    }
    let merged: [UInt8]?
    switch method {
    case .union: merged = text.resolved(by: ConflictedText.union)
    case .ours: merged = text.resolved(by: \.ours.bytes)
    case .theirs: merged = text.resolved(by: \.theirs.bytes)
    case .command: merged = nil
    case .recorded:
      merged = try rules.recorded(ConflictedFile(path: unmerged.path, commit: rules.commit, text: text))
      if merged == nil { return .left(reason: "nobody has settled these lines before in what landed") }
    }
    guard let merged else { return .left(reason: nil) }
    let content = try objects.write(merged, as: .blob)
    return .settled(
      AppliedResolution(path: unmerged.path, method: method, content: content, commit: rules.commit), entry.mode)
  }
}

extension MergeConflict.Unmerged {
  /// The three versions of a file by lines; nil where it is not text on both sides.
  func text(in objects: Repository) throws -> ConflictedText? {
    /// A blob's content; nil for one that is too large to be compared by lines.
    func content(_ id: ObjectID) throws -> [UInt8]? {
      guard try objects.size(of: id) <= ConflictedText.sizeMax else { return nil }
      return try objects.blob(id, sizeMax: ConflictedText.sizeMax)
    }
    guard let ours, let theirs, sides.allSatisfy(\.mode.isPlainFile) else { return nil }
    guard let old = try base.map({ try content($0.id) }) ?? [], let one = try content(ours.id),
      let two = try content(theirs.id)
    else { return nil }
    return ConflictedText(base: old, ours: one, theirs: two)
  }
}

extension FileMode {
  fileprivate var isPlainFile: Bool { self == .file || self == .executable }
}
