package import Domain
import Processes

/// What a work has that its target has not, and where the two parted.
package struct HistoryComparison: Sendable {
  /// The best common ancestor, the first that `git merge-base` prints; nil for histories that share nothing.
  package let base: ObjectID?
  /// The commits that only the work has, newest first.
  package let incoming: [(id: ObjectID, commit: Commit)]

  /// Walks both histories by commit date until what is left is common, as git does.
  ///
  /// - Bound: nil where more than `commitsMax` commits would have to be read, where a commit is younger than its child, and
  ///   where several bases are candidates: then git itself has to be asked.
  package static func between<Reader: ObjectReader>(
    target: ObjectID, work: ObjectID, in reader: inout Reader, commitsMax: Int = 500
  ) throws(Reader.Failure) -> HistoryComparison? {
    var walk = Walk()
    try walk.paint(target, .target, in: &reader)
    try walk.paint(work, .work, in: &reader)
    while walk.isUndecided, let (time, id) = walk.queue.popLast() {
      guard let commit = walk.commits[id], let paint = walk.paints[id] else { continue }
      if !paint.contains(.stale) { walk.undecided -= 1 }
      var passed = paint
      if paint.isSuperset(of: [.target, .work]) {
        if !paint.contains(.stale), !walk.bases.contains(id) { walk.bases.append(id) }
        passed.insert(.stale)
      } else if paint == .work {
        walk.oldestIncoming = min(walk.oldestIncoming, time)
      }
      // An ancestor of what both have, older than all that only one has, decides nothing.
      if passed.contains(.stale), walk.undecided == 0, time < walk.oldestIncoming { continue }
      for parent in commit.parents {
        try walk.paint(parent, passed, in: &reader)
        guard walk.commits[parent].map({ $0.committer.time <= time }) ?? true else { return nil }
      }
      guard walk.commits.count <= commitsMax else { return nil }
    }
    let bases = walk.bases.filter { walk.paints[$0]?.contains(.stale) == false }
    guard bases.count <= 1 else { return nil }
    return HistoryComparison(base: bases.first, incoming: walk.incoming)
  }

  package init(base: ObjectID?, incoming: [(id: ObjectID, commit: Commit)]) {
    self.base = base
    self.incoming = incoming
  }

  private struct Paint: OptionSet {
    let rawValue: UInt8
    static let target = Paint(rawValue: 1)
    static let work = Paint(rawValue: 2)
    /// An ancestor of a base that was found.
    static let stale = Paint(rawValue: 4)
  }

  private struct Walk {
    var paints: [ObjectID: Paint] = [:]
    var commits: [ObjectID: Commit] = [:]
    /// Oldest first; of the same second, the one that came last.
    var queue: [(time: Int64, id: ObjectID)] = []
    var bases: [ObjectID] = []
    /// How many commits in the queue are not stale.
    var undecided = 0

    /// The time of the oldest commit so far that only the work has.
    var oldestIncoming = Int64.max

    /// Whether a commit in the queue can still change what is known of the others.
    var isUndecided: Bool { undecided > 0 || (queue.last?.time ?? .min) >= oldestIncoming }

    var incoming: [(id: ObjectID, commit: Commit)] {
      paints.filter { $0.value == .work }.compactMap { id, _ in commits[id].map { (id, $0) } }
        .sorted { ($1.commit.committer.time, $0.id) < ($0.commit.committer.time, $1.id) }
    }

    mutating func paint<Reader: ObjectReader>(
      _ id: ObjectID, _ paint: Paint, in reader: inout Reader
    ) throws(Reader.Failure) {
      let before = paints[id] ?? []
      guard !before.isSuperset(of: paint) else { return }
      let commit: Commit
      if let known = commits[id] { commit = known } else { commit = try reader.commit(id) }
      commits[id] = commit
      let wasQueued = queue.contains { $0.id == id }
      if wasQueued, paint.contains(.stale), !before.contains(.stale) { undecided -= 1 }
      paints[id] = before.union(paint)
      guard !wasQueued else { return }
      if !before.union(paint).contains(.stale) { undecided += 1 }
      let time = commit.committer.time
      let place = queue.firstIndex { $0.time >= time } ?? queue.endIndex
      queue.insert((time, id), at: place)
    }
  }
}

extension GitProgram {
  /// Compares two histories; git itself is asked where the short walk does not decide.
  ///
  /// - Bound: at most `incomingMax + 1` commits are told.
  package func compare(
    target: ObjectID, work: ObjectID, in questions: ObjectQuestions, incomingMax: Int
  ) throws(GitProgramError) -> HistoryComparison {
    var reader = questions
    if let decided = try HistoryComparison.between(target: target, work: work, in: &reader) { return decided }
    let bases = try run(["merge-base", target.hex, work.hex])
    guard bases.exit == .status(0) || bases.exit == .status(1) else {
      throw .ended(what: "merge-base", message: bases.messages)
    }
    let list = try run(["rev-list", "--max-count=\(incomingMax + 1)", work.hex, "^\(target.hex)"])
    guard list.exit.isSuccess else { throw .ended(what: "rev-list", message: list.messages) }
    var incoming: [(id: ObjectID, commit: Commit)] = []
    for line in list.text.split(separator: "\n") {
      if let id = ObjectID(hex: line) { incoming.append((id, try questions.commit(id))) }
    }
    return HistoryComparison(
      base: bases.text.split(separator: "\n").first.flatMap { ObjectID(hex: $0) }, incoming: incoming)
  }
}
