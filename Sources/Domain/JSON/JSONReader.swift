extension JSONValue {
  /// Reads one JSON text strictly: what two readers could understand differently is refused.
  ///
  /// - Shape: RFC 8259 in UTF-8 without a byte order mark; the names of an object are unique.
  /// - Bound: `limits`, checked while reading; nothing is nested deeper than `limits.depthMax` on our stack.
  package static func parse(_ bytes: [UInt8], limits: JSONLimits = .default) throws(JSONSyntaxError) -> JSONValue {
    var reader = JSONReader(bytes: bytes, limits: limits)
    return try reader.readText()
  }
}

/// One pass over the bytes of a JSON text.
struct JSONReader {
  let bytes: [UInt8]
  let limits: JSONLimits
  var position = 0
  /// The names and indexes that lead to the value being read.
  private var path: [PathStep] = []
  private var depth = 0
  private var nodes = 0
  private var exemptBytes = 0

  private enum PathStep {
    case name(String)
    case index(Int)
  }

  init(bytes: [UInt8], limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  mutating func readText() throws(JSONSyntaxError) -> JSONValue {
    try refuseOtherEncodings()
    // The long member's escapes can take six bytes for one, so this only bounds the work; the exact count is below.
    let bound = limits.bytesMax + 6 * (limits.longMember?.bytesMax ?? 0)
    guard bytes.count <= bound else { throw tooLarge() }
    skipSpace()
    guard position < bytes.count else { throw failure(.syntax, "a JSON value", found: "nothing") }
    let value = try readValue()
    skipSpace()
    guard position == bytes.count else { throw failure(.syntax, "the end of the text") }
    guard bytes.count - exemptBytes <= limits.bytesMax else { throw tooLarge() }
    return value
  }

  private func refuseOtherEncodings() throws(JSONSyntaxError) {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      throw failure(.encoding, "UTF-8 without a byte order mark", found: "a byte order mark")
    }
    let start = bytes.prefix(4)
    let isMarked = start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF])
    if isMarked || start.prefix(2).contains(0) { throw failure(.encoding, "UTF-8", found: "UTF-16 or UTF-32") }
  }

  private func tooLarge() -> JSONSyntaxError {
    failure(.size, "at most \(limits.bytesMax) bytes", found: "\(bytes.count - exemptBytes) bytes", at: 0)
  }

  private mutating func readValue() throws(JSONSyntaxError) -> JSONValue {
    nodes += 1
    guard nodes <= limits.nodesMax else {
      throw failure(.structure, "at most \(limits.nodesMax) values", found: "more")
    }
    guard position < bytes.count else { throw failure(.syntax, "a JSON value") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try readObject()
    case UInt8(ascii: "["): return try readArray()
    case UInt8(ascii: "\""): return .string(try readString(max: limits.stringMax))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try readNumber())
    case UInt8(ascii: "t"): return try readWord("true", as: .bool(true))
    case UInt8(ascii: "f"): return try readWord("false", as: .bool(false))
    case UInt8(ascii: "n"): return try readWord("null", as: .null)
    default: throw failure(.syntax, "a JSON value")
    }
  }

  private mutating func enter() throws(JSONSyntaxError) {
    depth += 1
    guard depth <= limits.depthMax else {
      throw failure(.structure, "nesting of at most \(limits.depthMax)", found: "deeper nesting")
    }
    position += 1
    skipSpace()
  }

  private mutating func readObject() throws(JSONSyntaxError) -> JSONValue {
    try enter()
    var members: [JSONObject.Member] = []
    var names: Set<String> = []
    if !take(UInt8(ascii: "}")) {
      repeat {
        skipSpace()
        let start = position
        guard next == UInt8(ascii: "\"") else { throw failure(.syntax, "a member's name in double quotes") }
        let name = try readString(max: limits.stringMax)
        guard names.insert(name).inserted else {
          throw failure(
            .duplicateName, "each name once", found: "\"\(Printable.line(name, max: 40))\" again", at: start)
        }
        path.append(.name(name))
        skipSpace()
        guard take(UInt8(ascii: ":")) else { throw failure(.syntax, "a colon") }
        skipSpace()
        members.append(.init(name: name, value: try readMember(name)))
        path.removeLast()
        skipSpace()
      } while take(UInt8(ascii: ","))
      guard take(UInt8(ascii: "}")) else { throw failure(.syntax, "a comma or }") }
    }
    depth -= 1
    return .object(JSONObject(members: members))
  }

  private mutating func readMember(_ name: String) throws(JSONSyntaxError) -> JSONValue {
    guard depth == 1, let long = limits.longMember, long.name == name, next == UInt8(ascii: "\"") else {
      return try readValue()
    }
    nodes += 1
    let start = position
    let string = try readString(max: long.bytesMax, tooLong: .size)
    exemptBytes += position - start
    return .string(string)
  }

  private mutating func readArray() throws(JSONSyntaxError) -> JSONValue {
    try enter()
    var elements: [JSONValue] = []
    if !take(UInt8(ascii: "]")) {
      repeat {
        skipSpace()
        path.append(.index(elements.count))
        elements.append(try readValue())
        path.removeLast()
        skipSpace()
      } while take(UInt8(ascii: ","))
      guard take(UInt8(ascii: "]")) else { throw failure(.syntax, "a comma or ]") }
    }
    depth -= 1
    return .array(elements)
  }

  private mutating func readWord(_ word: String, as value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
    let end = position + word.utf8.count
    guard end <= bytes.count, bytes[position..<end].elementsEqual(word.utf8), !isWordByte(at: end) else {
      throw failure(.syntax, "a JSON value")
    }
    position = end
    return value
  }

  private mutating func readNumber() throws(JSONSyntaxError) -> JSONNumber {
    let start = position
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try readDigits() }
    if take(UInt8(ascii: ".")) { try readDigits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try readDigits()
    }
    guard position - start <= limits.numberMax else {
      throw failure(.structure, "a number of at most \(limits.numberMax) characters", found: "a longer one", at: start)
    }
    guard !isWordByte(at: position) else { throw failure(.syntax, "a number as JSON writes it") }
    let number = JSONNumber(literal: String(decoding: bytes[start..<position], as: UTF8.self))
    guard number.double != nil else {
      throw failure(.structure, "a number that a double can hold", found: "a larger one", at: start)
    }
    return number
  }

  private mutating func readDigits() throws(JSONSyntaxError) {
    let start = position
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    guard position > start else { throw failure(.syntax, "a digit") }
  }

  /// Whether a letter, a digit, a dot or an underscore follows, which no number or word of JSON is followed by.
  private func isWordByte(at index: Int) -> Bool {
    guard index < bytes.count else { return false }
    switch bytes[index] {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "_"):
      return true
    default: return false
    }
  }

  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  /// The error at `offset`, or where reading stands; `found` is what is there unless given.
  func failure(
    _ kind: JSONSyntaxError.Kind, _ expected: String, found: String? = nil, at offset: Int? = nil
  ) -> JSONSyntaxError {
    let place = min(offset ?? position, bytes.count)
    let before = bytes[..<place]
    let lineStart = (before.lastIndex(of: 0x0A) ?? -1) + 1
    let pointer = path.reduce("") { pointer, step in
      switch step {
      case .name(let name): JSONPointer.append(name, to: pointer)
      case .index(let index): JSONPointer.append("\(index)", to: pointer)
      }
    }
    return JSONSyntaxError(
      kind: kind, line: before.count { $0 == 0x0A } + 1,
      column: before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1,
      pointer: pointer, expected: expected, found: found ?? describe(place))
  }

  private func describe(_ place: Int) -> String {
    guard place < bytes.count else { return "the end of the text" }
    var end = place
    while end - place < 20, isWordByte(at: end) || (end == place && bytes[place] == UInt8(ascii: "-")) { end += 1 }
    if end > place { return String(decoding: bytes[place..<end], as: UTF8.self) }
    let byte = bytes[place]
    if (0x21...0x7E).contains(byte) { return String(Unicode.Scalar(byte)) }
    let digits = String(byte, radix: 16, uppercase: true)
    return "byte 0x" + (digits.count == 1 ? "0" : "") + digits
  }
}
