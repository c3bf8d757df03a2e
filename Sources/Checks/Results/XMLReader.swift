/// Reads the part of XML that result files use, a piece at a time, and copies nothing that is not asked for.
///
/// Everything that could make a small file large, or reach another file, is an error: entities of one's own, other
/// encodings than UTF-8. Written here because the bytes come from code that was just under test.
struct XMLReader {
  enum Piece: Hashable { case start, end, text }

  private static let depthMax = 64
  private static let attributesMax = 64
  private let bytes: [UInt8]
  private var position = 0
  private var open: [Range<Int>] = []
  private var isRootSeen = false
  private var isEndPending = false
  private var name = 0..<0
  private var attributes: [(name: Range<Int>, value: Range<Int>)] = []
  private var text = 0..<0
  private var isTextVerbatim = false

  init(_ bytes: [UInt8]) throws(ResultError) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    try ResultError.unlessUTF8(bytes)
  }

  /// The name of the root element; nil where there is none.
  static func rootName(_ bytes: [UInt8]) -> String? {
    do {
      var reader = try XMLReader(bytes)
      return try reader.next() == .start ? reader.elementName : nil
    } catch {
      return nil
    }
  }

  /// The next piece; nil at the end of a well-formed document.
  mutating func next() throws(ResultError) -> Piece? {
    if isEndPending {
      isEndPending = false
      return close()
    }
    while position < bytes.count {
      guard bytes[position] == UInt8(ascii: "<") else {
        let start = position
        position = try end(of: start, at: UInt8(ascii: "<"))
        if !open.isEmpty { return text(start..<position, isVerbatim: false) }
        guard bytes[start..<position].allSatisfy(Self.isSpace) else { throw malformed("text outside the root element") }
        continue
      }
      if skip("<?") {
        try checkEncoding(take(through: "?>"))
      } else if skip("<!--") {
        _ = try take(through: "-->")
      } else if skip("<![CDATA[") {
        guard !open.isEmpty else { throw malformed("text outside the root element") }
        return text(try take(through: "]]>"), isVerbatim: true)
      } else if skip("<!DOCTYPE"), !isRootSeen {
        try skipDocumentType()
      } else if skip("<!") {
        throw Self.entities
      } else if skip("</") {
        return try endTag()
      } else {
        return try startTag()
      }
    }
    guard open.isEmpty, isRootSeen else { throw malformed("it ends too early") }
    return nil
  }

  /// Whether the element that starts or ends here has this name.
  func isElement(_ name: StaticString) -> Bool { matches(self.name, name) }

  var elementName: String { String(decoding: bytes[name], as: UTF8.self) }

  /// Whether the element that starts here has an attribute of exactly this value.
  func hasAttribute(_ name: StaticString, _ value: StaticString) -> Bool {
    attributes.contains { matches($0.name, name) && matches($0.value, value) }
  }

  /// Appends the value of an attribute of the element that starts here, at most `max` bytes; says whether it is there.
  @discardableResult
  func appendAttribute(_ name: StaticString, to output: inout [UInt8], max: Int = 4_096) -> Bool {
    guard let attribute = attributes.first(where: { matches($0.name, name) }) else { return false }
    append(attribute.value, to: &output, max: max)
    return true
  }

  func attribute(_ name: StaticString) -> String? {
    var value: [UInt8] = []
    return appendAttribute(name, to: &value) ? String(decoding: value, as: UTF8.self) : nil
  }

  /// Appends the text that stands here, at most `max` bytes.
  func appendText(to output: inout [UInt8], max: Int) {
    if isTextVerbatim { output += bytes[text].prefix(max) } else { append(text, to: &output, max: max) }
  }

  private func append(_ range: Range<Int>, to output: inout [UInt8], max: Int) {
    var index = range.lowerBound
    let end = output.count + max
    while index < range.upperBound, output.count < end {
      if bytes[index] == UInt8(ascii: "&"), let (scalar, next) = reference(at: index) {
        output += Array(String(Character(scalar)).utf8)
        index = next
      } else {
        output.append(bytes[index])
        index += 1
      }
    }
  }

  private mutating func text(_ range: Range<Int>, isVerbatim: Bool) -> Piece {
    text = range
    isTextVerbatim = isVerbatim
    return .text
  }

  private mutating func startTag() throws(ResultError) -> Piece {
    position += 1
    name = try takeName()
    guard !open.isEmpty || !isRootSeen else { throw malformed("a second root element") }
    guard open.count < Self.depthMax else { throw ResultError("elements are nested too deep") }
    attributes.removeAll(keepingCapacity: true)
    while true {
      skipSpace()
      if skip("/>") {
        isEndPending = true
        break
      }
      if skip(">") { break }
      try takeAttribute()
    }
    isRootSeen = true
    open.append(name)
    return .start
  }

  private mutating func takeAttribute() throws(ResultError) {
    let key = try takeName()
    skipSpace()
    guard skip("=") else { throw malformed("an attribute without a value") }
    skipSpace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") || bytes[position] == UInt8(ascii: "'") else {
      throw malformed("an attribute without quotes")
    }
    let start = position + 1
    position = try end(of: start, at: bytes[position])
    guard position < bytes.count else { throw malformed("it ends too early") }
    guard attributes.count < Self.attributesMax else { throw malformed("too many attributes") }
    guard !attributes.contains(where: { bytes[$0.name] == bytes[key] }) else { throw malformed("an attribute twice") }
    attributes.append((key, start..<position))
    position += 1
  }

  private mutating func endTag() throws(ResultError) -> Piece {
    let ended = try takeName()
    skipSpace()
    guard skip(">"), let last = open.last, bytes[last] == bytes[ended] else {
      throw malformed("an end tag that nothing opened")
    }
    return close()
  }

  private mutating func close() -> Piece {
    name = open.removeLast()
    return .end
  }

  /// Where text that begins at `start` meets `end`, or the end of the file; references on the way are ones that are known.
  private func end(of start: Int, at end: UInt8) throws(ResultError) -> Int {
    var index = start
    while index < bytes.count, bytes[index] != end {
      if bytes[index] == UInt8(ascii: "&") {
        guard let (_, next) = reference(at: index) else { throw unknownReference(at: index) }
        index = next
      } else {
        index += 1
      }
    }
    return index
  }

  /// The character that a reference stands for, and where the text goes on.
  private func reference(at index: Int) -> (Unicode.Scalar, Int)? {
    guard let end = referenceEnd(index) else { return nil }
    let name = bytes[(index + 1)..<end]
    switch name.count {
    case 2 where name.elementsEqual("lt".utf8): return ("<", end + 1)
    case 2 where name.elementsEqual("gt".utf8): return (">", end + 1)
    case 3 where name.elementsEqual("amp".utf8): return ("&", end + 1)
    case 4 where name.elementsEqual("quot".utf8): return ("\"", end + 1)
    case 4 where name.elementsEqual("apos".utf8): return ("'", end + 1)
    default:
      guard name.first == UInt8(ascii: "#") else { return nil }
      let digits = String(decoding: name.dropFirst(), as: UTF8.self)
      let value = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
      return value.flatMap(Unicode.Scalar.init).map { ($0, end + 1) }
    }
  }

  private func referenceEnd(_ index: Int) -> Int? {
    bytes[index..<min(index + 12, bytes.count)].firstIndex(of: UInt8(ascii: ";"))
  }

  private func unknownReference(at index: Int) -> ResultError {
    guard let end = referenceEnd(index), end > index + 1 else { return malformed("a bare &") }
    return bytes[index + 1] == UInt8(ascii: "#") ? malformed("a reference to no character") : Self.entities
  }

  private static let entities = ResultError("document types and entities are not read")

  /// Passes over a document type that only names one: nothing of it is fetched, and it defines nothing.
  private mutating func skipDocumentType() throws(ResultError) {
    var quote: UInt8?
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case quote: quote = nil
      case UInt8(ascii: "\"") where quote == nil, UInt8(ascii: "'") where quote == nil: quote = byte
      case UInt8(ascii: "[") where quote == nil, UInt8(ascii: "<") where quote == nil: throw Self.entities
      case UInt8(ascii: ">") where quote == nil: return
      default: break
      }
    }
    throw malformed("it ends too early")
  }

  /// Refuses a declared encoding that would give the bytes another meaning.
  private func checkEncoding(_ declaration: Range<Int>) throws(ResultError) {
    guard !isRootSeen, bytes[declaration].starts(with: "xml".utf8) else { return }
    let text = String(decoding: bytes[declaration].prefix(200), as: UTF8.self)
    guard let found = text.firstRange(of: "encoding=") else { return }
    let encoding = text[found.upperBound...].dropFirst().prefix { $0 != "\"" && $0 != "'" }
    guard !["utf-8", "utf8", "us-ascii", "ascii"].contains(encoding.lowercased()) else { return }
    guard bytes.allSatisfy({ $0 < 128 }) else {
      throw ResultError("its encoding is \(OutputLines.clean(Array(encoding.utf8)[...], max: 20)), and UTF-8 is read")
    }
  }

  private mutating func takeName() throws(ResultError) -> Range<Int> {
    let start = position
    while position < bytes.count, !Self.endsName(bytes[position]) { position += 1 }
    guard position > start else { throw malformed("a missing name") }
    return start..<position
  }

  private mutating func take(through end: StaticString) throws(ResultError) -> Range<Int> {
    let start = position
    let first = end.utf8Start[0]
    while position + end.utf8CodeUnitCount <= bytes.count {
      if bytes[position] == first, skip(end) { return start..<(position - end.utf8CodeUnitCount) }
      position += 1
    }
    throw malformed("it ends too early")
  }

  private mutating func skip(_ text: StaticString) -> Bool {
    let end = position + text.utf8CodeUnitCount
    guard end <= bytes.count, matches(position..<end, text) else { return false }
    position = end
    return true
  }

  private func matches(_ range: Range<Int>, _ text: StaticString) -> Bool {
    guard range.count == text.utf8CodeUnitCount else { return false }
    for index in 0..<range.count where bytes[range.lowerBound + index] != text.utf8Start[index] { return false }
    return true
  }

  private mutating func skipSpace() {
    while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
  }

  private func malformed(_ what: String) -> ResultError {
    let line = bytes.prefix(position).count { $0 == UInt8(ascii: "\n") } + 1
    return ResultError("it is not well-formed XML (line \(line): \(what))")
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 10 || byte == 13 || byte == 9 }

  private static func endsName(_ byte: UInt8) -> Bool {
    switch byte {
    case 32, 10, 13, 9, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "/"), UInt8(ascii: "="),
      UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "&"):
      true
    default: false
    }
  }
}
