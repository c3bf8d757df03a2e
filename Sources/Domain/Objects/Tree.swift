/// What a tree entry is, by the six octal digits git stores.
package enum FileMode: UInt32, Hashable, Sendable {
  case tree = 0o040000
  case file = 0o100644
  case groupWritableFile = 0o100664
  case executable = 0o100755
  case symlink = 0o120000
  case submodule = 0o160000

  /// The mode as git writes it in raw trees: octal, no leading zero.
  package var octal: String { String(rawValue, radix: 8) }
}

/// One entry of a tree: mode, name (one path component) and object.
package struct TreeEntry: Hashable, Sendable {
  package let mode: FileMode
  package let name: [UInt8]
  package let id: ObjectID

  package init(mode: FileMode, name: [UInt8], id: ObjectID) {
    self.mode = mode
    self.name = name
    self.id = id
  }

  package var isTree: Bool { mode == .tree }

  /// Orders entries as git does in a tree: by bytes, a folder as if its name ended in a slash.
  package static func precedes(_ left: TreeEntry, _ right: TreeEntry) -> Bool {
    let shared = min(left.name.count, right.name.count)
    for index in 0..<shared where left.name[index] != right.name[index] { return left.name[index] < right.name[index] }
    func next(_ entry: TreeEntry) -> UInt8 {
      entry.name.count > shared ? entry.name[shared] : entry.isTree ? UInt8(ascii: "/") : 0
    }
    return next(left) < next(right)
  }
}

/// Why bytes are not the object they were read as.
package enum ObjectFormatError: Error, Equatable, Sendable {
  case malformedTree
  case malformedCommit
  case malformedTag
}

/// Raw trees: `<octal mode> SP <name> NUL <20 bytes>`, repeated.
package enum Tree {
  /// Reads a raw tree.
  ///
  /// - Throws: `.malformedTree` for a mode git does not write, an empty name, `.`, `..`, a slash in a name, or a cut entry.
  /// - Source: gitformat, "tree objects"; `fsck` refuses the same at the door.
  package static func parse(_ bytes: [UInt8]) throws(ObjectFormatError) -> [TreeEntry] {
    var entries: [TreeEntry] = []
    entries.reserveCapacity(bytes.count / 40)
    var position = 0
    while position < bytes.count {
      var mode: UInt32 = 0
      let modeStart = position
      while position < bytes.count, bytes[position] != UInt8(ascii: " ") {
        guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(bytes[position]), position - modeStart < 6 else {
          throw .malformedTree
        }
        mode = mode << 3 | UInt32(bytes[position] - UInt8(ascii: "0"))
        position += 1
      }
      let nameStart = position + 1
      guard nameStart < bytes.count, let nameEnd = bytes[nameStart...].firstIndex(of: 0),
        nameEnd + ObjectID.byteCount < bytes.count, let known = FileMode(rawValue: mode),
        let id = ObjectID(bytes: bytes[(nameEnd + 1)...(nameEnd + ObjectID.byteCount)])
      else { throw .malformedTree }
      let name = Array(bytes[nameStart..<nameEnd])
      guard !name.isEmpty, !name.contains(UInt8(ascii: "/")), name != Array(".".utf8), name != Array("..".utf8) else {
        throw .malformedTree
      }
      entries.append(TreeEntry(mode: known, name: name, id: id))
      position = nameEnd + 1 + ObjectID.byteCount
    }
    return entries
  }

  /// Writes entries, sorted as git sorts them, as a raw tree.
  package static func serialize(_ entries: [TreeEntry]) -> [UInt8] {
    var bytes: [UInt8] = []
    for entry in entries.sorted(by: TreeEntry.precedes) {
      bytes += Array(entry.mode.octal.utf8) + [UInt8(ascii: " ")] + entry.name + [0] + entry.id.bytes
    }
    return bytes
  }
}
