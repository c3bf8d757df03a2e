import Domain
import Glibc

/// A tree is not what git writes: a cut entry, an odd mode, entries out of order.
struct UnusualTree: Error {}

/// Reads a raw tree entry by entry; entries are ranges of its bytes, so a step allocates nothing.
struct TreeCursor {
  struct Entry {
    let start: Int
    let name: Range<Int>
    let mode: FileMode
    var end: Int { name.upperBound + 1 + ObjectID.byteCount }
    var isTree: Bool { mode == .tree }
  }

  let bytes: [UInt8]
  private(set) var entry: Entry?

  init(_ bytes: [UInt8]) throws(UnusualTree) {
    self.bytes = bytes
    entry = try entry(at: 0)
  }

  mutating func advance() throws(UnusualTree) {
    guard let current = entry else { return }
    entry = try entry(at: current.end)
  }

  /// The entry with a name and an id of its own.
  func value(of entry: Entry) throws(UnusualTree) -> TreeEntry {
    // No tree of git's holds the empty tree; a merge that rewrites the folder would leave it out.
    guard let id = ObjectID(bytes: bytes[(entry.name.upperBound + 1)..<entry.end]), id != .emptyTree else {
      throw UnusualTree()
    }
    return TreeEntry(mode: entry.mode, name: Array(bytes[entry.name]), id: id)
  }

  /// Whether both entries are the same bytes: mode, name and id.
  static func areIdentical(_ left: TreeCursor, _ one: Entry, _ right: TreeCursor, _ two: Entry) -> Bool {
    let count = one.end - one.start
    guard count == two.end - two.start else { return false }
    return left.bytes.withUnsafeBytes { first in
      right.bytes.withUnsafeBytes { second in
        guard let first = first.baseAddress, let second = second.baseAddress else { return false }
        return memcmp(first + one.start, second + two.start, count) == 0
      }
    }
  }

  /// Negative, zero or positive as git sorts the two: by the bytes of their names, a folder as if it ended in a slash.
  ///
  /// A file and a folder of the same name are therefore two different places.
  static func order(_ left: TreeCursor, _ one: Entry, _ right: TreeCursor, _ two: Entry) -> Int {
    let shared = min(one.name.count, two.name.count)
    let compared = left.bytes.withUnsafeBytes { first in
      right.bytes.withUnsafeBytes { second in
        guard let first = first.baseAddress, let second = second.baseAddress else { return 0 }
        return Int(memcmp(first + one.name.lowerBound, second + two.name.lowerBound, shared))
      }
    }
    guard compared == 0 else { return compared }
    return Int(left.byte(of: one, after: shared)) - Int(right.byte(of: two, after: shared))
  }

  private func byte(of entry: Entry, after shared: Int) -> UInt8 {
    entry.name.count > shared ? bytes[entry.name.lowerBound + shared] : entry.isTree ? UInt8(ascii: "/") : 0
  }

  private func entry(at start: Int) throws(UnusualTree) -> Entry? {
    guard start < bytes.count else { return nil }
    var mode: UInt32 = 0
    var position = start
    while position < bytes.count, bytes[position] != UInt8(ascii: " "), position - start < 7 {
      mode = mode << 3 | UInt32(bytes[position] & 7)
      position += 1
    }
    // Git writes a folder's mode with five digits; another spelling would not survive a rewrite.
    guard let known = FileMode(rawValue: mode), known != .groupWritableFile,
      position - start == (known == .tree ? 5 : 6)
    else { throw UnusualTree() }
    let nameStart = position + 1
    let nameEnd = bytes.withUnsafeBytes { buffer -> Int? in
      guard nameStart < buffer.count, let base = buffer.baseAddress else { return nil }
      return memchr(base + nameStart, 0, buffer.count - nameStart).map { UnsafeRawPointer($0) - base }
    }
    guard let nameEnd, nameEnd > nameStart, nameEnd + ObjectID.byteCount < bytes.count else { throw UnusualTree() }
    return Entry(start: start, name: nameStart..<nameEnd, mode: known)
  }
}
