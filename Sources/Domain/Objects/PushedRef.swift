/// What a push wants of a ref; git's all-zero id becomes a case.
package enum RefChange: Hashable, Sendable {
  case create(ObjectID)
  case move(from: ObjectID, to: ObjectID)
  case delete(ObjectID?)

  /// The object the ref would point at.
  package var new: ObjectID? {
    switch self {
    case .create(let new), .move(_, let new): new
    case .delete: nil
    }
  }

  package var old: ObjectID? {
    switch self {
    case .create: nil
    case .move(let old, _): old
    case .delete(let old): old
    }
  }
}

/// The lineage of a submission: what follows `submit/` in a pushed ref.
package struct SubmissionName: Hashable, Sendable, CustomStringConvertible {
  package let text: String

  /// One to four components of letters, digits, `.`, `_`, `-`, each of 1 to 64 characters and starting with a letter or digit.
  package init?(_ text: String) {
    let components = text.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...4).contains(components.count), components.allSatisfy(Self.isComponent) else { return nil }
    self.text = text
  }

  /// The lineage of what takes a landing back: a name that nobody can push to, and so nobody can be in the way of.
  package static func rollback(of integration: IntegrationID) -> String { "\(rollbackPrefix)\(integration.text)" }
  package static func isRollback(_ name: String) -> Bool { name.hasPrefix(rollbackPrefix) }
  /// The landing that such a lineage takes back; nil for any other.
  package static func rolledBack(by name: String) -> IntegrationID? {
    isRollback(name) ? IntegrationID(String(name.dropFirst(rollbackPrefix.count))) : nil
  }
  private static let rollbackPrefix = "_rollback-"

  package var description: String { text }
  /// The first component: the owner, where `sluice.bindOwner` is set.
  package var owner: String { String(text.prefix { $0 != "/" }) }

  private static func isComponent(_ component: Substring) -> Bool {
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
    guard let first = component.utf8.first, isAlphanumeric(first), component.utf8.count <= 64 else { return false }
    return component.utf8.allSatisfy { isAlphanumeric($0) || $0 == 46 || $0 == 95 || $0 == 45 }
      && !component.contains("..") && !component.hasSuffix(".") && !component.hasSuffix(".lock")
  }
}

/// Whose business a pushed ref is.
package enum PushedRef: Hashable, Sendable {
  case submission(SubmissionName)
  /// A target branch: ordinary only while it does not exist.
  case target(String)
  /// Not for pushers; the sentence says why and what to do instead.
  case refused(Refusal)
  case ordinary

  /// Classifies the name of a pushed ref, every byte of it.
  package init(name bytes: [UInt8], targets: Set<String>) {
    let shown = Printable.line(String(decoding: bytes, as: UTF8.self), max: 120)
    guard let name = String(validating: bytes, as: UTF8.self), Self.isWellFormed(name) else {
      self = .refused(
        Refusal(
          .invalidPush, "\(shown) is not a valid ref name", hint: "git push <remote> HEAD:refs/heads/submit/<name>"))
      return
    }
    for space in ["refs/heads/submit", "refs/submit", "refs/tags/submit"] {
      if name == space {
        self = .refused(Self.reserved(name))
        return
      }
      guard name.hasPrefix(space + "/") else { continue }
      if let submission = SubmissionName(String(name.dropFirst(space.count + 1))) {
        self = .submission(submission)
      } else {
        self = .refused(
          Refusal(
            .invalidPush,
            "\(shown) is not a valid submission name: one to four parts of letters, digits, '.', '_' and '-', each at most 64 long and beginning with a letter or digit",
            hint: "git push <remote> HEAD:refs/heads/submit/<name>"))
      }
      return
    }
    for space in Self.internalSpaces where name == space || name.hasPrefix(space + "/") {
      self = .refused(Self.reserved(name))
      return
    }
    self = Self.branchOrTag(name, targets: targets)
  }

  private static let internalSpaces = [
    "refs/heads/staging", "refs/landed", "refs/rebased", "refs/notes/sluice", "refs/notes/sluice-events", "refs/sluice",
    "refs/replace",
    "refs/known", "refs/queued", "refs/verified", "refs/cancelled",
  ]

  private static func branchOrTag(_ name: String, targets: Set<String>) -> PushedRef {
    for space in ["refs/heads/", "refs/tags/"] where name.hasPrefix(space) {
      let short = String(name.dropFirst(space.count))
      if space == "refs/heads/", targets.contains(short) { return .target(short) }
      let first = short.prefix { $0 != "/" }
      if targets.contains(short) || short == "HEAD" || ["refs", "heads", "tags", "remotes"].contains(first) {
        return .refused(
          Refusal(
            .protectedRef, "\(name) would make '\(short)' ambiguous on the server", hint: "choose another name"))
      }
    }
    return .ordinary
  }

  private static func reserved(_ name: String) -> Refusal {
    Refusal(
      .protectedRef, "\(name) is written by Sluice alone", hint: "git push <remote> HEAD:refs/heads/submit/<name>")
  }

  /// git-check-ref-format's rules, and that the name stands below `refs/`.
  private static func isWellFormed(_ name: String) -> Bool {
    let components = name.split(separator: "/", omittingEmptySubsequences: false)
    return components.count >= 2 && components[0] == "refs" && name.utf8.count <= 1_000
      && !name.contains("..") && !name.contains("@{") && !name.hasSuffix(".")
      && components.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") && !$0.hasSuffix(".lock") }
      && name.unicodeScalars.allSatisfy { $0.value > 32 && $0.value != 127 && !"~^:?*[\\".unicodeScalars.contains($0) }
  }
}
