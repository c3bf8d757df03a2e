extension JSONValue {
  /// The value on one line, without spaces: what journals and events hold.
  package var compact: String {
    var writer = JSONWriter(indented: false)
    writer.write(self, depth: 0)
    return writer.text
  }

  /// The value for people: two spaces of indent, one member a line, no newline at the end.
  package var pretty: String {
    var writer = JSONWriter(indented: true)
    writer.write(self, depth: 0)
    return writer.text
  }
}

private struct JSONWriter {
  let indented: Bool
  var text = ""

  init(indented: Bool) { self.indented = indented }

  mutating func write(_ value: JSONValue, depth: Int) {
    switch value {
    case .null: text += "null"
    case .bool(let bool): text += bool ? "true" : "false"
    case .number(let number): text += number.literal
    case .string(let string): quote(string)
    case .array(let elements):
      list("[", "]", elements, depth: depth) { $0.write($1, depth: depth + 1) }
    case .object(let object):
      list("{", "}", object.members, depth: depth) {
        $0.quote($1.name)
        $0.text += $0.indented ? ": " : ":"
        $0.write($1.value, depth: depth + 1)
      }
    }
  }

  private mutating func list<Element>(
    _ open: String, _ close: String, _ elements: [Element], depth: Int, _ body: (inout JSONWriter, Element) -> Void
  ) {
    text += open
    for (index, element) in elements.enumerated() {
      if index > 0 { text += "," }
      newline(depth + 1)
      body(&self, element)
    }
    if !elements.isEmpty { newline(depth) }
    text += close
  }

  private mutating func newline(_ depth: Int) {
    if indented { text += "\n" + String(repeating: "  ", count: depth) }
  }

  private mutating func quote(_ string: String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case "\r": text += "\\r"
      default:
        // C0, DEL and C1 controls never stand raw, so that a line of JSON is safe on a terminal.
        if scalar.value < 32 || (127...159).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029 {
          let digits = String(scalar.value, radix: 16)
          text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          text.unicodeScalars.append(scalar)
        }
      }
    }
    text += "\""
  }
}
