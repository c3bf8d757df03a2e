import Domain

/// One line of what git tells a receive hook: which ref shall move from where to where.
struct ReceivedUpdate: Hashable, Sendable {
  let change: RefChange
  /// The ref's name, every byte as it was sent: git checks names only after `pre-receive`.
  let name: [UInt8]

  /// Reads `<old> SP <new> SP <ref>`, without the line end.
  ///
  /// - Returns: nil where an id is not forty hex digits or the name is missing. Ids need not exist, names need not be names.
  /// - Source: githooks(5), "pre-receive".
  init?(line: ArraySlice<UInt8>) {
    let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[2].isEmpty, let old = Self.id(parts[0]), let new = Self.id(parts[1]) else {
      return nil
    }
    name = Array(parts[2])
    switch (old, new) {
    case (.some(let old), .some(let new)): change = .move(from: old, to: new)
    case (.none, .some(let new)): change = .create(new)
    case (.some(let old), .none): change = .delete(old)
    // Submit refs are never stored, so git sends a deletion of one from nothing to nothing.
    case (.none, .none): change = .delete(nil)
    }
  }

  /// The line as it was read.
  var line: [UInt8] {
    func digits(_ id: ObjectID?) -> String { id?.hex ?? String(repeating: "0", count: 2 * ObjectID.byteCount) }
    return Array("\(digits(change.old)) \(digits(change.new)) ".utf8) + name
  }

  var shownName: String { Printable.line(String(decoding: name, as: UTF8.self), max: 120) }

  /// nil: not an id; .some(nil): all zero.
  private static func id(_ digits: ArraySlice<UInt8>) -> ObjectID?? {
    guard digits.count == 2 * ObjectID.byteCount else { return nil }
    if digits.allSatisfy({ $0 == UInt8(ascii: "0") }) { return .some(nil) }
    guard let id = ObjectID(hexBytes: digits) else { return nil }
    return id
  }
}
