import Domain
import Glibc
import Processes

/// The file that holds the refs that have no file of their own.
///
/// - Shape: a first line that says `sorted`; then `<id> SP <name> LF` for each ref, by name, and `^<id> LF` after a tag.
/// - Source: git's refs/packed-backend.c.
struct PackedRefs: ~Copyable {
  private let file: Descriptor
  private let start: Int
  private let end: Int

  private static let window = 4_096

  enum Opened: ~Copyable {
    case refs(PackedRefs)
    case missing
    /// Git has to be asked.
    case unusual
  }

  static func open(_ repository: String) -> Opened {
    let number = Glibc.open(repository + "/packed-refs", O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return errno == ENOENT ? .missing : .unusual }
    let file = Descriptor(owning: number)
    var status = stat()
    guard fstat(number, &status) == 0, let head = file.read(max: 256, at: 0) else { return .unusual }
    guard let line = head.firstIndex(of: 10),
      String(decoding: head[..<line], as: UTF8.self).split(separator: " ").contains("sorted")
    else { return status.st_size == 0 ? .missing : .unusual }
    return .refs(PackedRefs(file: file, start: line + 1, end: Int(status.st_size)))
  }

  private init(file: consuming Descriptor, start: Int, end: Int) {
    self.file = file
    self.start = start
    self.end = end
  }

  borrowing func place(of ref: String) -> RefFiles.Place {
    switch first(from: ref) {
    case .some(.some(let record)): record.name.elementsEqual(ref.utf8) ? .at(record.id) : .missing
    case .some(.none): .missing
    case .none: .unusual
    }
  }

  /// Whether a ref's name begins so; nil where that cannot be told.
  borrowing func hasRef(beginning prefix: String) -> Bool? {
    first(from: prefix).map { $0?.name.starts(with: prefix.utf8) ?? false }
  }

  private struct Record {
    let name: ArraySlice<UInt8>
    let id: ObjectID
    /// Where its lines begin in the file, and where the next ref's do.
    let start: Int
    let end: Int
  }

  /// The first ref whose name is not below `name`, found by halving; nil where the file is not as it should be.
  private borrowing func first(from name: String) -> Record?? {
    var low = start
    var high = end
    var found: Record?
    while low < high {
      guard let record = record(around: low + (high - low) / 2, from: low) else { return nil }
      if record.name.lexicographicallyPrecedes(name.utf8) {
        low = record.end
      } else {
        found = record
        high = record.start
      }
    }
    return .some(found)
  }

  /// The ref whose lines hold a byte of the file; at `low` begins one.
  private borrowing func record(around middle: Int, from low: Int) -> Record? {
    let base = max(low, middle - Self.window / 2)
    guard let bytes = file.read(max: Self.window, at: UInt64(base)), middle - base < bytes.count else { return nil }
    var first = middle - base
    while first > 0, bytes[first - 1] != 10 || bytes[first] == UInt8(ascii: "^") { first -= 1 }
    guard first > 0 || base == low, let lineEnd = bytes[first...].firstIndex(of: 10), lineEnd - first > 41,
      bytes[first + 40] == UInt8(ascii: " "), let id = ObjectID(hexBytes: bytes[first..<(first + 40)])
    else { return nil }
    var next = lineEnd + 1
    if base + next < end {
      guard next < bytes.count else { return nil }
      if bytes[next] == UInt8(ascii: "^") {
        guard let peeledEnd = bytes[next...].firstIndex(of: 10) else { return nil }
        next = peeledEnd + 1
      }
    }
    return Record(name: bytes[(first + 41)..<lineEnd], id: id, start: base + first, end: base + next)
  }
}
