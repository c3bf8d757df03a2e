/// A conflict that the policy settled: where, by which rule, and what came of it.
package struct AppliedResolution: Hashable, Sendable {
  package let path: TreePath
  package let method: Policy.Resolution.Method
  /// The blob that came to stand at the path.
  package let content: ObjectID
  /// The submitted commit that met the conflict while it was rebased; nil where the work was merged as a whole.
  package let commit: ObjectID?

  package init(path: TreePath, method: Policy.Resolution.Method, content: ObjectID, commit: ObjectID?) {
    self.path = path
    self.method = method
    self.content = content
    self.commit = commit
  }

  /// `path (rule)` for a line of output, each once.
  package static func lines(_ resolutions: [AppliedResolution]) -> [String] {
    var seen: Set<String> = []
    return resolutions.map {
      "\(Printable.line($0.path.description, max: 200)) (\(Printable.line($0.method.text, max: 80)))"
    }.filter { seen.insert($0).inserted }
  }

  /// An entry of a certificate's `resolutions`.
  package var json: JSONValue {
    var object: JSONObject = [
      "path": .string(path.description), "rule": .string(method.text), "content": .string(content.hex),
    ]
    if let commit { object["commit"] = .string(commit.hex) }
    return .object(object)
  }
}

extension Policy.Resolution.Method {
  /// The method as a policy writes it.
  package var text: String {
    switch self {
    case .union: "union"
    case .ours: "ours"
    case .theirs: "theirs"
    case .recorded: "recorded"
    case .command(let command): command
    }
  }

  /// The method of a text in a policy.
  package init(text: String) {
    switch text {
    case "union": self = .union
    case "ours": self = .ours
    case "theirs": self = .theirs
    case "recorded": self = .recorded
    default: self = .command(text)
    }
  }
}
