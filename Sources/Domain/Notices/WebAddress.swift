/// What can be said of a URL without asking anybody.
package enum WebAddress {
  /// Whether this is an http or https URL with a host, in printable ASCII.
  package static func isWeb(_ text: String) -> Bool {
    guard let scheme = ["https://", "http://"].first(where: text.hasPrefix), text.utf8.count <= 2000,
      text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { return false }
    return text.utf8.dropFirst(scheme.utf8.count).first.map { !"/?#:@".utf8.contains($0) } ?? false
  }

  /// Whether a URL is the given one or lies below it: `https://a.org/x` holds `https://a.org/x/y` and not `https://a.org/xy`.
  package static func holds(_ url: String, below prefix: String) -> Bool {
    guard url.hasPrefix(prefix) else { return false }
    guard let next = url.utf8.dropFirst(prefix.utf8.count).first else { return true }
    return prefix.hasSuffix("/") || "/?#".utf8.contains(next)
  }
}
