/// What a field of a work package must be.
indirect enum PackageRule: Sendable {
  case object([PackageFormat.Field])
  /// This text and no other.
  case exactly(String)
  case identifier
  case timestamp
  case version
  case commit
  /// Free text.
  case text
  /// Free text with something in it.
  case description
  /// A list of free texts.
  case texts
  /// A list of paths, each once.
  case paths
  case boolean
  case isTrue
  /// An integer from 0.
  case count
  case zero
  /// A finite number.
  case number
  /// A finite number from 0.
  case seconds
  case base64

  /// What is expected, as a violation says it.
  var expected: String {
    switch self {
    case .object(let fields):
      let required = fields.filter(\.isRequired).map(\.name)
      return required.isEmpty ? "an object" : "an object with \(required.joined(separator: ", "))"
    case .exactly(let text): return "\"\(text)\""
    case .identifier:
      return "a text of 1 to \(PackageText.identifierMax) bytes without control or direction characters"
    case .timestamp: return "an RFC 3339 date and time such as 2024-01-01T12:00:00Z"
    case .version: return "a version by Semantic Versioning 2.0.0 such as 1.0.0"
    case .commit: return "a commit id of 40 lower-case hex digits"
    case .text: return "a text without control or direction characters"
    case .description: return "a text that is not empty, without control or direction characters"
    case .texts: return "a list of texts"
    case .paths: return "a list of paths"
    case .boolean: return "true or false"
    case .isTrue: return "true"
    case .count: return "an integer from 0"
    case .zero: return "0"
    case .number: return "a number"
    case .seconds: return "a number from 0"
    case .base64: return "base64 with the standard alphabet and padding, without line ends"
    }
  }

  /// Whether `value` is as a rule on one value demands; the rules on lists and objects only look at the type.
  func holds(for value: JSONValue) -> Bool {
    switch self {
    case .object: value.object != nil
    case .exactly(let text): value.string == text
    case .identifier: value.string.map(PackageText.isIdentifier) ?? false
    case .timestamp: value.string.map { Timestamp.seconds(rfc3339: $0) != nil } ?? false
    case .version: value.string.map(PackageText.isSemanticVersion) ?? false
    case .commit: value.string.map { ObjectID(hex: $0) != nil } ?? false
    case .text: value.string.map(PackageText.isProse) ?? false
    case .description: value.string.map { PackageText.isProse($0) && !PackageText.isBlank($0) } ?? false
    case .texts, .paths: value.array != nil
    case .boolean: value.bool != nil
    case .isTrue: value.bool == true
    case .count: value.integer.map { $0 >= 0 } ?? false
    case .zero: value.integer == 0
    case .number: value.double != nil
    case .seconds: value.double.map { $0 >= 0 } ?? false
    case .base64: value.string.map { DiffPackage(base64: $0) != nil } ?? false
    }
  }
}
