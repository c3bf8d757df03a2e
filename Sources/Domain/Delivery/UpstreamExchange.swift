/// One ref that is to change at an upstream.
package struct UpstreamUpdate: Hashable, Sendable {
  /// What the ref must be at the moment of the change.
  package enum Lease: Hashable, Sendable {
    /// Exactly this; nil where it must not exist.
    case exactly(ObjectID?)
    /// Anything: a name that only Sluice gives.
    case any
  }

  package let ref: String
  package let lease: Lease
  /// What it becomes; nil where it is to go.
  package let new: ObjectID?
  /// The local ref that holds what it becomes: libgit2 sends nothing that no ref names.
  package let source: String?

  /// One that becomes what a local ref holds.
  package init(_ ref: String, lease: Lease, new: ObjectID, in source: String) {
    (self.ref, self.lease, self.new, self.source) = (ref, lease, new, source)
  }

  /// One that is to go.
  package init(removing ref: String) { (self.ref, lease, new, source) = (ref, .any, nil, nil) }
}

/// What is asked of an upstream in one exchange: refs to change, then a look at a branch, whose commits are fetched.
package struct UpstreamRequest: Hashable, Sendable {
  /// The branch to look at, without `refs/heads/`.
  package let branch: String
  package var updates: [UpstreamUpdate] = []

  package init(branch: String, updates: [UpstreamUpdate] = []) {
    self.branch = branch
    self.updates = updates
  }
}

/// What an upstream was seen to hold once everything was sent.
package struct UpstreamAnswer: Hashable, Sendable {
  /// Where the branch stands; its commits are in the local repository. Nil where it does not exist.
  package var tip: ObjectID?
  /// The refs that are not what they were to become, with why.
  package var refused: [String: String] = [:]

  package init(tip: ObjectID?, refused: [String: String] = [:]) {
    self.tip = tip
    self.refused = refused
  }
}

/// Why nothing is known of an upstream: one sentence for whoever waits and for the administrator.
package struct UpstreamFailure: Error, Hashable, Sendable {
  package let sentence: String
  package init(_ sentence: String) { self.sentence = Printable.line(sentence, max: 400) }
}

// The exchange runs in a process of its own: these are what the two say to each other.

extension UpstreamRequest {
  package var json: JSONValue {
    [
      "branch": .string(branch),
      "updates": .array(
        updates.map { update in
          var fields: JSONObject = [
            "ref": .string(update.ref), "new": (update.new?.hex).json, "source": update.source.json,
          ]
          if case .exactly(let old) = update.lease { fields["old"] = (old?.hex).json }
          return .object(fields)
        }),
    ]
  }

  package init?(json: JSONValue) {
    guard let branch = json["branch"]?.string, let list = json["updates"]?.array else { return nil }
    self.init(branch: branch)
    for update in list {
      guard let ref = update["ref"]?.string else { return nil }
      let old = update["old"].map { $0.string.flatMap { ObjectID(hex: $0) } }
      let lease: UpstreamUpdate.Lease = old.map { .exactly($0) } ?? .any
      if let new = update["new"]?.string.flatMap({ ObjectID(hex: $0) }), let source = update["source"]?.string {
        updates.append(UpstreamUpdate(ref, lease: lease, new: new, in: source))
      } else {
        updates.append(UpstreamUpdate(removing: ref))
      }
    }
  }
}

extension UpstreamAnswer {
  package var json: JSONValue {
    var words = JSONObject()
    for (ref, reason) in refused { words[ref] = .string(reason) }
    return ["tip": (tip?.hex).json, "refused": .object(words)]
  }

  package init?(json: JSONValue) {
    guard let words = json["refused"]?.object else { return nil }
    self.init(tip: json["tip"]?.string.flatMap { ObjectID(hex: $0) })
    for member in words.members { refused[member.name] = member.value.string ?? "" }
  }
}
