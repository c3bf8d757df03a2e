import Domain
import Testing

@Suite struct JSONReaderTests {
  private func failure(_ bytes: [UInt8], limits: JSONLimits = .default) -> JSONSyntaxError? {
    do {
      _ = try JSONValue.parse(bytes, limits: limits)
      return nil
    } catch { return error }
  }

  private func failure(_ text: String, limits: JSONLimits = .default) -> JSONSyntaxError? {
    failure(Array(text.utf8), limits: limits)
  }

  @Test func `a value is read with the order of its members and the digits of its numbers`() throws {
    let text = #"{"b":[1,-0,1.0,1e2,"é\n\ud83d\ude00",true,false,null],"a":{}}"#
    let value = try JSONValue.parse(Array(text.utf8))
    #expect(value.compact == #"{"b":[1,-0,1.0,1e2,"é\n😀",true,false,null],"a":{}}"#)
    #expect(value["b"]?.array?.map(\.integer) == [1, nil, nil, nil, nil, nil, nil, nil])
  }

  @Test(arguments: [
    ("{\"a\":1,}", "line 1, column 8: expected a member's name in double quotes, found }"),
    ("[1,\n 2,]", "line 2, column 4 (/2): expected a JSON value, found ]"),
    ("{\"a\":1,\"b\":2,\"a\":3}", "line 1, column 14: expected each name once, found \"a\" again"),
    ("{\"a\":{\"n\":NaN}}", "line 1, column 11 (/a/n): expected a JSON value, found NaN"),
    ("[-Infinity]", "line 1, column 3 (/0): expected a digit, found Infinity"),
    ("[01]", "line 1, column 3 (/0): expected a number as JSON writes it, found 1"),
    ("[1.]", "line 1, column 4 (/0): expected a digit, found ]"),
    ("[1e400]", "line 1, column 2 (/0): expected a number that a double can hold, found a larger one"),
    ("[0x10]", "line 1, column 3 (/0): expected a number as JSON writes it, found x10"),
    ("\"a\tb\"", "line 1, column 3: expected control characters in strings to be escaped, found byte 0x09"),
    ("\"é\u{1}\"", "line 1, column 3: expected control characters in strings to be escaped, found byte 0x01"),
    ("{'a':1}", "line 1, column 2: expected a member's name in double quotes, found '"),
    ("[1] // x", "line 1, column 5: expected the end of the text, found /"),
    ("\"abc", "line 1, column 1: expected a closing quote for the string opened here, found the end of the text"),
    ("\"\\x41\"", "line 1, column 3: expected an escape that JSON knows after the backslash, found x41"),
    ("\"\\u12g4\"", "line 1, column 6: expected four hex digits after \\u, found g4"),
    ("[\"\\ud800\"]", "line 1, column 3 (/0): expected a pair of surrogate escapes, found the lone surrogate \\ud800"),
    ("\"\\udc00\\ud800\"", "line 1, column 2: expected a pair of surrogate escapes, found the lone surrogate \\udc00"),
    ("\"\\ud800\\u0041\"", "line 1, column 2: expected a pair of surrogate escapes, found the lone surrogate \\ud800"),
    ("", "line 1, column 1: expected a JSON value, found nothing"),
    ("  ", "line 1, column 3: expected a JSON value, found nothing"),
    ("{\"a\"", "line 1, column 5 (/a): expected a colon, found the end of the text"),
    ("{\"a/b~c\":tru}", "line 1, column 10 (/a~1b~0c): expected a JSON value, found tru"),
    ("\u{FEFF}{}", "line 1, column 1: expected UTF-8 without a byte order mark, found a byte order mark"),
  ])
  func `what is not JSON is refused with its place`(text: String, sentence: String) {
    #expect(failure(text)?.description == sentence)
  }

  @Test(
    arguments: [
      [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00], [0xFE, 0xFF, 0x00, 0x7B], [0x7B, 0x00, 0x7D, 0x00],
      [0x00, 0x7B, 0x00, 0x7D],
      [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE9, 0x22],
      [0x22, 0x5C, 0x6E, 0xF8, 0x22],
    ] as [[UInt8]])
  func `bytes that are not UTF-8 are refused as such`(bytes: [UInt8]) {
    #expect(failure(bytes)?.kind == .encoding)
  }

  @Test func `each limit holds at its value and not one past it`() {
    var limits = JSONLimits()
    limits.nodesMax = 4
    limits.bytesMax = 40
    limits.stringMax = 3
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(failure(nested(16)) == nil)
    #expect(failure(nested(17))?.kind == .structure)
    #expect(failure("[1,2,3]", limits: limits) == nil)
    #expect(failure("[1,2,3,4]", limits: limits)?.description.contains("at most 4 values") == true)
    #expect(failure("[\"abc\",\"a\\u0062c\"]", limits: limits) == nil)
    #expect(failure("\"abcd\"", limits: limits)?.kind == .structure)
    #expect(failure("\"\\u0061bcd\"", limits: limits)?.kind == .structure)
    #expect(failure("[]" + String(repeating: " ", count: 38), limits: limits) == nil)
    #expect(failure("[]" + String(repeating: " ", count: 39), limits: limits)?.kind == .size)
  }

  @Test func `the long member is counted apart, at the top only`() {
    var limits = JSONLimits()
    limits.bytesMax = 30
    limits.stringMax = 6
    limits.longMember = .init(name: "long", bytesMax: 100)
    let long = String(repeating: "x", count: 100)
    #expect(failure("{\"long\":\"\(long)\",\"a\":\"123456\"}", limits: limits) == nil)
    #expect(failure("{\"long\":\"\(long)x\"}", limits: limits)?.kind == .size)
    #expect(failure("{\"a\":{\"long\":\"1234567\"}}", limits: limits)?.kind == .structure)
    #expect(failure("{\"long\":\"\(long)\",\"a\":\"123456\",\"b\":1234}", limits: limits)?.kind == .size)
  }

  @Test func `a million open brackets are refused at once`() {
    let duration = ContinuousClock().measure {
      #expect(failure([UInt8](repeating: UInt8(ascii: "["), count: 1_000_000))?.kind == .structure)
    }
    #expect(duration < .milliseconds(50))
  }

  @Test func `what the writer writes is read back`() throws {
    let value: JSONValue = ["a": ["\u{0}\u{1b}\"\\\u{2028}é", 1, true], "b": ["c": .null]]
    #expect(try JSONValue.parse(Array(value.compact.utf8)) == value)
    #expect(try JSONValue.parse(Array(value.pretty.utf8)) == value)
  }
}
