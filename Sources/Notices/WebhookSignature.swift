import CCrypto
import Domain

/// The keys that a webhook's receiver knows too.
package struct WebhookKeys: Sendable {
  let keys: [[UInt8]]

  /// Reads `whsec_<base64>` of 24 to 64 bytes, one a line; empty lines and lines that begin with `#` are passed over.
  ///
  /// - Returns: nil where there is none, or where a line is something else.
  /// - Source: Standard Webhooks, "Symmetric".
  package init?(text: String) {
    var keys: [[UInt8]] = []
    for line in text.split(whereSeparator: \.isNewline) {
      let word = line.trimmed
      if word.isEmpty || word.hasPrefix("#") { continue }
      guard word.hasPrefix("whsec_"), let key = DiffPackage(base64: String(word.dropFirst(6)))?.decoded(),
        (24...64).contains(key.count)
      else { return nil }
      keys.append(key)
    }
    guard !keys.isEmpty else { return nil }
    self.keys = keys
  }

  /// The signatures of a message, one for each key, separated by spaces: `v1,<base64> v1,<base64>`.
  package func signatures(id: String, timestamp: Int64, body: [UInt8]) -> String {
    let message = Array("\(id).\(timestamp).".utf8) + body
    return keys.map { "v1,\(DiffPackage(bytes: Self.hmac(message, key: $0)).base64)" }.joined(separator: " ")
  }

  private static func hmac(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { digest, count in
      var size: UInt32 = 0
      let made = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, digest.baseAddress, &size)
      precondition(made != nil, "libcrypto has no HMAC with SHA-256")
      count = Int(size)
    }
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    let front = drop(while: \.isWhitespace)
    guard let last = front.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return front[...last]
  }
}
