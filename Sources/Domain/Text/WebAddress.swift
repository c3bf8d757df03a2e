/// Addresses of web pages as policies and reports give them.
package enum WebAddress {
  package static let bytesMax = 2_000

  /// Whether a text is an http or https URL with a host, of printable ASCII.
  package static func isValid(_ text: String) -> Bool {
    guard let scheme = ["https://", "http://"].first(where: text.hasPrefix), text.utf8.count <= bytesMax,
      text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { return false }
    return text.utf8.dropFirst(scheme.utf8.count).first.map { !"/?#:@".utf8.contains($0) } ?? false
  }
}
