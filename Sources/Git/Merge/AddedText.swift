package import Domain

/// The lines that a change of a text adds.
package enum AddedText {
  /// What the new text has and the old one had not, in the order of the file; nil for binary and very large ones.
  package static func runs(from old: [UInt8], to new: [UInt8]) -> [AddedLines.Run]? {
    for text in [old, new] where text.count > ConflictedText.sizeMax || ContentMerge.isBinary(text) { return nil }
    let merge = LineMerge(base: old, ours: new, theirs: [])
    guard let hunks = merge.hunks(of: merge.ours, isCoarse: true) else { return nil }
    return hunks.filter { !$0.new.isEmpty }.map {
      AddedLines.Run(firstLine: $0.new.lowerBound + 1, bytes: merge.ours.content(of: $0.new))
    }
  }
}
