/// A conflict that the policy settled: where, by which rule, and what came of it.
package struct AppliedResolution: Hashable, Sendable {
  package let path: TreePath
  package let method: Policy.Resolution.Method
  /// The blob that stands at the path now.
  package let content: ObjectID

  package init(path: TreePath, method: Policy.Resolution.Method, content: ObjectID) {
    self.path = path
    self.method = method
    self.content = content
  }

  /// `path (rule)`, for a line of output.
  package var line: String {
    "\(Printable.line(path.description, max: 200)) (\(Printable.line(method.text, max: 80)))"
  }

  /// An entry of a certificate's `resolutions`.
  package var json: JSONValue {
    ["path": .string(path.description), "rule": .string(method.text), "content": .string(content.hex)]
  }
}

extension Policy.Resolution.Method {
  /// The method as a policy writes it.
  package var text: String {
    switch self {
    case .union: "union"
    case .ours: "ours"
    case .theirs: "theirs"
    case .command(let command): command
    }
  }

  /// The method of a text in a policy.
  package init(text: String) {
    switch text {
    case "union": self = .union
    case "ours": self = .ours
    case "theirs": self = .theirs
    default: self = .command(text)
    }
  }
}
