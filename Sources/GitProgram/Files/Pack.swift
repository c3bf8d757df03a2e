import Domain
import Glibc
import Processes

/// A pack and its index, open for reading; the pack itself is opened where the index has found something in it.
final class Pack {
  /// What stands at an offset.
  struct Entry {
    enum Kind: Hashable {
      case object(ObjectKind)
      case delta(fromOffset: UInt64)
      case deltaOf(ObjectID)
    }

    let kind: Kind
    /// Bytes of the content, or of the delta.
    let size: Int
    /// Where the compressed bytes begin.
    let start: UInt64
    /// As many of them as came with the head.
    let bytes: ArraySlice<UInt8>
  }

  let index: PackIndex
  /// Nil where the pack is not there, or of no version that is known.
  private lazy var file = Opened(path)
  private let path: String

  private final class Opened {
    let descriptor: Descriptor

    init?(_ path: String) {
      do { descriptor = try Descriptor(opening: path, O_RDONLY) } catch { return nil }
      guard let head = descriptor.read(max: 8, at: 0), head.starts(with: Array("PACK".utf8) + [0, 0, 0]),
        head.last == 2 || head.last == 3
      else { return nil }
    }
  }

  private static let chunk = 4_096

  /// - Parameter name: of both files, without what they end in.
  init?(_ name: String) {
    guard let index = PackIndex(name + ".idx") else { return nil }
    self.index = index
    path = name + ".pack"
  }

  private func read(max: Int, at offset: UInt64) -> [UInt8]? { file?.descriptor.read(max: max, at: offset) }

  /// Reads the head of an entry.
  ///
  /// - Source: gitformat-pack(5), "pack-*.pack files".
  func entry(at offset: UInt64) -> Entry? {
    guard let bytes = read(max: Self.chunk, at: offset), let first = bytes.first else { return nil }
    var rest = bytes.dropFirst()
    var size = Int(first & 15)
    var shift = 4
    var more = first & 0x80 != 0
    while more {
      guard let byte = rest.popFirst(), shift < 56 else { return nil }
      size |= Int(byte & 0x7F) << shift
      shift += 7
      more = byte & 0x80 != 0
    }
    guard let kind = Self.kind(first >> 4 & 7, at: offset, &rest) else { return nil }
    return Entry(kind: kind, size: size, start: offset + UInt64(rest.startIndex), bytes: rest)
  }

  private static func kind(_ number: UInt8, at offset: UInt64, _ rest: inout ArraySlice<UInt8>) -> Entry.Kind? {
    switch number {
    case 1: return .object(.commit)
    case 2: return .object(.tree)
    case 3: return .object(.blob)
    case 4: return .object(.tag)
    case 6:
      var back: UInt64 = 0
      while let byte = rest.popFirst() {
        back |= UInt64(byte & 0x7F)
        guard byte & 0x80 != 0 else { return back > 0 && back < offset ? .delta(fromOffset: offset - back) : nil }
        guard back < 1 << 48 else { return nil }
        back = (back + 1) << 7
      }
      return nil
    case 7:
      guard rest.count >= ObjectID.byteCount, let id = ObjectID(bytes: rest.prefix(ObjectID.byteCount)) else {
        return nil
      }
      rest = rest.dropFirst(ObjectID.byteCount)
      return .deltaOf(id)
    default: return nil
    }
  }

  /// The content of an entry, or its delta.
  func content(of entry: Entry) -> [UInt8]? {
    // What zlib needs at the most, and some room for less frugal writers.
    let bound = entry.size + entry.size >> 10 + 64
    if entry.bytes.count >= bound || entry.bytes.count < Self.chunk - 64 {
      return Inflation.whole(entry.bytes, size: entry.size)
    }
    if let found = Inflation.whole(entry.bytes, size: entry.size) { return found }
    return read(max: bound, at: entry.start).flatMap { Inflation.whole($0[...], size: entry.size) }
  }

  /// The first bytes of an entry's content.
  func start(of entry: Entry, max: Int) -> [UInt8] { Inflation.start(entry.bytes, max: max) }
}
