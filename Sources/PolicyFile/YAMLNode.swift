/// A place in a file, counted from 1.
struct YAMLMark: Hashable, Comparable {
  let line: Int
  let column: Int

  static let start = YAMLMark(line: 1, column: 1)

  static func < (left: YAMLMark, right: YAMLMark) -> Bool { (left.line, left.column) < (right.line, right.column) }
}

/// A value in a YAML file and where it stands.
struct YAMLNode {
  struct Member {
    let name: String
    let mark: YAMLMark
    let value: YAMLNode
  }

  enum Content {
    /// `isPlain` tells `1` from `"1"`.
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    case mapping([Member])
  }

  let mark: YAMLMark
  let content: Content

  /// Whether nothing was written, or YAML's null.
  var isNothing: Bool {
    if case .scalar(let text, isPlain: true) = content {
      ["", "~", "null", "Null", "NULL"].contains(text)
    } else {
      false
    }
  }
}
