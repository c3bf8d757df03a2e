/// The lines that a change of a text took away and put there, wherever they stood.
package struct ChangedText: Sendable {
  /// How often each line was taken away, and how often each was added.
  package let removed: [[UInt8]: Int]
  package let added: [[UInt8]: Int]

  /// Compares two texts; nil for binary and very large ones.
  package init?(from old: [UInt8], to new: [UInt8]) {
    for text in [old, new] where text.count > ConflictedText.sizeMax || ContentMerge.isBinary(text) { return nil }
    let merge = LineMerge(base: old, ours: new, theirs: [])
    guard let hunks = merge.hunks(of: merge.ours, isCoarse: true) else { return nil }
    var removed: [[UInt8]: Int] = [:]
    var added: [[UInt8]: Int] = [:]
    for hunk in hunks {
      for line in hunk.old { removed[Array(merge.base.content(of: line..<(line + 1))), default: 0] += 1 }
      for line in hunk.new { added[Array(merge.ours.content(of: line..<(line + 1))), default: 0] += 1 }
    }
    // A line that only moved was neither.
    for (line, count) in removed {
      let moved = min(count, added[line] ?? 0)
      guard moved > 0 else { continue }
      removed[line] = count == moved ? nil : count - moved
      added[line] = added[line] == moved ? nil : (added[line] ?? 0) - moved
    }
    self.removed = removed
    self.added = added
  }

  /// Whether this change takes away every line that another one added and puts back every line it took away.
  package func undoes(_ other: ChangedText) -> Bool {
    Self.holds(removed, other.added) && Self.holds(added, other.removed)
  }

  private static func holds(_ many: [[UInt8]: Int], _ few: [[UInt8]: Int]) -> Bool {
    few.allSatisfy { (many[$0.key] ?? 0) >= $0.value }
  }
}
