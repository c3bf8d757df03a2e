/// Three versions of a text whose changes meet: where they do, and what stands everywhere else.
///
/// Unlike ``ContentMerge`` it always has an answer: where git would match lines in another way its hunks are larger.
package struct ConflictedText: Sendable {
  /// Lines of one version.
  package struct Piece: Hashable, Sendable {
    /// Counted from 0; empty where the version has no lines there.
    package let lines: Range<Int>
    /// Their bytes, line feeds included.
    package let bytes: [UInt8]
  }

  /// A place that both sides changed, each in its own way.
  package struct Hunk: Hashable, Sendable {
    package let base: Piece
    package let ours: Piece
    package let theirs: Piece
  }

  enum Part {
    case settled(ArraySlice<UInt8>)
    case conflict(Hunk)
  }

  let parts: [Part]

  /// Larger texts are compared by id only.
  package static let sizeMax = ContentMerge.sizeMax

  /// Lays three texts over one another; nil for binary and very large ones.
  package init?(base: [UInt8], ours: [UInt8], theirs: [UInt8]) {
    for text in [base, ours, theirs] where text.count > Self.sizeMax || ContentMerge.isBinary(text) { return nil }
    let merge = LineMerge(base: base, ours: ours, theirs: theirs)
    guard let left = merge.hunks(of: merge.ours, isCoarse: true),
      let right = merge.hunks(of: merge.theirs, isCoarse: true)
    else { return nil }
    parts = Walk(merge, left, right).parts()
  }

  /// The places where the sides meet, downwards.
  package var hunks: [Hunk] { parts.compactMap { if case .conflict(let hunk) = $0 { hunk } else { nil } } }

  /// The whole text with every hunk resolved; nil where one is left.
  package func resolved(by resolve: (Hunk) -> [UInt8]?) -> [UInt8]? {
    var text: [UInt8] = []
    for part in parts {
      switch part {
      case .settled(let bytes): Self.append(bytes, to: &text)
      case .conflict(let hunk):
        guard let bytes = resolve(hunk) else { return nil }
        Self.append(bytes[...], to: &text)
      }
    }
    return text
  }

  /// The lines of the one, then those of the other; what both begin or end with stands once.
  package static func union(_ hunk: Hunk) -> [UInt8] {
    let one = lines(hunk.ours.bytes)
    let two = lines(hunk.theirs.bytes)
    var shared = 0
    while shared < min(one.count, two.count), one[shared] == two[shared] { shared += 1 }
    var sharedEnd = 0
    while sharedEnd < min(one.count, two.count) - shared,
      one[one.count - 1 - sharedEnd] == two[two.count - 1 - sharedEnd]
    {
      sharedEnd += 1
    }
    var text: [UInt8] = []
    for line in one.dropLast(sharedEnd) { append(line, to: &text) }
    for line in two.dropFirst(shared) { append(line, to: &text) }
    return text
  }

  private static func lines(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    for (place, byte) in text.enumerated() where byte == UInt8(ascii: "\n") {
      lines.append(text[start...place])
      start = place + 1
    }
    if start < text.count { lines.append(text[start...]) }
    return lines
  }

  /// Appends lines; a last line without a line feed gets one first.
  private static func append(_ bytes: ArraySlice<UInt8>, to text: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    if let last = text.last, last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
    text += bytes
  }

  /// Goes down both sides' changes together and gathers those that overlap or touch.
  private struct Walk {
    let merge: LineMerge
    var left: ArraySlice<LineMerge.Hunk>
    var right: ArraySlice<LineMerge.Hunk>
    /// The place in each version up to which everything is told.
    var base = 0
    var ours = 0
    var theirs = 0

    init(_ merge: LineMerge, _ left: [LineMerge.Hunk], _ right: [LineMerge.Hunk]) {
      self.merge = merge
      self.left = left[...]
      self.right = right[...]
    }

    consuming func parts() -> [Part] {
      var parts: [Part] = []
      while let start = [left.first, right.first].compactMap({ $0?.old.lowerBound }).min() {
        parts.append(.settled(merge.base.content(of: base..<start)))
        ours += start - base
        theirs += start - base
        base = start
        parts.append(takePlace())
      }
      parts.append(.settled(merge.base.content(of: base..<merge.base.count)))
      return parts
    }

    /// Takes the changes that begin here and all that meet them.
    private mutating func takePlace() -> Part {
      var end = base
      var ourShift = 0
      var theirShift = 0
      var (hasOurs, hasTheirs) = (false, false)
      while true {
        if let hunk = left.first, meets(hunk, end, isFirst: !hasOurs && !hasTheirs) {
          left.removeFirst()
          end = max(end, hunk.old.upperBound)
          ourShift += hunk.new.count - hunk.old.count
          hasOurs = true
        } else if let hunk = right.first, meets(hunk, end, isFirst: !hasOurs && !hasTheirs) {
          right.removeFirst()
          end = max(end, hunk.old.upperBound)
          theirShift += hunk.new.count - hunk.old.count
          hasTheirs = true
        } else {
          break
        }
      }
      let old = base..<end
      let one = ours..<(ours + old.count + ourShift)
      let two = theirs..<(theirs + old.count + theirShift)
      (base, ours, theirs) = (end, one.upperBound, two.upperBound)
      if !hasTheirs || merge.ours.numbers[one] == merge.theirs.numbers[two] {
        return .settled(merge.ours.content(of: one))
      }
      if !hasOurs { return .settled(merge.theirs.content(of: two)) }
      return .conflict(
        Hunk(base: piece(merge.base, old), ours: piece(merge.ours, one), theirs: piece(merge.theirs, two)))
    }

    /// Whether a change overlaps or touches what is gathered so far.
    private func meets(_ hunk: LineMerge.Hunk, _ end: Int, isFirst: Bool) -> Bool {
      isFirst ? hunk.old.lowerBound == base : hunk.old.lowerBound <= end
    }

    private func piece(_ text: LineTable.Text, _ lines: Range<Int>) -> Piece {
      Piece(lines: lines, bytes: Array(text.content(of: lines)))
    }
  }
}
