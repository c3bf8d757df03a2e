import Glibc
import Processes

/// Takes what a command has changed in a lane out of it, as a layer over what the lane showed before.
struct LaneCapture {
  private static let depthMax = 128

  /// - Parameters:
  ///   - folder: the path of the lane.
  ///   - layer: the path of an empty folder.
  static func take(from lane: Lane, at folder: String, owner: FileOwner?, into layer: String) throws(SystemError) {
    try LaneCapture().take(
      from: lane.content, isTouched: true, in: Folder(opening: folder, owner: owner),
      into: Target(try Folder(opening: layer, owner: owner)), depth: 0)
  }

  /// A folder of the layer, which is made when there is something to put into it.
  private final class Target {
    private let parent: Target?
    private let name: [UInt8]
    private let rights: mode_t
    private var made: Opened?

    final class Opened {
      let folder: Folder
      init(_ folder: consuming Folder) { self.folder = folder }
    }

    init(_ folder: consuming Folder) {
      parent = nil
      name = []
      rights = 0
      made = Opened(folder)
    }

    init(_ name: [UInt8], in parent: Target, rights: mode_t) {
      self.name = name
      self.parent = parent
      self.rights = rights
    }

    func open() throws(SystemError) -> Opened {
      if let made { return made }
      guard let parent else { preconditionFailure("the layer's own folder is open") }
      let opened = Opened(try parent.open().folder.makeFolder(name))
      try opened.folder.setRights(rights | 0o700)
      made = opened
      return opened
    }
  }

  private func take(
    from known: LaneFolder, isTouched: Bool, in folder: borrowing Folder, into target: Target, depth: Int
  ) throws(SystemError) {
    guard depth <= Self.depthMax else { throw SystemError("setup made folders too deep", code: ENAMETOOLONG) }
    for child in known.children {
      guard let now = folder.mark(of: child.name) else {
        try target.open().folder.writeWhiteout(child.name, as: .pipe)
        continue
      }
      guard case .folder(let content) = child.content, now.isFolder else {
        if now != child.mark { try move(child.name, now, from: folder, to: target) }
        continue
      }
      let inner = try folder.forcedFolder(child.name)
      let next = Target(child.name, in: target, rights: now.rights)
      if now.mode != child.mark.mode { _ = try next.open() }
      try take(from: content, isTouched: now != child.mark, in: inner, into: next, depth: depth + 1)
    }
    // Nothing was added to a folder that has its mark.
    guard isTouched else { return }
    let names = Set(known.children.map(\.name))
    for name in try folder.names() where !names.contains(name) {
      if let now = folder.mark(of: name) { try move(name, now, from: folder, to: target) }
    }
  }

  private func move(
    _ name: [UInt8], _ mark: FileMark, from folder: borrowing Folder, to target: Target
  ) throws(SystemError) {
    switch mark.type {
    case S_IFDIR, S_IFREG, S_IFLNK:
      let layer = try target.open()
      try folder.forcedMove(name, to: name, in: layer.folder)
      try layer.folder.makeReadable(name, depthMax: Self.depthMax)
    default: break  // A pipe or socket means nothing without the process that made it.
    }
  }
}
