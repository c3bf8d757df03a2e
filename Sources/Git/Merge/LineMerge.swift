/// Merges the lines of three texts where the two sides changed different places, or the same place alike.
struct LineMerge {
  /// Lines of the base and what a side has in their place.
  struct Hunk {
    let old: Range<Int>
    let new: Range<Int>
  }

  let base: LineTable.Text
  let ours: LineTable.Text
  let theirs: LineTable.Text
  private let kinds: Int

  init(base: [UInt8], ours: [UInt8], theirs: [UInt8]) {
    var table = LineTable()
    self.base = table.text(base)
    self.ours = table.text(ours)
    self.theirs = table.text(theirs)
    kinds = table.count
  }

  /// The merged text; nil where changes overlap or touch, or git would match lines in another way.
  func merged() -> [UInt8]? {
    guard let ourHunks = hunks(of: ours), let theirHunks = hunks(of: theirs) else { return nil }
    var merged: [UInt8] = []
    merged.reserveCapacity(ours.bytes.count + theirs.bytes.count - min(base.bytes.count, ours.bytes.count))
    var copied = 0
    var left = ourHunks[...]
    var right = theirHunks[...]
    while let (hunk, text) = takeNext(&left, &right) {
      merged += base.content(of: copied..<hunk.old.lowerBound)
      merged += text.content(of: hunk.new)
      copied = hunk.old.upperBound
    }
    guard left.isEmpty, right.isEmpty else { return nil }
    return merged + base.content(of: copied..<base.numbers.count)
  }

  /// The next change of either side; nil at the end of both and at a conflict.
  private func takeNext(
    _ left: inout ArraySlice<Hunk>, _ right: inout ArraySlice<Hunk>
  ) -> (hunk: Hunk, text: LineTable.Text)? {
    guard let one = left.first else { return right.popFirst().map { ($0, theirs) } }
    guard let two = right.first else { return left.popFirst().map { ($0, ours) } }
    // Changes that touch are a conflict too: at least one line lies between.
    if one.old.upperBound < two.old.lowerBound { return left.popFirst().map { ($0, ours) } }
    if two.old.upperBound < one.old.lowerBound { return right.popFirst().map { ($0, theirs) } }
    guard one.old == two.old, ours.numbers[one.new] == theirs.numbers[two.new] else { return nil }
    right.removeFirst()
    return left.popFirst().map { ($0, ours) }
  }

  /// What a side changed, downwards; nil where git would use another algorithm.
  ///
  /// - Parameter isCoarse: gives an answer there too, with larger hunks.
  func hunks(of side: LineTable.Text, isCoarse: Bool = false) -> [Hunk]? {
    var difference = HistogramDiff(old: base.numbers, new: side.numbers, kinds: kinds)
    guard difference.run(isCoarse: isCoarse) else { return nil }
    var old = ChangedLines(numbers: base.numbers, changed: difference.oldChanged)
    var new = ChangedLines(numbers: side.numbers, changed: difference.newChanged)
    old.settle(against: new)
    new.settle(against: old)
    return Self.hunks(old.changed, new.changed)
  }

  private static func hunks(_ old: [Bool], _ new: [Bool]) -> [Hunk] {
    var hunks: [Hunk] = []
    var (left, right) = (0, 0)
    while left < old.count || right < new.count {
      let (oldStart, newStart) = (left, right)
      while left < old.count, old[left] { left += 1 }
      while right < new.count, new[right] { right += 1 }
      if left > oldStart || right > newStart { hunks.append(Hunk(old: oldStart..<left, new: newStart..<right)) }
      left += 1
      right += 1
    }
    return hunks
  }
}
