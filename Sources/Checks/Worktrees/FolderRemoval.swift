import Glibc
import Processes
import Synchronization

/// Removes folders that commands have written into, whatever they left there.
struct FolderRemoval: ~Copyable {
  /// Deeper folders are moved up first: a command can nest more of them than there are descriptors or stack.
  private static let depthMax = 64
  private var waiting: [[UInt8]] = []
  /// Several removals may move folders up to the same place.
  private static let movedCount = Atomic<Int>(0)

  /// Removes `name` from `top`: a file, a link, or a folder with everything in it. What is not there is no error.
  static func remove(_ name: [UInt8], in top: borrowing Folder) throws(SystemError) {
    var removal = FolderRemoval()
    try removal.remove(name, from: top, top: top, depth: 0)
    while let next = removal.waiting.popLast() { try removal.remove(next, from: top, top: top, depth: 0) }
  }

  static func remove(_ name: String, in top: borrowing Folder) throws(SystemError) {
    try remove(Array(name.utf8), in: top)
  }

  private mutating func remove(
    _ name: [UInt8], from folder: borrowing Folder, top: borrowing Folder, depth: Int
  ) throws(SystemError) {
    // Most folders of a finished run are empty.
    if try folder.removeFile(name) || folder.removeEmptyFolder(name) { return }
    guard depth < Self.depthMax else {
      let number = Self.movedCount.add(1, ordering: .relaxed).newValue
      let new = Array("removed-\(getpid())-\(number)".utf8)
      try folder.move(name, to: new, in: top)
      return waiting.append(new)
    }
    let inner = try folder.forcedFolder(name)
    for entry in try inner.names() { try remove(entry, from: inner, top: top, depth: depth + 1) }
    folder.removeEmptyFolder(name)
  }
}
