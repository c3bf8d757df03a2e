import Domain
import Git

/// What the commits on a target's first-parent line changed, and whose they are; what was read once is remembered.
final class LandedLine {
  /// One commit of the line with its difference to the one before.
  struct Step {
    let commit: ObjectID
    /// The commit before; nil for the first of a target.
    let parent: ObjectID?
    var work: LandedWork
    /// Empty where it changed more than anybody would look through.
    let changes: [TreePath: TreeChange]
    /// The base in its certificate, which stands for all commits from there to it.
    var certifiedFrom: ObjectID?
    /// How often its certificate was looked for: what is in flight has none yet.
    var looks = 0
  }

  private let objects: Repository
  private var known: [ObjectID: Step] = [:]
  private var changesKnown = 0

  /// Changes of one commit, and of all that is remembered.
  private static let changesMax = 10_000
  private static let changesKnownMax = 200_000
  private static let looksMax = 5

  init(objects: Repository) { self.objects = objects }

  /// At most `limit` commits from `tip` down its first-parent line, newest first, for as long as `holds` says so.
  func steps(from tip: ObjectID, limit: Int, while holds: (ObjectID) -> Bool = { _ in true }) throws -> [Step] {
    let notes = try objects.tip(of: SluiceRef.notes)
    var steps: [Step] = []
    var cover: (work: LandedWork, base: ObjectID?)?
    var next: ObjectID? = tip
    while let commit = next, steps.count < limit, holds(commit) {
      var step = try step(commit, notes)
      if cover?.base == commit { cover = nil }
      if let base = step.certifiedFrom { cover = (step.work, base) }
      if !step.work.isLanding, let cover { step.work = cover.work.naming(step.work) }
      steps.append(step)
      next = step.parent
    }
    return steps
  }

  private func step(_ id: ObjectID, _ notes: ObjectID?) throws -> Step {
    var step: Step
    if let known = known[id] {
      guard known.certifiedFrom == nil, known.looks < Self.looksMax else { return known }
      step = known
    } else {
      step = try read(id)
    }
    step.looks += 1
    if let notes, let note = try objects.note(on: id, in: notes, sizeMax: 4 << 20) { step.take(note) }
    if changesKnown > Self.changesKnownMax { (known, changesKnown) = ([:], 0) }
    if known.updateValue(step, forKey: id) == nil { changesKnown += step.changes.count + 1 }
    return step
  }

  private func read(_ id: ObjectID) throws -> Step {
    let commit = try objects.commit(id)
    let parent = commit.parents.first
    var changes: [TreePath: TreeChange] = [:]
    do throws(GitError) {
      let before = if let parent { try objects.commit(parent).tree } else { ObjectID.emptyTree }
      for change in try objects.changes(from: before, to: commit.tree, countMax: Self.changesMax) {
        changes[change.path] = change
      }
    } catch {
      switch error {
      case .tooManyChanges, .invalidPath: break
      default: throw error
      }
    }
    return Step(commit: id, parent: parent, work: LandedWork(commit: id, commit), changes: changes)
  }
}

extension LandedLine.Step {
  fileprivate mutating func take(_ note: [UInt8]) {
    let json: JSONValue
    do { json = try JSONValue.parse(note) } catch { return }
    work.complete(certificate: json)
    certifiedFrom = json["base_commit"]?.string.flatMap { ObjectID(hex: $0) }
  }
}

extension LandedWork {
  /// The same landing, for another of its commits.
  fileprivate func naming(_ other: LandedWork) -> LandedWork {
    var work = LandedWork(commit: other.commit, subject: other.subject)
    (work.integration, work.submission, work.taskID) = (integration, submission, taskID)
    (work.agentID, work.pushedBy) = (agentID, pushedBy)
    return work
  }
}
