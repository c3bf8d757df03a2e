/// Where a notice goes. Its text is how git config and the ledger write it.
package enum NoticeSink: Hashable, Sendable {
  /// An http or https URL that is sent JSON by Standard Webhooks.
  case webhook(String)
  /// An http or https URL that is sent `{"text": …}`.
  case slack(String)
  /// A mail address.
  case mail(String)
  /// An absolute path and its arguments; no shell reads them.
  case command([String])
  /// Notes in the repository, under `refs/notes/sluice-events`.
  case notes

  /// Whether only the administrator's settings may name it, since it acts on the server or in its name.
  package var isForAdministrators: Bool {
    switch self {
    case .webhook, .slack: false
    case .mail, .command, .notes: true
    }
  }

  package var text: String {
    switch self {
    case .webhook(let url): "webhook \(url)"
    case .slack(let url): "slack \(url)"
    case .mail(let address): "mail \(address)"
    case .command(let words): "command \(words.joined(separator: " "))"
    case .notes: "notes"
    }
  }

  /// The text for a log: of a URL no more than the host, since who knows the rest may post there.
  package var shown: String {
    switch self {
    case .webhook(let url), .slack(let url):
      "\(text.prefix { $0 != " " }) \(url.split(separator: "/").prefix(2).joined(separator: "//"))/…"
    case .mail, .command, .notes: text
    }
  }

  /// Reads a sink back; nil for anything else.
  package init?(_ text: String) {
    self.init(words: text.split(separator: " ").map(String.init))
  }

  init?(words: [String]) {
    let goal = Array(words.dropFirst())
    switch (words.first, goal.count) {
    case ("webhook", 1) where WebAddress.isWeb(goal[0]): self = .webhook(goal[0])
    case ("slack", 1) where WebAddress.isWeb(goal[0]): self = .slack(goal[0])
    case ("mail", 1) where Self.isMailAddress(goal[0]): self = .mail(goal[0])
    case ("command", 1...) where goal[0].hasPrefix("/") && !goal[0].hasSuffix("/"): self = .command(goal)
    case ("notes", 0): self = .notes
    default: return nil
    }
  }

  /// Whether this is one address that no mail program takes for an option, a list or a header.
  private static func isMailAddress(_ text: String) -> Bool {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && text.utf8.count <= 254 && !text.hasPrefix("-")
      && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"\"(),:;<>[\\]".utf8.contains($0) }
  }
}
