import Glibc

/// Which addresses may be connected to: those of the public internet, and what an administrator names beside them.
package struct AddressRules: Sendable {
  /// Hosts by name, in small letters: whatever they resolve to is allowed.
  private var hosts: Set<String> = []
  private var networks: [Network] = []
  /// Ports on hosts that nobody named.
  package static let ports: Set<Int> = [80, 443, 8080, 8443]

  /// - Parameter allowed: host names, addresses and networks such as `10.1.0.0/16` or `fd00::/8`.
  package init(allowed: [String] = []) {
    for text in allowed {
      if let network = Network(text) { networks.append(network) } else { hosts.insert(text.lowercased()) }
    }
  }

  /// Why an address of a host is not connected to on a port; nil where it is.
  func refusal(of address: Address, host: String, port: Int) -> String? {
    if hosts.contains(host.lowercased()) || networks.contains(where: { $0.holds(address) }) { return nil }
    guard address.isPublic else { return "\(address.text) is no address of the public internet" }
    guard Self.ports.contains(port) else {
      return "port \(port) is none of \(Self.ports.sorted().map(String.init).joined(separator: ", "))"
    }
    return nil
  }
}

/// An address of the internet protocols.
struct Address: Hashable, Sendable {
  /// Four or sixteen bytes, in network order.
  let bytes: [UInt8]

  init?(_ text: String) {
    var four = in_addr()
    var six = in6_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      bytes = withUnsafeBytes(of: four) { Array($0) }
    } else if inet_pton(AF_INET6, text, &six) == 1 {
      bytes = withUnsafeBytes(of: six) { Array($0) }
    } else {
      return nil
    }
  }

  /// Reads the address of a socket; nil for a family that is not of the internet.
  init?(_ address: UnsafePointer<sockaddr>) {
    let raw = UnsafeRawPointer(address)
    switch Int32(address.pointee.sa_family) {
    case AF_INET: bytes = withUnsafeBytes(of: raw.load(as: sockaddr_in.self).sin_addr) { Array($0) }
    case AF_INET6: bytes = withUnsafeBytes(of: raw.load(as: sockaddr_in6.self).sin6_addr) { Array($0) }
    default: return nil
    }
  }

  var text: String {
    if bytes.count == 4 { return bytes.map { "\($0)" }.joined(separator: ".") }
    return stride(from: 0, to: 16, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }
      .joined(separator: ":")
  }

  /// Whether it belongs to the public internet.
  ///
  /// - Source: the IANA registries of special-purpose addresses. Of IPv6 only global unicast counts, without the ranges that
  ///   carry other addresses inside (Teredo, 6to4, NAT64, mapped): those could name this host or its network.
  var isPublic: Bool {
    bytes.count == 4
      ? !Self.special.contains { $0.holds(self) }
      : Self.globalUnicast.contains { $0.holds(self) } && !Self.specialUnicast.contains { $0.holds(self) }
  }

  private static let special = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4",
  ].compactMap(Network.init)
  private static let globalUnicast = ["2000::/3"].compactMap(Network.init)
  private static let specialUnicast = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"].compactMap(Network.init)
}

/// The addresses that begin with the same bits.
struct Network: Hashable, Sendable {
  let start: Address
  let bits: Int

  /// Reads an address, alone or with the length of its prefix; nil for anything else.
  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2, let address = Address(parts[0]) else { return nil }
    let most = address.bytes.count * 8
    guard let bits = parts.count == 1 ? most : Int(parts[1]), (0...most).contains(bits) else { return nil }
    start = address
    self.bits = bits
  }

  func holds(_ address: Address) -> Bool {
    guard address.bytes.count == start.bytes.count else { return false }
    return address.bytes.indices.allSatisfy { index in
      let kept = max(0, min(8, bits - index * 8))
      let mask = UInt8(truncatingIfNeeded: 0xFF00 >> kept)
      return address.bytes[index] & mask == start.bytes[index] & mask
    }
  }
}
