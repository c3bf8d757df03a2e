import Domain
import Git

/// Finds what a submission takes back of others' landed work: the mark of an old checkout copied over a new base.
///
/// Two signs are certain: a file gets a content that it had before somebody else's landing, or loses all lines that a
/// landing put in the place of others and gets those back. Deleting what a landing added, and bringing back what it
/// deleted, is daily work too: it counts where the whole landing is undone.
///
/// - Measured: of the newest 300 commits of each of axios, botocore, caddy, click and requests these rules name 18 of 1,500,
///   4 of which say themselves that they revert; each commit was taken for a landing of its author.
struct RevertsOthers {
  let objects: Repository
  let landed: LandedLine

  /// Landings before the submission's base that are looked at.
  static let landingsMax = 200
  /// Paths of a submission, and comparisons of lines.
  private static let changesMax = 10_000
  private static let comparisonsMax = 200
  /// Lines that a landing only added, or only removed, before losing them is a sign: fewer come and go in daily work.
  private static let linesMin = 3

  /// Work that a submission takes back, and where.
  struct TakenBack {
    let work: LandedWork
    var paths: [TreePath]
  }

  /// A landing as far as the submission touches the same paths.
  private struct Suspect {
    let step: LandedLine.Step
    /// What is taken back for certain, and what only if the rest of the landing is too.
    var certain: Set<TreePath> = []
    var possible: Set<TreePath> = []

    var paths: Set<TreePath> {
      let all = certain.union(possible)
      return all.count == step.changes.count ? all : certain
    }
  }

  /// The landings of others that the work takes back without saying so, newest first.
  func takenBack(by work: Work, of request: SubmissionRequest, on tip: ObjectID) throws -> [TakenBack] {
    guard let base = try objects.mergeBases(tip, work.stripped).first else { return [] }
    var mine: [TreePath: TreeChange] = [:]
    do throws(GitError) {
      let old = try objects.commit(base).tree
      let new = try objects.commit(work.stripped).tree
      for change in try objects.changes(from: old, to: new, countMax: Self.changesMax) { mine[change.path] = change }
    } catch {
      switch error {
      case .tooManyChanges, .invalidPath: return []
      default: throw error
      }
    }
    guard !mine.isEmpty else { return [] }
    let declared = work.package.documentation.reverts ?? []
    return try suspects(mine, from: base).compactMap { suspect in
      let work = suspect.step.work
      guard work.isLanding, !work.isOwn(of: request), !work.isNamed(among: declared) else { return nil }
      let paths = suspect.paths.sorted()
      return paths.isEmpty ? nil : TakenBack(work: work, paths: paths)
    }
  }

  private func suspects(_ mine: [TreePath: TreeChange], from base: ObjectID) throws -> [Suspect] {
    var suspects: [Suspect] = []
    /// The landings that touched a path since it last had the content that the submission gives it.
    var touching: [TreePath: [Int]] = [:]
    var open = mine
    for step in try landed.steps(from: base, limit: Self.landingsMax) where !step.changes.isEmpty {
      let shared =
        step.changes.count < open.count
        ? step.changes.keys.filter { open[$0] != nil } : open.keys.filter { step.changes[$0] != nil }
      guard !shared.isEmpty else { continue }
      suspects.append(Suspect(step: step))
      for path in shared {
        guard let change = open[path], let landing = step.changes[path] else { continue }
        touching[path, default: []].append(suspects.count - 1)
        guard landing.old == change.new else { continue }
        open[path] = nil
        let isCertain = try change.old != nil && hasContent(change.new)
        if isCertain {
          for index in touching[path] ?? [] { suspects[index].certain.insert(path) }
        } else {
          // Whoever deletes a file deletes what was written into it since: only its coming, or going, is undone.
          suspects[suspects.count - 1].possible.insert(path)
        }
      }
    }
    try compareLines(open, touching, &suspects)
    return suspects
  }

  /// Whether there is a file with something in it: an empty one is like any other empty one.
  private func hasContent(_ side: TreeChange.Side?) throws -> Bool {
    guard let side else { return false }
    return try side.mode == .submodule || objects.size(of: side.id) > 0
  }

  /// Looks, in files that got a content they never had, for landings whose lines are undone.
  private func compareLines(
    _ open: [TreePath: TreeChange], _ touching: [TreePath: [Int]], _ suspects: inout [Suspect]
  ) throws {
    var comparisons = 0
    for (path, change) in open {
      guard let indices = touching[path], let mine = try text(change) else { continue }
      for index in indices where suspects[index].step.work.isLanding {
        comparisons += 1
        guard comparisons <= Self.comparisonsMax else { return }
        guard let landing = suspects[index].step.changes[path], let theirs = try text(landing), mine.undoes(theirs)
        else { continue }
        let added = Self.count(theirs.added)
        let removed = Self.count(theirs.removed)
        if added > 0, removed > 0 {
          suspects[index].certain.insert(path)
        } else if added + removed >= Self.linesMin {
          suspects[index].possible.insert(path)
        }
      }
    }
  }

  /// The lines that differ between the two sides of a change; nil where they are not two texts.
  private func text(_ change: TreeChange) throws -> ChangedText? {
    guard let old = change.old, let new = change.new, old.id != new.id else { return nil }
    for side in [old, new] {
      guard side.mode == .file || side.mode == .executable, try objects.size(of: side.id) <= ConflictedText.sizeMax
      else { return nil }
    }
    return ChangedText(
      from: try objects.blob(old.id, sizeMax: ConflictedText.sizeMax),
      to: try objects.blob(new.id, sizeMax: ConflictedText.sizeMax))
  }

  /// How many lines are more than white space and brackets.
  private static func count(_ lines: [[UInt8]: Int]) -> Int {
    lines.reduce(0) { count, line in
      let letters = line.key.count {
        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 >= 128
      }
      return letters > 1 ? count + line.value : count
    }
  }
}

extension Engine {
  /// Refuses work that takes back what others landed, unless its package says that it means to.
  func refuseTakingBack(_ work: Work, of request: SubmissionRequest, on tip: ObjectID) throws {
    let found = try RevertsOthers(objects: objects, landed: landed).takenBack(by: work, of: request, on: tip)
    guard !found.isEmpty else { return }
    var details: [String] = []
    for taken in found.prefix(6) {
      let paths = taken.paths.prefix(3).map { Printable.line($0.description, max: 80) }.joined(separator: ", ")
      let rest = taken.paths.count > 3 ? " and \(taken.paths.count - 3) more" : ""
      details.append("takes back \(taken.work.line): \(paths)\(rest)")
    }
    if found.count > 6 { details.append("… and \(found.count - 6) more landings") }
    let paths = Set(found.flatMap(\.paths))
    let names = found.prefix(3).compactMap { $0.work.integration ?? $0.work.submission }.map { "\"\($0)\"" }
    let more = found.count > 3 ? ", …" : ""
    throw Refusal(
      .mergeConflicts,
      "reverts_others: \(paths.count) file\(paths.count == 1 ? " takes" : "s take") back what others landed on \(request.target)",
      details: details,
      hint:
        "make the change again on the files of origin/\(request.target); if it is meant, add \"reverts\": [\(names.joined(separator: ", "))\(more)] to the package's documentation, and push to refs/heads/submit/\(request.name) again"
    )
  }
}
