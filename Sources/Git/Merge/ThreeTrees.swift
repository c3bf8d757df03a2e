import Domain

/// Walks the trees of a base and two sides together, name by name.
struct ThreeTrees {
  /// A name at which the three do not all agree.
  struct Difference {
    let base: TreeEntry?
    let ours: TreeEntry?
    let theirs: TreeEntry?
  }

  private struct Place {
    let cursor: TreeCursor
    let entry: TreeCursor.Entry
  }

  private var base: TreeCursor
  private var ours: TreeCursor
  private var theirs: TreeCursor
  private var last: Place?

  init(base: [UInt8], ours: [UInt8], theirs: [UInt8]) throws(UnusualTree) {
    self.base = try TreeCursor(base)
    self.ours = try TreeCursor(ours)
    self.theirs = try TreeCursor(theirs)
  }

  /// Goes on to the next difference; entries on which all three agree are copied to `merged` on the way.
  mutating func nextDifference(copyingTo merged: inout [UInt8]) throws(UnusualTree) -> Difference? {
    while let least = least() {
      if let last, TreeCursor.order(last.cursor, last.entry, least.cursor, least.entry) >= 0 { throw UnusualTree() }
      last = least
      let inBase = Self.entry(of: base, at: least)
      let inOurs = Self.entry(of: ours, at: least)
      let inTheirs = Self.entry(of: theirs, at: least)
      if let inBase, let inOurs, let inTheirs, TreeCursor.areIdentical(base, inBase, ours, inOurs),
        TreeCursor.areIdentical(ours, inOurs, theirs, inTheirs)
      {
        merged += ours.bytes[inOurs.start..<inOurs.end]
        try base.advance()
        try ours.advance()
        try theirs.advance()
        continue
      }
      return Difference(
        base: try Self.take(inBase, from: &base), ours: try Self.take(inOurs, from: &ours),
        theirs: try Self.take(inTheirs, from: &theirs))
    }
    return nil
  }

  /// The first of the three entries that stand next.
  private func least() -> Place? {
    Self.earlier(Self.earlier(Self.place(ours), Self.place(theirs)), Self.place(base))
  }

  private static func place(_ cursor: TreeCursor) -> Place? { cursor.entry.map { Place(cursor: cursor, entry: $0) } }

  private static func earlier(_ one: Place?, _ two: Place?) -> Place? {
    guard let one, let two else { return one ?? two }
    return TreeCursor.order(one.cursor, one.entry, two.cursor, two.entry) <= 0 ? one : two
  }

  private static func entry(of cursor: TreeCursor, at place: Place) -> TreeCursor.Entry? {
    guard let entry = cursor.entry, TreeCursor.order(cursor, entry, place.cursor, place.entry) == 0 else { return nil }
    return entry
  }

  private static func take(
    _ entry: TreeCursor.Entry?, from cursor: inout TreeCursor
  ) throws(UnusualTree) -> TreeEntry? {
    guard let entry else { return nil }
    let value = try cursor.value(of: entry)
    try cursor.advance()
    return value
  }
}
