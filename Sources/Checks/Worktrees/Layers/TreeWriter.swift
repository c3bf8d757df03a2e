import Domain
import Processes

/// Writes trees of the repository as folders and files.
struct TreeWriter<Content: TreeContent> {
  private let depthMax: Int
  private let filesMax: Int
  private(set) var fileCount = 0

  init(depthMax: Int = 64, filesMax: Int = 1_000_000) {
    self.depthMax = depthMax
    self.filesMax = filesMax
  }

  /// Writes everything in `tree` into an empty folder; submodules become empty folders.
  mutating func write(
    _ tree: ObjectID, into folder: borrowing Folder, from content: inout Content,
    at path: TreePath = TreePath(bytes: [])
  ) throws(WorktreeError) {
    guard path.depth < depthMax else { throw .tooDeep(path, max: depthMax) }
    for entry in try entries(of: tree, in: &content) {
      let name = entry.name
      guard Self.isSafe(name) else { throw .unsafeName(path.appending(name)) }
      if entry.isTree {
        let inner = try system { () throws(SystemError) in try folder.makeFolder(name) }
        try write(entry.id, into: inner, from: &content, at: path.appending(name))
      } else {
        try write(.init(mode: entry.mode, id: entry.id), as: name, into: folder, from: &content)
      }
    }
  }

  /// Writes one file, link or submodule under a name that is free.
  mutating func write(
    _ side: TreeChange.Side, as name: [UInt8], into folder: borrowing Folder, from content: inout Content
  ) throws(WorktreeError) {
    fileCount += 1
    guard fileCount <= filesMax else { throw .tooManyFiles(max: filesMax) }
    switch side.mode {
    case .tree, .submodule:
      _ = try system { () throws(SystemError) in try folder.folder(name) }
    case .symlink:
      let target = try blob(side.id, in: &content)
      try system { () throws(SystemError) in try folder.writeLink(name, to: target) }
    case .file, .groupWritableFile, .executable:
      let bytes = try blob(side.id, in: &content)
      try system { () throws(SystemError) in try folder.writeFile(name, bytes, isExecutable: side.mode == .executable) }
    }
  }

  /// Whether a name may be written: git's own folder never, in no spelling of a case-blind file system.
  static func isSafe(_ name: [UInt8]) -> Bool {
    let lowered = name.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    return !name.isEmpty && name != [UInt8(ascii: ".")] && name != Array("..".utf8) && lowered != Array(".git".utf8)
      && !name.contains(UInt8(ascii: "/")) && !name.contains(0)
  }

  private func entries(
    of tree: ObjectID, in content: inout Content
  ) throws(WorktreeError) -> [TreeEntry] {
    guard tree != .emptyTree else { return [] }
    return try reading { () throws(Content.Failure) in try content.tree(tree) }
  }

  private func blob(_ id: ObjectID, in content: inout Content) throws(WorktreeError) -> [UInt8] {
    return try reading { () throws(Content.Failure) in try content.blob(id) }
  }
}
