/// The repository where targets really live, as the administrator named it (`sluice.upstream`), and the way into it.
package struct Upstream: Hashable, Sendable {
  package enum Transport: Hashable, Sendable {
    /// An absolute path of this machine.
    case path
    case ssh
    case http
  }

  package let url: String
  package let transport: Transport
  /// The host as known_hosts names it, without a port; empty for a path.
  package let host: String
  /// The port of an ssh server where it is not 22.
  package let port: Int?
  /// A private key, ed25519 or ecdsa, without a passphrase (`sluice.upstreamKey`).
  package var keyFile: String?
  /// The socket of an ssh agent (`sluice.upstreamAgent`).
  package var agent: String?
  /// Whom the upstream's host key must be known to (`sluice.upstreamKnownHosts`).
  package var knownHostsFile: String?
  /// A file that holds `user:token`, or a token alone (`sluice.upstreamCredential`).
  package var credentialFile: String?
  /// How long one exchange may take (`sluice.upstreamTimeout`).
  package var timeout: Duration = .seconds(300)

  /// What an address may look like, for whoever wrote another.
  package static let grammar =
    "an absolute path, ssh://user@host[:port]/path, user@host:path or https://host/path, without a password in it"

  /// Reads an address; nil for one outside the grammar.
  ///
  /// Nothing that a shell, an option parser or another transport could take for something else gets through.
  package init?(url: String) {
    guard !url.isEmpty, url.utf8.count <= 1_024, url.utf8.allSatisfy(Self.isPlain) else { return nil }
    self.url = url
    if url.hasPrefix("/") {
      (transport, host, port) = (.path, "", nil)
      return
    }
    let parts: (scheme: String, authority: Substring, path: Substring)
    if let colon = url.firstRange(of: "://") {
      let rest = url[colon.upperBound...]
      guard let slash = rest.firstIndex(of: "/") else { return nil }
      parts = (String(url[..<colon.lowerBound]), rest[..<slash], rest[slash...])
    } else {
      // git's short form has no port.
      guard let colon = url.firstIndex(of: ":"), url[..<colon].contains("@") else { return nil }
      parts = ("ssh", url[..<colon], url[url.index(after: colon)...])
      guard !url[..<colon].contains("/") else { return nil }
    }
    guard !parts.path.isEmpty, parts.path != "/", !parts.path.hasPrefix("-") else { return nil }
    let user: Substring?
    let place: Substring
    if let at = parts.authority.lastIndex(of: "@") {
      user = parts.authority[..<at]
      place = parts.authority[parts.authority.index(after: at)...]
    } else {
      (user, place) = (nil, parts.authority)
    }
    if let user { guard !user.isEmpty, !user.hasPrefix("-"), !user.contains(":") else { return nil } }
    guard let (host, port) = Self.place(place) else { return nil }
    switch parts.scheme {
    case "ssh": transport = .ssh
    case "https" where user == nil: transport = .http
    // In the clear only where nobody listens.
    case "http" where user == nil && ["127.0.0.1", "localhost"].contains(host): transport = .http
    default: return nil
    }
    self.host = host
    self.port = port == 22 ? nil : port
  }

  private static func place(_ text: Substring) -> (host: String, port: Int?)? {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let host = parts.first, !host.isEmpty, !host.hasPrefix("-"),
      host.utf8.allSatisfy({ isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") })
    else { return nil }
    guard parts.count == 2 else { return (host.lowercased(), nil) }
    guard let port = Int(parts[1]), (1...65_535).contains(port) else { return nil }
    return (host.lowercased(), port)
  }

  private static func isPlain(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || "-._~/+@:%".utf8.contains(byte) }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }
}
