import Domain
import Glibc
import Processes

/// The index of a pack: where in the pack an object begins.
///
/// - Source: gitformat-pack(5), "Version 2 pack-*.idx files".
struct PackIndex: ~Copyable {
  private let file: Descriptor
  private let count: Int
  /// The whole file, where it is small.
  private let bytes: [UInt8]

  private static let smallMax = 16_384
  private static let tableStart = 8 + 256 * 4

  /// Opens an index; nil where it is none of version 2.
  init?(_ path: String) {
    do {
      let file = try Descriptor(opening: path, O_RDONLY)
      let bytes = try file.read(max: Self.smallMax)
      guard bytes.count >= Self.tableStart, bytes.starts(with: [0xFF, 0x74, 0x4F, 0x63, 0, 0, 0, 2]) else { return nil }
      count = Int(Self.number(bytes[(Self.tableStart - 4)..<Self.tableStart]))
      // After the ids stand a checksum and an offset for each, and two hashes.
      self.bytes = bytes.count < Self.smallMax ? bytes : Array(bytes[..<Self.tableStart])
      self.file = file
    } catch { return nil }
  }

  /// Where the object's entry begins in the pack; nil where the pack does not hold it.
  borrowing func offset(of id: ObjectID) -> UInt64? {
    let wanted = id.bytes
    var low = wanted[0] == 0 ? 0 : fan(wanted[0] - 1)
    var high = fan(wanted[0])
    while low < high {
      let middle = (low + high) / 2
      guard let found = read(20, at: Self.tableStart + 20 * middle) else { return nil }
      if found.elementsEqual(wanted) { return offset(ofEntry: middle) }
      if found.lexicographicallyPrecedes(wanted) { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  private borrowing func fan(_ byte: UInt8) -> Int {
    let start = 8 + 4 * Int(byte)
    return min(Int(Self.number(bytes[start..<(start + 4)])), count)
  }

  private borrowing func offset(ofEntry entry: Int) -> UInt64? {
    let offsets = Self.tableStart + 24 * count
    guard let short = read(4, at: offsets + 4 * entry).map(Self.number) else { return nil }
    guard short & 0x8000_0000 != 0 else { return short }
    return read(8, at: offsets + 4 * count + 8 * Int(short & 0x7FFF_FFFF)).map(Self.number)
  }

  private borrowing func read(_ length: Int, at start: Int) -> ArraySlice<UInt8>? {
    if start + length <= bytes.count { return bytes[start..<(start + length)] }
    guard let found = file.read(max: length, at: UInt64(start)), found.count == length else { return nil }
    return found[...]
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}
