/// Which lines of two texts differ, as pairs of stretches.
package enum LineChanges {
  /// Lines of the old text and what stands in their place in the new one, counted from 0; either may be empty.
  package struct Hunk: Hashable, Sendable {
    package let old: Range<Int>
    package let new: Range<Int>
  }

  /// The changes from one text to the other, downwards; nil for binary and very large ones.
  package static func between(_ old: [UInt8], _ new: [UInt8]) -> [Hunk]? {
    for text in [old, new] where text.count > ConflictedText.sizeMax || ContentMerge.isBinary(text) { return nil }
    let merge = LineMerge(base: old, ours: new, theirs: [])
    return merge.hunks(of: merge.ours, isCoarse: true)?.map { Hunk(old: $0.old, new: $0.new) }
  }
}
