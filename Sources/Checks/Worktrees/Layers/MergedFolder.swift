import Glibc
import Processes

/// A folder as it looks through layers that nobody writes to, seen without mounting them.
struct MergedFolder {
  enum Kind: Hashable {
    case folder
    case file
    case link
  }

  struct Entry: Hashable {
    let name: [UInt8]
    let kind: Kind
  }

  /// The newest first: what stands in one hides what stands under its name in the next ones.
  private let parts: [Part]

  private final class Part {
    let layer: String
    let folder: Folder

    init(of layer: String, _ folder: consuming Folder) {
      self.layer = layer
      self.folder = folder
    }
  }

  private init(parts: [Part]) { self.parts = parts }

  /// Opens layers, each by its name and its path; the newest first.
  init(layers: [(name: String, path: String)]) throws(SystemError) {
    var parts: [Part] = []
    for (name, path) in layers { parts.append(Part(of: name, try Folder(opening: path, owner: nil))) }
    self.parts = parts
  }

  /// The layer that alone has something here; nil where several have.
  var layer: String? { parts.count == 1 ? parts[0].layer : nil }

  /// What its owner, group and the others may do with the folder.
  func rights() throws(SystemError) -> mode_t { try parts.first?.folder.mark().rights ?? 0o755 }

  /// What stands under a name; nil where nothing does.
  func kind(of name: [UInt8]) -> Kind? {
    for part in parts {
      if let type = part.folder.kind(of: name) { return Self.kind(type) }
    }
    return nil
  }

  /// What stands inside, by name.
  func entries() throws(SystemError) -> [Entry] {
    var seen: Set<[UInt8]> = []
    var entries: [Entry] = []
    for part in parts {
      for found in try part.folder.entries() where parts.count == 1 || seen.insert(found.name).inserted {
        if let kind = Self.kind(found.type) { entries.append(Entry(name: found.name, kind: kind)) }
      }
    }
    return entries.sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  /// The mark of the file or link under a name; nil where there is none.
  func mark(of name: [UInt8]) -> FileMark? {
    for part in parts {
      if let mark = part.folder.mark(of: name) { return mark }
    }
    return nil
  }

  /// Copies the file or link under a name into a folder, and gives the mark of the copy.
  func copy(_ name: [UInt8], to target: borrowing Folder) throws(SystemError) -> FileMark {
    for part in parts where part.folder.kind(of: name) != nil { return try target.copy(name, from: part.folder) }
    throw SystemError("a file of a layer is gone", code: ENOENT)
  }

  /// Opens a folder inside; nil where it is none.
  func folder(_ name: [UInt8]) throws(SystemError) -> MergedFolder? {
    var inner: [Part] = []
    for part in parts {
      guard let type = part.folder.kind(of: name) else { continue }
      // Whatever else has the name hides the folders below.
      guard type == S_IFDIR else { break }
      guard let folder = part.folder.existingFolder(name) else { throw SystemError("cannot open a folder of a layer") }
      inner.append(Part(of: part.layer, folder))
    }
    return inner.isEmpty ? nil : MergedFolder(parts: inner)
  }

  /// Nil for the entries that hide what is below, and for what cannot be carried from one folder to another.
  private static func kind(_ type: mode_t) -> Kind? {
    switch type {
    case S_IFDIR: .folder
    case S_IFREG: .file
    case S_IFLNK: .link
    default: nil
    }
  }
}
