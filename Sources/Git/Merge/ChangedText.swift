/// The lines that a change of a text took away and put there, wherever they stood: one that only moved was neither.
package struct ChangedText: Sendable {
  /// How often each line was taken away, and how often each was added.
  package let removed: [[UInt8]: Int]
  package let added: [[UInt8]: Int]

  /// Compares two texts; nil for binary and very large ones.
  package init?(from old: [UInt8], to new: [UInt8]) {
    for text in [old, new] where text.count > ConflictedText.sizeMax || ContentMerge.isBinary(text) { return nil }
    let before = Self.lines(of: old)
    let after = Self.lines(of: new)
    removed = Self.surplus(of: before, over: after)
    added = Self.surplus(of: after, over: before)
  }

  /// Whether this change takes away every line that another one added and puts back every line it took away.
  package func undoes(_ other: ChangedText) -> Bool {
    Self.holds(removed, other.added) && Self.holds(added, other.removed)
  }

  private static func lines(of text: [UInt8]) -> [[UInt8]: Int] {
    var table = LineTable()
    let text = table.text(text)
    var lines: [[UInt8]: Int] = [:]
    for line in 0..<text.count { lines[Array(text.content(of: line..<(line + 1))), default: 0] += 1 }
    return lines
  }

  private static func surplus(of many: [[UInt8]: Int], over few: [[UInt8]: Int]) -> [[UInt8]: Int] {
    many.reduce(into: [:]) { surplus, line in
      let left = line.value - (few[line.key] ?? 0)
      if left > 0 { surplus[line.key] = left }
    }
  }

  private static func holds(_ many: [[UInt8]: Int], _ few: [[UInt8]: Int]) -> Bool {
    few.allSatisfy { (many[$0.key] ?? 0) >= $0.value }
  }
}
