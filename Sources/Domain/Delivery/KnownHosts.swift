/// The host keys that an administrator trusts.
///
/// - Source: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"; certificate authorities (`@cert-authority`) are passed over.
package struct KnownHosts: Sendable {
  package enum Answer: Hashable, Sendable {
    case known
    /// The host is known by another key of this type.
    case changed
    /// The host is known by keys of these types only, and showed one of another.
    case otherTypes([String])
    case unknown
    case revoked
  }

  private struct Line {
    let hosts: [Substring]
    let isRevoked: Bool
    let type: Substring
    let key: Substring
  }

  private let lines: [Line]

  package init(_ text: String) {
    lines = text.split(whereSeparator: \.isNewline).compactMap { line in
      var words = line.split { $0 == " " || $0 == "\t" }[...]
      guard let first = words.first, !first.hasPrefix("#") else { return nil }
      let marker = first.hasPrefix("@") ? words.removeFirst() : nil
      guard marker == nil || marker == "@revoked", words.count >= 3 else { return nil }
      let fields = Array(words)
      return Line(
        hosts: fields[0].split(separator: ","), isRevoked: marker != nil, type: fields[1], key: fields[2])
    }
  }

  /// What is known of a key that a host showed, as it came over the wire.
  package func answer(for key: [UInt8], of host: String, port: Int?) -> Answer {
    let name = port.map { "[\(host)]:\($0)" } ?? host
    let own = lines.filter { Self.names($0.hosts, name) }
    let text = Base64.text(key)
    if own.contains(where: { $0.isRevoked && $0.key == text }) { return .revoked }
    let trusted = own.filter { !$0.isRevoked }
    if trusted.contains(where: { $0.key == text }) { return .known }
    guard !trusted.isEmpty else { return .unknown }
    let type = Self.type(of: key)
    if trusted.contains(where: { $0.type == type }) { return .changed }
    return .otherTypes(trusted.map { String($0.type) })
  }

  /// The name that a key begins with, for example `ssh-ed25519`.
  package static func type(of key: [UInt8]) -> String {
    guard key.count > 4 else { return "" }
    let count = key[..<4].reduce(0) { $0 << 8 | Int($1) }
    return String(decoding: key.dropFirst(4).prefix(count), as: UTF8.self)
  }

  /// The key's fingerprint as `ssh-keygen -l` shows it.
  package static func fingerprint(of key: [UInt8]) -> String {
    "SHA256:" + Base64.text(SHA256.digest(key)).prefix { $0 != "=" }
  }

  /// Whether the patterns name a host: one that is negated excludes it, whatever the others say.
  private static func names(_ patterns: [Substring], _ host: String) -> Bool {
    var isNamed = false
    for pattern in patterns {
      if pattern.hasPrefix("|1|") {
        isNamed = isNamed || isHash(pattern, of: host)
      } else if pattern.hasPrefix("!") {
        if matches(Array(pattern.dropFirst().lowercased().utf8)[...], Array(host.utf8)[...]) { return false }
      } else if matches(Array(pattern.lowercased().utf8)[...], Array(host.utf8)[...]) {
        isNamed = true
      }
    }
    return isNamed
  }

  /// `|1|<salt>|<HMAC-SHA1 of the name>`, both in base64.
  private static func isHash(_ pattern: Substring, of host: String) -> Bool {
    let parts = pattern.split(separator: "|")
    guard parts.count == 3, let salt = Base64.bytes(parts[1]), salt.count <= 64 else { return false }
    let key = salt + [UInt8](repeating: 0, count: 64 - salt.count)
    let inner = SHA1.digest(key.map { $0 ^ 0x36 } + Array(host.utf8))
    return Base64.text(SHA1.digest(key.map { $0 ^ 0x5c } + inner)) == parts[2]
  }

  /// `*` stands for any bytes, `?` for one.
  private static func matches(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
    var (pattern, name) = (pattern, name)
    var retry: (pattern: ArraySlice<UInt8>, name: ArraySlice<UInt8>)?
    while true {
      if pattern.first == UInt8(ascii: "*") {
        pattern = pattern.dropFirst()
        retry = (pattern, name)
      } else if let next = name.first, let wanted = pattern.first, wanted == next || wanted == UInt8(ascii: "?") {
        (pattern, name) = (pattern.dropFirst(), name.dropFirst())
      } else if name.isEmpty, pattern.isEmpty {
        return true
      } else if let last = retry, !last.name.isEmpty {
        retry = (last.pattern, last.name.dropFirst())
        (pattern, name) = (last.pattern, last.name.dropFirst())
      } else {
        return false
      }
    }
  }
}
