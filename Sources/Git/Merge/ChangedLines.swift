/// The changed lines of one text, as groups that can slide over equal lines.
///
/// Between two unchanged lines there is always one group, often an empty one; the groups of the two texts of a
/// difference therefore correspond one to one, and a walk over both keeps in step.
///
/// - Source: where git lets a group come to rest decides which changes touch, and so which merges conflict.
struct ChangedLines {
  /// `start..<end`; an empty group stands before the unchanged line `end`.
  private struct Group {
    var start = 0
    var end = 0
    var isEmpty: Bool { start == end }
  }

  private let numbers: [Int]
  private(set) var changed: [Bool]
  private var group = Group()

  init(numbers: [Int], changed: [Bool]) {
    self.numbers = numbers
    self.changed = changed
  }

  /// Slides each group as far down as it goes, joining those it meets, then back up to face a group of the other text.
  mutating func settle(against other: ChangedLines) {
    var other = other
    moveToStart()
    other.moveToStart()
    repeat {
      if !group.isEmpty { settleGroup(&other) }
    } while moveToNext() && other.moveToNext()
  }

  private mutating func settleGroup(_ other: inout ChangedLines) {
    var size: Int
    var highestEnd: Int
    var facesOther: Bool
    repeat {
      size = group.end - group.start
      while slideUp() { other.moveToPrevious() }
      highestEnd = group.end
      facesOther = !other.group.isEmpty
      while slideDown() {
        _ = other.moveToNext()
        facesOther = facesOther || !other.group.isEmpty
      }
    } while size != group.end - group.start
    guard group.end != highestEnd, facesOther else { return }
    while other.group.isEmpty, slideUp() { other.moveToPrevious() }
  }

  private mutating func moveToStart() {
    group = Group()
    extendDown()
  }

  private mutating func moveToNext() -> Bool {
    guard group.end < numbers.count else { return false }
    group.start = group.end + 1
    group.end = group.start
    extendDown()
    return true
  }

  private mutating func moveToPrevious() {
    guard group.start > 0 else { return }
    group.end = group.start - 1
    group.start = group.end
    extendUp()
  }

  private mutating func slideDown() -> Bool {
    guard group.end < numbers.count, numbers[group.start] == numbers[group.end] else { return false }
    changed[group.start] = false
    changed[group.end] = true
    group.start += 1
    group.end += 1
    extendDown()
    return true
  }

  private mutating func slideUp() -> Bool {
    guard group.start > 0, numbers[group.start - 1] == numbers[group.end - 1] else { return false }
    group.start -= 1
    group.end -= 1
    changed[group.start] = true
    changed[group.end] = false
    extendUp()
    return true
  }

  private mutating func extendDown() {
    while group.end < changed.count, changed[group.end] { group.end += 1 }
  }

  private mutating func extendUp() {
    while group.start > 0, changed[group.start - 1] { group.start -= 1 }
  }
}
