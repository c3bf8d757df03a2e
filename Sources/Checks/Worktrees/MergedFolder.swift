import Glibc
import Processes

/// A folder as it looks through layers that nobody writes to, seen without mounting them.
struct MergedFolder {
  enum Kind: Hashable {
    case folder
    case file
    case link
    case other
  }

  struct Entry: Hashable {
    let name: [UInt8]
    let kind: Kind
  }

  /// The newest first: what stands in one hides what stands under its name in the next ones.
  private let parts: [Part]

  private final class Part {
    let folder: Folder
    init(_ folder: consuming Folder) { self.folder = folder }
  }

  private init(parts: [Part]) { self.parts = parts }

  /// Opens the files of layers.
  ///
  /// - Parameter layers: folders that hold a folder `tree`, or none where they change nothing; the newest first.
  init(layers: [String]) throws(SystemError) {
    var parts: [Part] = []
    for layer in layers {
      if let tree = try Folder(opening: layer, owner: nil).existingFolder(Worktrees.treeName) {
        parts.append(Part(tree))
      }
    }
    self.parts = parts
  }

  /// What stands under a name; nil where nothing does.
  func kind(of name: [UInt8]) -> Kind? {
    for part in parts {
      if let mode = part.folder.kind(of: name) { return Self.kind(mode) }
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

  /// Opens a folder inside; nil where it is none.
  func folder(_ name: [UInt8]) throws(SystemError) -> MergedFolder? {
    var inner: [Part] = []
    for part in parts {
      guard let mode = part.folder.kind(of: name) else { continue }
      // Whatever else has the name hides the folders below.
      guard mode == S_IFDIR else { break }
      guard let folder = part.folder.existingFolder(name) else { throw SystemError("cannot open a folder of a layer") }
      inner.append(Part(folder))
    }
    return inner.isEmpty ? nil : MergedFolder(parts: inner)
  }

  /// Nil for the entry that hides what is below.
  private static func kind(_ type: mode_t) -> Kind? {
    switch type {
    case S_IFDIR: .folder
    case S_IFREG: .file
    case S_IFLNK: .link
    case S_IFCHR: nil
    default: .other
    }
  }
}
