/// The name of something outside that judges staged candidates, as a continuous integration system calls it: `ci/build`.
package struct ContextName: Hashable, Sendable, CustomStringConvertible {
  package static let bytesMax = 100

  package let text: String

  /// Reads a name; nil for one that is blank at an end, does not print, or has more than `bytesMax` bytes.
  package init?(_ text: String) {
    guard (1...Self.bytesMax).contains(text.utf8.count), text.first != " ", text.last != " ",
      !text.unicodeScalars.contains(where: Printable.isUnsafe)
    else { return nil }
    self.text = text
  }

  package var description: String { text }
}

/// What a context says of one integration; a later word takes the place of an earlier one.
package struct ContextReport: Hashable, Sendable {
  /// - Source: GitHub REST API, "Commit statuses".
  package enum State: String, Hashable, Sendable, CaseIterable {
    case pending, success, failure, error

    /// Whether it speaks against the commit.
    package var isRed: Bool { self == .failure || self == .error }
  }

  package static let descriptionBytesMax = 1_000

  package let context: ContextName
  package let state: State
  /// Where a person reads more; http or https.
  package var url: String?
  package var description: String?
  /// Who reported it, by the word of the transport or the unix user on the server.
  package let by: String
  /// Seconds since 1970.
  package let at: Int64

  package init(
    _ context: ContextName, _ state: State, url: String? = nil, description: String? = nil, by: String, at: Int64
  ) {
    self.context = context
    self.state = state
    self.url = url
    self.description = description
    self.by = by
    self.at = at
  }

  /// The same word but for when and by whom.
  package func saysTheSame(as other: ContextReport) -> Bool {
    context == other.context && state == other.state && url == other.url && description == other.description
  }

  /// What it says in one sentence without a full stop.
  package var sentence: String {
    "\(context) reported \(state.rawValue)" + (description.map { ": \(Printable.line($0, max: 300))" } ?? "")
      + (url.map { " (\(Printable.line($0, max: 300)))" } ?? "")
  }

  package var json: JSONValue {
    [
      "context": .string(context.text), "state": .string(state.rawValue), "url": url.json,
      "description": description.json, "by": .string(by), "at": .integer(at),
    ]
  }

  /// Reads a report back; nil for anything else.
  package init?(json: JSONValue) {
    guard let context = json["context"]?.string.flatMap(ContextName.init),
      let state = json["state"]?.string.flatMap(State.init), let by = json["by"]?.string, let at = json["at"]?.integer
    else { return nil }
    self.init(context, state, url: json["url"]?.string, description: json["description"]?.string, by: by, at: at)
  }
}
