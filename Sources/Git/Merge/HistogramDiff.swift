/// Finds which lines of two texts differ, matching the longest runs around the rarest lines first.
///
/// - Source: the algorithm of JGit's `HistogramDiff`, with the choices that git makes among equals, since a merge must
///   match the lines that git's merge matches.
struct HistogramDiff {
  private let old: [Int]
  private let new: [Int]
  private(set) var oldChanged: [Bool]
  private(set) var newChanged: [Bool]

  // For the stretch that is looked at: how often a line occurs in the old text, where first, and where next.
  private var occurrences: [Int]
  private var first: [Int]
  private var next: [Int]

  /// Lines that occur more often do not lead a match.
  private static let occurrencesMax = 64

  /// - Parameter kinds: the number of different lines in both texts.
  init(old: [Int], new: [Int], kinds: Int) {
    self.old = old
    self.new = new
    oldChanged = Array(repeating: false, count: old.count)
    newChanged = Array(repeating: false, count: new.count)
    occurrences = Array(repeating: 0, count: kinds)
    first = Array(repeating: 0, count: kinds)
    next = Array(repeating: 0, count: old.count)
  }

  private struct Stretch {
    var old: Range<Int>
    var new: Range<Int>
  }

  private enum Match {
    case run(Stretch)
    case nothingInCommon
    /// All common lines are frequent ones: git turns to another algorithm.
    case onlyFrequentLines
  }

  /// Marks the changed lines; false where git would use another algorithm.
  ///
  /// - Parameter isCoarse: takes a stretch whose common lines are all frequent ones for changed as a whole, instead.
  mutating func run(isCoarse: Bool = false) -> Bool {
    var open = [Stretch(old: 0..<old.count, new: 0..<new.count)]
    while let stretch = open.popLast() {
      guard !stretch.old.isEmpty, !stretch.new.isEmpty else {
        markChanged(stretch)
        continue
      }
      switch bestMatch(in: stretch) {
      case .run(let match):
        open.append(
          Stretch(
            old: match.old.upperBound..<stretch.old.upperBound, new: match.new.upperBound..<stretch.new.upperBound))
        open.append(
          Stretch(
            old: stretch.old.lowerBound..<match.old.lowerBound, new: stretch.new.lowerBound..<match.new.lowerBound))
      case .nothingInCommon: markChanged(stretch)
      case .onlyFrequentLines where isCoarse: markChanged(stretch)
      case .onlyFrequentLines: return false
      }
    }
    return true
  }

  private mutating func markChanged(_ stretch: Stretch) {
    for line in stretch.old { oldChanged[line] = true }
    for line in stretch.new { newChanged[line] = true }
  }

  private mutating func bestMatch(in stretch: Stretch) -> Match {
    for line in stretch.old.reversed() {
      let number = old[line]
      next[line] = occurrences[number] > 0 ? first[number] : -1
      first[number] = line
      occurrences[number] += 1
    }
    defer { for line in stretch.old { occurrences[old[line]] = 0 } }
    var best: Stretch?
    var rarity = Self.occurrencesMax + 1
    var hasCommon = false
    var line = stretch.new.lowerBound
    while line < stretch.new.upperBound {
      let count = occurrences[new[line]]
      hasCommon = hasCommon || count > 0
      if count > 0, count <= rarity {
        line = extendMatches(of: line, in: stretch, best: &best, rarity: &rarity)
      } else {
        line += 1
      }
    }
    if hasCommon, rarity > Self.occurrencesMax { return .onlyFrequentLines }
    return best.map { .run($0) } ?? .nothingInCommon
  }

  /// Tries every place of a new line in the old text, and gives the next new line that no run has covered.
  private func extendMatches(
    of line: Int, in stretch: Stretch, best: inout Stretch?, rarity: inout Int
  ) -> Int {
    var following = line + 1
    var place = first[new[line]]
    while true {
      let (run, rarest) = run(around: place, line, in: stretch)
      following = max(following, run.new.upperBound)
      // A run is measured by the steps between its lines: a single line is no longer than no run at all.
      let length = best.map { $0.old.count - 1 } ?? 0
      if length < run.old.count - 1 || rarest < rarity {
        best = run
        rarity = rarest
      }
      var other = next[place]
      while other >= 0, other < run.old.upperBound { other = next[other] }
      guard other >= 0 else { return following }
      place = other
    }
  }

  /// The longest run of equal lines through a pair, and how often the rarest of them occurs.
  private func run(around oldLine: Int, _ newLine: Int, in stretch: Stretch) -> (run: Stretch, rarest: Int) {
    var rarest = occurrences[old[oldLine]]
    var (oldStart, newStart) = (oldLine, newLine)
    while oldStart > stretch.old.lowerBound, newStart > stretch.new.lowerBound, old[oldStart - 1] == new[newStart - 1] {
      oldStart -= 1
      newStart -= 1
      rarest = min(rarest, occurrences[old[oldStart]])
    }
    var (oldEnd, newEnd) = (oldLine + 1, newLine + 1)
    while oldEnd < stretch.old.upperBound, newEnd < stretch.new.upperBound, old[oldEnd] == new[newEnd] {
      rarest = min(rarest, occurrences[old[oldEnd]])
      oldEnd += 1
      newEnd += 1
    }
    return (Stretch(old: oldStart..<oldEnd, new: newStart..<newEnd), rarest)
  }
}
