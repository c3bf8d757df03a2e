import CLibYAML

/// Reads the one document of a YAML file as a tree, and refuses what makes YAML dangerous or ambiguous.
///
/// - Bound: `depthMax` levels; without aliases the tree is no larger than its text.
struct YAMLParser: ~Copyable {
  static let depthMax = 16

  private let parser: UnsafeMutablePointer<yaml_parser_t>
  /// Kept outside of Swift's arrays, because the parser reads from it between calls.
  private let text: UnsafeMutableBufferPointer<UInt8>
  private var depth = 0
  /// What is wrong and does not keep the rest from being read.
  private(set) var problems: [(mark: YAMLMark, sentence: String)] = []

  /// Why the text cannot be read any further.
  struct Failure: Error {
    let mark: YAMLMark
    let sentence: String
  }

  init(_ bytes: [UInt8]) throws(Failure) {
    guard bytes.starts(with: [0xEF, 0xBB, 0xBF]) == false else {
      throw Failure(mark: .start, sentence: "expected UTF-8 without a byte order mark")
    }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      let good = String(decoding: bytes, as: UTF8.self).unicodeScalars.prefix { $0 != "\u{FFFD}" }
      throw Failure(mark: Self.mark(after: String(good).utf8.count, in: bytes), sentence: "expected UTF-8")
    }
    parser = .allocate(capacity: 1)
    text = .allocate(capacity: bytes.count)
    _ = text.initialize(from: bytes)
    let isReady = yaml_parser_initialize(parser) == 1
    precondition(isReady, "no memory for a YAML parser")
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, text.baseAddress, text.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    text.deallocate()
  }

  /// The root of the document; nil where there is none.
  mutating func readDocument() throws(Failure) -> YAMLNode? {
    var root: YAMLNode?
    while true {
      let event = try nextEvent()
      switch event.kind {
      case .end: return root
      case .document:
        guard root == nil else { throw Failure(mark: event.mark, sentence: "expected one document, found another") }
        root = try readNode(try nextEvent())
      default: break
      }
    }
  }

  private mutating func readNode(_ event: Event) throws(Failure) -> YAMLNode {
    refuseProperties(of: event)
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthMax else {
      throw Failure(mark: event.mark, sentence: "expected nesting of at most \(Self.depthMax), found deeper nesting")
    }
    switch event.kind {
    case .scalar(let text, let isPlain):
      return YAMLNode(mark: event.mark, content: .scalar(text, isPlain: isPlain))
    case .sequenceStart:
      var elements: [YAMLNode] = []
      while let element = try nextInCollection() { elements.append(try readNode(element)) }
      return YAMLNode(mark: event.mark, content: .sequence(elements))
    case .mappingStart: return YAMLNode(mark: event.mark, content: .mapping(try readMembers()))
    case .alias: throw Failure(mark: event.mark, sentence: "expected no aliases: write the value out")
    default: throw Failure(mark: event.mark, sentence: "expected a value")
    }
  }

  private mutating func readMembers() throws(Failure) -> [YAMLNode.Member] {
    var members: [YAMLNode.Member] = []
    var names: Set<String> = []
    while let key = try nextInCollection() {
      guard case .scalar(let name, _) = key.kind else {
        throw Failure(mark: key.mark, sentence: "expected a name before the colon")
      }
      refuseProperties(of: key)
      let value = try readNode(try nextEvent())
      if names.insert(name).inserted {
        members.append(.init(name: name, mark: key.mark, value: value))
      } else {
        problems.append((key.mark, "expected each key once, found \(PolicyText.show(name)) again"))
      }
    }
    return members
  }

  private mutating func nextInCollection() throws(Failure) -> Event? {
    let event = try nextEvent()
    if case .collectionEnd = event.kind { return nil }
    return event
  }

  private mutating func refuseProperties(of event: Event) {
    if event.hasAnchor { problems.append((event.mark, "expected no anchors")) }
    if event.hasTag { problems.append((event.mark, "expected no tags")) }
  }

  /// What the parser reports, copied out of its memory.
  private struct Event {
    enum Kind {
      case document, end, alias, sequenceStart, mappingStart, collectionEnd, other
      case scalar(String, isPlain: Bool)
    }

    let kind: Kind
    let mark: YAMLMark
    var hasAnchor = false
    var hasTag = false

    init(_ event: yaml_event_t) {
      mark = YAMLMark(line: event.start_mark.line + 1, column: event.start_mark.column + 1)
      switch event.type {
      case YAML_SCALAR_EVENT:
        let scalar = event.data.scalar
        let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        kind = .scalar(String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
        hasAnchor = scalar.anchor != nil
        hasTag = scalar.tag != nil
      case YAML_SEQUENCE_START_EVENT:
        kind = .sequenceStart
        hasAnchor = event.data.sequence_start.anchor != nil
        hasTag = event.data.sequence_start.tag != nil
      case YAML_MAPPING_START_EVENT:
        kind = .mappingStart
        hasAnchor = event.data.mapping_start.anchor != nil
        hasTag = event.data.mapping_start.tag != nil
      case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: kind = .collectionEnd
      case YAML_ALIAS_EVENT: kind = .alias
      case YAML_DOCUMENT_START_EVENT: kind = .document
      case YAML_STREAM_END_EVENT, YAML_NO_EVENT: kind = .end
      default: kind = .other
      }
    }
  }

  private mutating func nextEvent() throws(Failure) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
    defer { yaml_event_delete(&event) }
    return Event(event)
  }

  private func failure() -> Failure {
    let problem = parser.pointee.problem.map { String(cString: $0) } ?? "it cannot be read"
    let context = parser.pointee.context.map { " " + String(cString: $0) } ?? ""
    let mark = parser.pointee.problem_mark
    if parser.pointee.error == YAML_READER_ERROR {
      let place = Self.mark(after: parser.pointee.problem_offset, in: Array(text))
      return Failure(mark: place, sentence: "not YAML: \(problem)")
    }
    return Failure(
      mark: YAMLMark(line: mark.line + 1, column: mark.column + 1), sentence: "not YAML: \(problem)\(context)")
  }

  private static func mark(after offset: Int, in bytes: [UInt8]) -> YAMLMark {
    let before = bytes.prefix(offset)
    let lineStart = (before.lastIndex(of: 0x0A) ?? -1) + 1
    return YAMLMark(
      line: before.count { $0 == 0x0A } + 1, column: before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1)
  }
}
