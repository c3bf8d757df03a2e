import Domain
import Glibc
import Processes

/// Reads objects from a repository's own files, without starting git.
///
/// - Trust: a content is returned only where it has the hash that names it, so it is the object whatever the files hold.
/// - Unusual: nil means that git has to be asked: the object is missing, large, damaged, or stored in a way this does not
///   know.
final class ObjectFiles {
  private var folders: [String]
  private var packs: [Pack]?

  /// Larger ones are git's.
  static let sizeMax = 1 << 20
  private static let packsMax = 256
  private static let chainMax = 60
  private static let alternatesMax = 10

  /// - Parameter quarantine: the variables of git's quarantine as `NAME=value`.
  init(repository: String, quarantine: [String]) {
    var folders: [String] = []
    for name in ["GIT_OBJECT_DIRECTORY=", "GIT_ALTERNATE_OBJECT_DIRECTORIES="] {
      let value = quarantine.first { $0.hasPrefix(name) }?.dropFirst(name.count) ?? ""
      folders += value.split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }.map(Self.direct)
    }
    let own = Self.direct(repository + "/objects")
    self.folders = folders.contains(own) ? folders : folders + [own]
  }

  /// A path without `.`: git writes `/srv/git/app.git/./objects`.
  private static func direct(_ path: String) -> String {
    var direct: [UInt8] = []
    let bytes = Array(path.utf8)
    for index in bytes.indices {
      direct.append(bytes[index])
      if direct.count > 2, direct.suffix(3) == Array("/./".utf8)[...] { direct.removeLast(2) }
    }
    return String(decoding: direct, as: UTF8.self)
  }

  /// The kind and size of an object.
  func info(_ id: ObjectID) -> ObjectInfo? {
    if let (pack, offset) = place(of: id), let entry = pack.entry(at: offset) {
      return info(of: entry, in: pack, depth: 0).map { ObjectInfo(id: id, kind: $0.kind, size: $0.size) }
    }
    guard let file = looseFile(id), let bytes = file.read(max: 512, at: 0) else { return nil }
    return Self.head(Inflation.start(bytes[...], max: 64)).map { ObjectInfo(id: id, kind: $0.kind, size: $0.size) }
  }

  /// The kind and content of an object.
  func object(_ id: ObjectID) -> (kind: ObjectKind, content: [UInt8])? {
    let found: (kind: ObjectKind, content: [UInt8])?
    if let (pack, offset) = place(of: id) {
      found = object(at: offset, in: pack, depth: 0)
    } else {
      found = looseObject(id)
    }
    guard let found, LooseObject(found.kind, found.content).id == id else { return nil }
    return found
  }

  private func info(of entry: Pack.Entry, in pack: Pack, depth: Int) -> (kind: ObjectKind, size: Int)? {
    if case .object(let kind) = entry.kind { return (kind, entry.size) }
    guard depth < Self.chainMax, let size = Delta.resultSize(pack.start(of: entry, max: 24)),
      let (pack, offset) = base(of: entry, in: pack), let base = pack.entry(at: offset),
      let kind = info(of: base, in: pack, depth: depth + 1)?.kind
    else { return nil }
    return (kind, size)
  }

  private func object(at offset: UInt64, in pack: Pack, depth: Int) -> (kind: ObjectKind, content: [UInt8])? {
    guard depth < Self.chainMax, let entry = pack.entry(at: offset), entry.size <= Self.sizeMax,
      let content = pack.content(of: entry)
    else { return nil }
    if case .object(let kind) = entry.kind { return (kind, content) }
    guard let (pack, offset) = base(of: entry, in: pack), let base = object(at: offset, in: pack, depth: depth + 1),
      let result = Delta.apply(content, to: base.content, max: Self.sizeMax)
    else { return nil }
    return (base.kind, result)
  }

  private func base(of entry: Pack.Entry, in pack: Pack) -> (Pack, UInt64)? {
    switch entry.kind {
    case .object: nil
    case .delta(let offset): (pack, offset)
    case .deltaOf(let id): place(of: id)
    }
  }

  /// The pack that holds an object, and where; the pack that held the last one is asked first.
  private func place(of id: ObjectID) -> (Pack, UInt64)? {
    if packs == nil { packs = openPacks() }
    guard let packs else { return nil }
    for (number, pack) in packs.enumerated() {
      guard let offset = pack.index.offset(of: id) else { continue }
      if number > 0 { self.packs?.swapAt(0, number) }
      return (pack, offset)
    }
    return nil
  }

  private func openPacks() -> [Pack] {
    addAlternates()
    var packs: [Pack] = []
    for folder in folders {
      let names = FolderNames.all(in: folder + "/pack").filter { $0.hasSuffix(".idx") }
      guard packs.count + names.count <= Self.packsMax else { return [] }
      for name in names {
        let stem = String(name[..<name.index(name.endIndex, offsetBy: -4)])
        if let pack = Pack("\(folder)/pack/\(stem)") { packs.append(pack) }
      }
    }
    return packs
  }

  /// Follows `info/alternates` of each folder.
  private func addAlternates() {
    var next = 0
    while next < folders.count, folders.count < Self.alternatesMax {
      let folder = folders[next]
      next += 1
      do {
        let file = try Descriptor(opening: folder + "/info/alternates", O_RDONLY)
        for line in String(decoding: try file.read(max: 65_536), as: UTF8.self).split(separator: "\n") {
          guard let first = line.first, first != "#", first != "\"" else { continue }
          let path = Self.direct(first == "/" ? String(line) : "\(folder)/\(line)")
          if !folders.contains(path) { folders.append(path) }
        }
      } catch { continue }
    }
  }

  private func looseFile(_ id: ObjectID) -> Descriptor? {
    let hex = id.hex
    for folder in folders {
      do { return try Descriptor(opening: "\(folder)/\(hex.prefix(2))/\(hex.dropFirst(2))", O_RDONLY) } catch {
        continue
      }
    }
    return nil
  }

  private func looseObject(_ id: ObjectID) -> (kind: ObjectKind, content: [UInt8])? {
    guard let file = looseFile(id), let bytes = file.read(max: Self.sizeMax, at: 0),
      let head = Self.head(Inflation.start(bytes[...], max: 64)), head.size <= Self.sizeMax,
      let whole = Inflation.whole(bytes[...], size: head.length + head.size)
    else { return nil }
    return (head.kind, Array(whole.dropFirst(head.length)))
  }

  /// Reads `<kind> SP <size> NUL`.
  private static func head(_ bytes: [UInt8]) -> (kind: ObjectKind, size: Int, length: Int)? {
    guard let end = bytes.firstIndex(of: 0) else { return nil }
    let words = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 2, let kind = ObjectKind(rawValue: String(words[0])), let size = Int(words[1]), size >= 0
    else {
      return nil
    }
    return (kind, size, end + 1)
  }
}
