import Domain
import Glibc
import Processes

/// Writes a small object into the object database as git does, without starting git.
struct LooseObject {
  let id: ObjectID
  private let content: [UInt8]

  init(_ kind: ObjectKind, _ body: [UInt8]) {
    content = Array("\(kind.rawValue) \(body.count)\0".utf8) + body
    guard let id = ObjectID(bytes: SHA1.digest(content)) else { preconditionFailure("a hash of only zeros") }
    self.id = id
  }

  /// Writes the object, first under another name, so that nobody ever sees half of it.
  ///
  /// - Parameter leavesSync: whether the caller makes the file system durable afterwards.
  func write(into repository: String, leavesSync: Bool) throws(SystemError) {
    let folder = "\(repository)/objects/\(id.hex.prefix(2))"
    let path = "\(folder)/\(id.hex.dropFirst(2))"
    guard access(path, F_OK) != 0 else { return }
    mkdir(folder, 0o777)
    // git prunes leftovers of this name.
    let temporary = "\(folder)/tmp_obj_sluice\(getpid())"
    do {
      let file = try Descriptor(opening: temporary, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o444)
      try file.write(compressed)
      if leavesSync { try file.writeOut() } else { try file.sync() }
    }
    guard rename(temporary, path) == 0 else { throw SystemError("cannot rename \(temporary)") }
  }

  /// The content as a zlib stream of stored blocks: these objects are too small to gain from more.
  ///
  /// - Source: RFC 1950 and RFC 1951, section 3.2.4.
  private var compressed: [UInt8] {
    var stream: [UInt8] = [0x78, 0x01]
    let blockMax = 65_535
    for start in stride(from: 0, to: content.count, by: blockMax) {
      let block = content[start..<min(start + blockMax, content.count)]
      let length = UInt16(block.count)
      stream.append(start + block.count == content.count ? 1 : 0)
      for word in [length, ~length] { stream += [UInt8(word & 255), UInt8(word >> 8)] }
      stream += block
    }
    var low: UInt32 = 1
    var high: UInt32 = 0
    for byte in content {
      low = (low + UInt32(byte)) % 65_521
      high = (high + low) % 65_521
    }
    for word in [high, low] { stream += [UInt8(word >> 8), UInt8(word & 255)] }
    return stream
  }
}
