extension ConflictedText {
  /// Bytes that are compared before a text is taken for one that cannot be told apart.
  private static let comparisonsMax = 50 << 20

  /// What stands in the place of each hunk in a text in which everything else is as it was settled.
  ///
  /// - Returns: nil where the text differs elsewhere too, or where it cannot be told for certain which lines are whose.
  package func resolutions(in text: [UInt8]) -> [[UInt8]]? {
    let settled = settledPieces
    guard let first = settled.first, let last = settled.last, settled.count > 1 else { return nil }
    guard text.starts(with: first), text.count >= first.count + last.count, text.suffix(last.count) == last[...]
    else { return nil }
    var resolutions: [[UInt8]] = []
    var rest = text[first.count..<(text.count - last.count)]
    var budget = Self.comparisonsMax
    for piece in settled.dropFirst().dropLast() {
      guard let place = Self.onlyPlace(of: piece, in: rest, &budget) else { return nil }
      resolutions.append(Array(rest[..<place]))
      rest = rest[(place + piece.count)...]
    }
    resolutions.append(Array(rest))
    var next = resolutions.makeIterator()
    return resolved { _ in next.next() } == text ? resolutions : nil
  }

  /// What stands before, between and behind the hunks.
  private var settledPieces: [[UInt8]] {
    var pieces: [[UInt8]] = [[]]
    for part in parts {
      switch part {
      case .settled(let bytes): pieces[pieces.count - 1] += bytes
      case .conflict: pieces.append([])
      }
    }
    return pieces
  }

  /// Where some lines begin; nil where they are nowhere, or in more than one place.
  private static func onlyPlace(of piece: [UInt8], in text: ArraySlice<UInt8>, _ budget: inout Int) -> Int? {
    guard !piece.isEmpty else { return nil }
    var found: Int?
    var start = text.startIndex
    while start + piece.count <= text.endIndex {
      var count = 0
      while count < piece.count, text[start + count] == piece[count] { count += 1 }
      budget -= count + 1
      guard budget > 0 else { return nil }
      if count == piece.count {
        guard found == nil else { return nil }
        found = start
      }
      guard let line = text[start...].firstIndex(of: UInt8(ascii: "\n")) else { break }
      start = line + 1
    }
    return found
  }
}
