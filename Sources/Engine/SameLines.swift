import Domain
import Git

/// Finds who wrote, on a target, the lines that a change touches: what `git blame` says of them, for a few files.
struct SameLines {
  private let objects: Repository
  private let landed: LandedLine

  /// Landings, files and comparisons of two texts that are looked at, and lines of a file that are followed.
  private static let landingsMax = Engine.landingsLookedAt
  private static let filesMax = 50
  private static let comparisonsMax = 200
  private static let linesMax = 2_000

  init(objects: Repository, landed: LandedLine) {
    self.objects = objects
    self.landed = landed
  }

  /// A line of a file on the tip, and the number it has in the version that is looked at.
  private struct Line {
    let onTip: Int
    var now: Int
  }

  /// - Parameters:
  ///   - changes: from the tip's tree to that of the candidate.
  ///   - isNew: whether a commit of the target landed after the work began.
  /// - Returns: newest first; each line is its last writer's.
  func writers(
    of changes: [TreeChange], on tip: ObjectID, isNew: (ObjectID) -> Bool
  ) throws -> [IntegrationFeedback.SameLines] {
    var open: [TreePath: [Line]] = [:]
    for change in changes.prefix(Self.filesMax) {
      guard let hunks = try hunks(change.old, change.new) else { continue }
      let lines = hunks.flatMap { Self.touched(by: $0) }.prefix(Self.linesMax).map { Line(onTip: $0, now: $0) }
      if !lines.isEmpty { open[change.path] = lines }
    }
    var writers: [IntegrationFeedback.SameLines] = []
    var comparisons = 0
    for step in try landed.steps(from: tip, limit: Self.landingsMax) where !open.isEmpty {
      var places: [IntegrationFeedback.SameLines.Place] = []
      for path in open.keys.filter({ step.changes[$0] != nil }).sorted() {
        guard let change = step.changes[path], let lines = open[path] else { continue }
        comparisons += 1
        guard comparisons <= Self.comparisonsMax else { return writers }
        let (written, rest) = try split(lines, by: change)
        open[path] = rest.isEmpty ? nil : rest
        places += Self.places(written, in: path)
      }
      if !places.isEmpty {
        writers.append(IntegrationFeedback.SameLines(step.work, isNew: isNew(step.commit), places: places))
      }
    }
    return writers
  }

  /// The old lines of a hunk; where there are none, those it stands between.
  private static func touched(by hunk: LineChanges.Hunk) -> Range<Int> {
    hunk.old.isEmpty ? max(0, hunk.old.lowerBound - 1)..<(hunk.old.lowerBound + 1) : hunk.old
  }

  /// The lines that a landing wrote, and the others as they are numbered before it.
  private func split(_ lines: [Line], by change: TreeChange) throws -> (written: [Line], rest: [Line]) {
    guard change.old != nil else { return (lines, []) }
    // What cannot be compared is followed no further.
    guard let hunks = try hunks(change.old, change.new) else { return ([], []) }
    var written: [Line] = []
    var rest: [Line] = []
    for line in lines {
      if hunks.contains(where: { $0.new.contains(line.now) }) {
        written.append(line)
      } else {
        var before = line
        for hunk in hunks where hunk.new.upperBound <= line.now { before.now += hunk.old.count - hunk.new.count }
        rest.append(before)
      }
    }
    return (written, rest)
  }

  /// Lines that stand below one another as one place.
  private static func places(_ lines: [Line], in path: TreePath) -> [IntegrationFeedback.SameLines.Place] {
    var ranges: [ClosedRange<Int>] = []
    for number in Set(lines.map(\.onTip)).sorted() {
      if let last = ranges.last, last.upperBound + 1 == number {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
    }
    let shown = Printable.line(path.description, max: 1_000)
    return ranges.map { .init(path: shown, start: $0.lowerBound + 1, count: $0.count) }
  }

  /// Where the lines of two versions of a file differ; nil where one is missing, or they are no texts.
  private func hunks(_ old: TreeChange.Side?, _ new: TreeChange.Side?) throws -> [LineChanges.Hunk]? {
    guard let old, let new else { return nil }
    for side in [old, new] {
      guard side.mode == .file || side.mode == .executable, try objects.size(of: side.id) <= ConflictedText.sizeMax
      else { return nil }
    }
    return LineChanges.between(
      try objects.blob(old.id, sizeMax: ConflictedText.sizeMax),
      try objects.blob(new.id, sizeMax: ConflictedText.sizeMax))
  }
}
