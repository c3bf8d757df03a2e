import Checks
import Domain

/// Trees and files in memory, with an id per content.
struct MemoryContent: TreeContent {
  enum Entry {
    case file(String)
    case executable(String)
    case link(String)
    case submodule
  }

  struct Missing: Error {}

  private var objects: [ObjectID: [UInt8]] = [:]
  private var ids: [[UInt8]: ObjectID] = [:]

  mutating func tree(_ id: ObjectID) throws(Missing) -> [TreeEntry] {
    guard let bytes = objects[id] else { throw Missing() }
    do { return try Tree.parse(bytes) } catch { throw Missing() }
  }

  mutating func commit(_ id: ObjectID) throws(Missing) -> Commit { throw Missing() }

  mutating func blob(_ id: ObjectID) throws(Missing) -> [UInt8] {
    guard let bytes = objects[id] else { throw Missing() }
    return bytes
  }

  /// Stores a tree of these paths.
  mutating func store(_ files: [String: Entry]) -> ObjectID {
    var entries: [TreeEntry] = []
    var folders: [String: [String: Entry]] = [:]
    for (path, entry) in files {
      let parts = path.split(separator: "/", maxSplits: 1).map(String.init)
      guard parts.count == 1 else {
        folders[parts[0], default: [:]][parts[1]] = entry
        continue
      }
      let name = Array(path.utf8)
      switch entry {
      case .file(let text): entries.append(TreeEntry(mode: .file, name: name, id: put(Array(text.utf8))))
      case .executable(let text): entries.append(TreeEntry(mode: .executable, name: name, id: put(Array(text.utf8))))
      case .link(let target): entries.append(TreeEntry(mode: .symlink, name: name, id: put(Array(target.utf8))))
      case .submodule: entries.append(TreeEntry(mode: .submodule, name: name, id: put([1])))
      }
    }
    for (name, inner) in folders {
      entries.append(TreeEntry(mode: .tree, name: Array(name.utf8), id: store(inner)))
    }
    return put(Tree.serialize(entries))
  }

  mutating func put(_ bytes: [UInt8]) -> ObjectID {
    if let id = ids[bytes] { return id }
    let number = UInt64(ids.count + 1)
    let raw = [UInt8](repeating: 0xAB, count: 12) + (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    guard let id = ObjectID(bytes: raw) else { preconditionFailure("twenty bytes are an id") }
    ids[bytes] = id
    objects[id] = bytes
    return id
  }
}
