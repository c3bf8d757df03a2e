import Domain

/// A small object as git stores it in a file of its own.
struct LooseObject {
  let id: ObjectID
  private let content: [UInt8]

  init(_ kind: ObjectKind, _ body: [UInt8]) {
    content = Array("\(kind.rawValue) \(body.count)\0".utf8) + body
    guard let id = ObjectID(bytes: SHA1.digest(content)[...]) else { preconditionFailure("a hash of only zeros") }
    self.id = id
  }

  /// The content as a zlib stream of stored blocks: these objects are too small to gain from more.
  ///
  /// - Source: RFC 1950 and RFC 1951, section 3.2.4.
  var compressed: [UInt8] {
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
