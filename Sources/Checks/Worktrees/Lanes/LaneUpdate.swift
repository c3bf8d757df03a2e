import Glibc
import Processes

/// Makes a lane show exactly what layers show, whatever a command has done in it.
///
/// What has the mark it was written with, from a source that is the same, is left alone. Every other file is written anew,
/// not over. A folder that was touched loses what is not known in it; one that was given access lists or attributes is
/// replaced by a new one, which only what is known moves into.
struct LaneUpdate: ~Copyable {
  /// Deeper folders cannot be made by the repository; a setup that makes them is refused.
  private static let depthMax = 128
  /// The lane's own folder, which no command reaches: what has to go is moved here, and new folders are begun here.
  private let top: Folder
  private var count = 0
  /// When the last change was made.
  private(set) var lastChange: FileMark.Moment?

  private init(top: consuming Folder) { self.top = top }

  /// - Parameter folder: the path of the lane.
  static func bring(
    _ lane: inout Lane, at folder: String, owner: FileOwner?, to source: MergedFolder
  ) throws(SystemError) {
    var update = LaneUpdate(top: try Folder(opening: folder, owner: owner))
    let content = lane.content
    // What a failure leaves is known to nobody.
    lane.content = LaneFolder()
    let new = try update.fill(
      Folder(opening: folder, owner: owner), from: LaneSource(source), knowing: content, in: nil, depth: 0)
    try update.waitForNextMoment()
    lane.content = new
  }

  private final class Old {
    let folder: Folder
    init(_ folder: consuming Folder) { self.folder = folder }
  }

  private struct Wanted {
    let name: [UInt8]
    let isFolder: Bool
    /// Of the source, where it is a file or link.
    let mark: FileMark?
  }

  /// Fills a folder.
  ///
  /// - Parameters:
  ///   - known: what was written into the folder `old`; into `folder` itself where there is none.
  ///   - old: a touched folder that `folder` is to replace.
  private mutating func fill(
    _ folder: borrowing Folder, from source: LaneSource, knowing known: LaneFolder, in old: Old?, depth: Int
  ) throws(SystemError) -> LaneFolder {
    guard depth <= Self.depthMax else {
      throw SystemError("setup made folders more than \(Self.depthMax) deep", code: ENAMETOOLONG)
    }
    var result = LaneFolder(children: [], layer: source.layer)
    result.children.reserveCapacity(known.children.count)
    var rest = known.children[...]
    for wanted in try Self.wanted(from: source, knowing: known) {
      while let next = rest.first, next.name.lexicographicallyPrecedes(wanted.name) {
        if old == nil { try discard(next.name, from: folder) }
        rest.removeFirst()
      }
      let match = rest.first?.name == wanted.name ? rest.removeFirst() : nil
      if wanted.isFolder {
        let inner = try inner(wanted.name, of: source)
        result.children.append(try bring(wanted.name, match, in: folder, old: old, from: inner, depth: depth))
      } else if let match, case .copy(wanted.mark) = match.content,
        match.mark == (old.map { $0.folder.mark(of: wanted.name) } ?? folder.mark(of: wanted.name))
      {
        result.children.append(try keep(match, in: folder, old: old))
      } else {
        if old == nil { try discard(wanted.name, from: folder) }
        result.children.append(try copy(wanted.name, from: source, to: folder))
      }
    }
    if old == nil { for gone in rest { try discard(gone.name, from: folder) } }
    return result
  }

  private static func wanted(
    from source: LaneSource, knowing known: LaneFolder
  ) throws(SystemError) -> [Wanted] {
    if let layer = source.layer, layer == known.layer {
      // A layer never changes, so that there is nothing to look at.
      return known.children.map { child in
        switch child.content {
        case .copy(let mark): Wanted(name: child.name, isFolder: false, mark: mark)
        case .folder: Wanted(name: child.name, isFolder: true, mark: nil)
        }
      }
    }
    let folder = try source.folder()
    return try folder.entries().map { entry in
      let isFolder = entry.kind == .folder
      return Wanted(name: entry.name, isFolder: isFolder, mark: isFolder ? nil : folder.mark(of: entry.name))
    }
  }

  private func inner(_ name: [UInt8], of source: LaneSource) throws(SystemError) -> LaneSource {
    guard source.layer == nil else { return LaneSource(name, in: source) }
    guard let folder = try source.folder().folder(name) else {
      throw SystemError("a folder of a layer is gone", code: ENOENT)
    }
    return LaneSource(folder)
  }

  /// Brings a folder inside.
  private mutating func bring(
    _ name: [UInt8], _ known: LaneFolder.Child?, in folder: borrowing Folder, old: Old?, from source: LaneSource,
    depth: Int
  ) throws(SystemError) -> LaneFolder.Child {
    let now = old.map { $0.folder.mark(of: name) } ?? folder.mark(of: name)
    var content = LaneFolder()
    if let known, case .folder(let written) = known.content { content = written }
    let isSame = source.layer != nil && source.layer == content.layer
    let rights = isSame ? now?.rights : try Self.rights(of: source)
    if let known, let now, now == known.mark, now.isFolder, now.rights == rights {
      if let old { try old.folder.forcedMove(name, to: name, in: folder) }
      guard let inner = folder.existingFolder(name) else { throw SystemError("cannot open a folder of a lane") }
      content = try fill(inner, from: source, knowing: content, in: nil, depth: depth + 1)
      return try child(name, inner, content)
    }
    if now?.isFolder == true, old == nil {
      let inner = try folder.forcedFolder(name)
      if !inner.descriptor.hasAttributes() {
        try clean(inner, knowing: content)
        content = try fill(inner, from: source, knowing: content, in: nil, depth: depth + 1)
        try inner.setRights(Self.rights(of: source))
        try inner.touch()
        return try child(name, inner, content)
      }
    }
    count += 1
    let new = Array("new-\(count)".utf8)
    let inner = try top.makeFolder(new)
    var touched: Old?
    if now?.isFolder == true {
      touched = if let old { Old(try old.folder.forcedFolder(name)) } else { Old(try folder.forcedFolder(name)) }
    } else {
      content = LaneFolder()
    }
    content = try fill(inner, from: source, knowing: content, in: touched, depth: depth + 1)
    try inner.setRights(Self.rights(of: source))
    if old == nil { try discard(name, from: folder) }
    try top.forcedMove(new, to: name, in: folder)
    return try child(name, inner, content)
  }

  /// A folder as it is now that nobody but us changes it.
  private mutating func child(
    _ name: [UInt8], _ folder: borrowing Folder, _ content: LaneFolder
  ) throws(SystemError) -> LaneFolder.Child {
    let mark = try folder.mark()
    note(mark)
    return LaneFolder.Child(name: name, mark: mark, content: .folder(content))
  }

  /// Removes what is not known from a folder.
  private mutating func clean(_ folder: borrowing Folder, knowing known: LaneFolder) throws(SystemError) {
    let names = Set(known.children.map(\.name))
    for name in try folder.names() where !names.contains(name) { try discard(name, from: folder) }
  }

  /// A setup may have taken away what the next command needs to work in a folder: its owner keeps it.
  private static func rights(of source: LaneSource) throws(SystemError) -> mode_t {
    try source.folder().rights() | 0o700
  }

  /// Keeps a file that nobody has touched.
  private mutating func keep(
    _ child: LaneFolder.Child, in folder: borrowing Folder, old: Old?
  ) throws(SystemError) -> LaneFolder.Child {
    guard let old else { return child }
    try old.folder.move(child.name, to: child.name, in: folder)
    guard let mark = folder.mark(of: child.name) else { throw SystemError("a file of a lane is gone", code: ENOENT) }
    note(mark)
    return LaneFolder.Child(name: child.name, mark: mark, content: child.content)
  }

  private mutating func copy(
    _ name: [UInt8], from source: LaneSource, to folder: borrowing Folder
  ) throws(SystemError) -> LaneFolder.Child {
    let merged = try source.folder()
    guard let original = merged.mark(of: name) else { throw SystemError("a file of a layer is gone", code: ENOENT) }
    let mark = try merged.copy(name, to: folder)
    note(mark)
    return LaneFolder.Child(name: name, mark: mark, content: .copy(of: original))
  }

  /// Removes what stands under a name, if anything does.
  private mutating func discard(_ name: [UInt8], from folder: borrowing Folder) throws(SystemError) {
    guard let mark = folder.mark(of: name) else { return }
    if !mark.isFolder {
      _ = try folder.removeFile(name)
    } else {
      count += 1
      let gone = Array("gone-\(count)".utf8)
      try folder.forcedMove(name, to: gone, in: top)
      try FolderRemoval.remove(gone, in: top)
    }
  }

  private mutating func note(_ mark: FileMark) { lastChange = max(lastChange ?? mark.change, mark.change) }

  /// Waits until a change that is made now gets another time than those made here: clocks of file systems tick slowly.
  private func waitForNextMoment() throws(SystemError) {
    guard let lastChange else { return }
    for _ in 0..<5_000 {
      try top.touch()
      if try top.mark().change > lastChange { return }
      usleep(500)
    }
    throw SystemError("the clock of the file system stands still", code: ETIME)
  }
}
