/// Reads the part of XML that result files use, a piece at a time.
///
/// Everything that could make a small file large, or reach another file, is an error: document types, entities of
/// one's own, other encodings than UTF-8. Written here because the bytes come from code that was just under test.
struct XMLReader {
  enum Piece: Hashable {
    case start(name: String, attributes: [String: String])
    case end(name: String)
    case text([UInt8])
  }

  private static let depthMax = 64
  private static let attributesMax = 256
  private let bytes: [UInt8]
  private var position = 0
  private var open: [String] = []
  private var isRootSeen = false
  private var pendingEnd: String?

  init(_ bytes: [UInt8]) throws(ResultError) {
    self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    if self.bytes.contains(0) { throw ResultError("it is not UTF-8") }
  }

  /// The next piece; nil at the end of a well-formed document.
  mutating func next() throws(ResultError) -> Piece? {
    if let name = pendingEnd {
      pendingEnd = nil
      return close(name)
    }
    while position < bytes.count {
      guard bytes[position] == UInt8(ascii: "<") else {
        let text = try characters(until: UInt8(ascii: "<"))
        if !open.isEmpty { return .text(text) }
        guard text.allSatisfy(Self.isSpace) else { throw malformed("text outside the root element") }
        continue
      }
      if skip("<?") {
        _ = try take(through: "?>")
      } else if skip("<!--") {
        _ = try take(through: "-->")
      } else if skip("<![CDATA[") {
        guard !open.isEmpty else { throw malformed("text outside the root element") }
        return .text(Array(try take(through: "]]>")))
      } else if skip("<!") {
        throw ResultError("document types and entities are not read")
      } else if skip("</") {
        return try endTag()
      } else {
        return try startTag()
      }
    }
    guard open.isEmpty, isRootSeen else { throw malformed("it ends too early") }
    return nil
  }

  private mutating func startTag() throws(ResultError) -> Piece {
    position += 1
    let name = try self.name()
    guard !open.isEmpty || !isRootSeen else { throw malformed("a second root element") }
    guard open.count < Self.depthMax else { throw ResultError("elements are nested too deep") }
    var attributes: [String: String] = [:]
    while true {
      skipSpace()
      if skip("/>") {
        pendingEnd = name
        break
      }
      if skip(">") { break }
      let key = try self.name()
      skipSpace()
      guard skip("=") else { throw malformed("an attribute without a value") }
      skipSpace()
      guard position < bytes.count, [UInt8(ascii: "\""), UInt8(ascii: "'")].contains(bytes[position]) else {
        throw malformed("an attribute without quotes")
      }
      let quote = bytes[position]
      position += 1
      let value = try characters(until: quote)
      guard position < bytes.count else { throw malformed("it ends too early") }
      position += 1
      guard attributes.count < Self.attributesMax, attributes[key] == nil else { throw malformed("an attribute twice") }
      attributes[key] = String(decoding: value, as: UTF8.self)
    }
    isRootSeen = true
    open.append(name)
    return .start(name: name, attributes: attributes)
  }

  private mutating func endTag() throws(ResultError) -> Piece {
    let name = try self.name()
    skipSpace()
    guard skip(">"), open.last == name else { throw malformed("an end tag that nothing opened") }
    return close(name)
  }

  private mutating func close(_ name: String) -> Piece {
    open.removeLast()
    return .end(name: name)
  }

  /// Character data up to a byte or the end, references resolved.
  private mutating func characters(until end: UInt8) throws(ResultError) -> [UInt8] {
    var text: [UInt8] = []
    while position < bytes.count, bytes[position] != end {
      if bytes[position] == UInt8(ascii: "&") {
        text += try reference()
      } else {
        text.append(bytes[position])
        position += 1
      }
    }
    return text
  }

  private mutating func reference() throws(ResultError) -> [UInt8] {
    let limit = min(position + 12, bytes.count)
    guard let end = bytes[position..<limit].firstIndex(of: UInt8(ascii: ";")) else { throw malformed("a bare &") }
    let name = String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
    position = end + 1
    switch name {
    case "lt": return [UInt8(ascii: "<")]
    case "gt": return [UInt8(ascii: ">")]
    case "amp": return [UInt8(ascii: "&")]
    case "quot": return [UInt8(ascii: "\"")]
    case "apos": return [UInt8(ascii: "'")]
    default:
      let value = name.hasPrefix("#x") ? UInt32(name.dropFirst(2), radix: 16) : UInt32(name.dropFirst())
      guard name.hasPrefix("#"), let value else { throw ResultError("document types and entities are not read") }
      guard let scalar = Unicode.Scalar(value) else { throw malformed("a reference to no character") }
      return Array(String(Character(scalar)).utf8)
    }
  }

  private mutating func name() throws(ResultError) -> String {
    let start = position
    while position < bytes.count, !Self.isSpace(bytes[position]), !Self.delimiters.contains(bytes[position]) {
      position += 1
    }
    guard position > start else { throw malformed("a missing name") }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func take(through end: StaticString) throws(ResultError) -> ArraySlice<UInt8> {
    let start = position
    while position + end.utf8CodeUnitCount <= bytes.count {
      if skip(end) { return bytes[start..<(position - end.utf8CodeUnitCount)] }
      position += 1
    }
    throw malformed("it ends too early")
  }

  private mutating func skip(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard position + count <= bytes.count else { return false }
    for index in 0..<count where bytes[position + index] != text.utf8Start[index] { return false }
    position += count
    return true
  }

  private mutating func skipSpace() {
    while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
  }

  private func malformed(_ what: String) -> ResultError {
    let line = bytes.prefix(position).count { $0 == UInt8(ascii: "\n") } + 1
    return ResultError("it is not well-formed XML (line \(line): \(what))")
  }

  private static let delimiters: [UInt8] = Array("<>/=\"'&".utf8)
  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 10 || byte == 13 || byte == 9 }
}
