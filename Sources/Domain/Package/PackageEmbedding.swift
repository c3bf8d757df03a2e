/// Where a work package stands in what was pushed.
package enum PackageEmbedding {
  /// The package as a file in the tree of the pushed commit; it is taken out of what lands.
  package static let path = TreePath(".sluice/package.json")

  /// The message of a tag without the signature block that `git tag -s` puts after it.
  package static func withoutSignature(_ message: [UInt8]) -> [UInt8] {
    for mark in ["-----BEGIN PGP SIGNATURE-----", "-----BEGIN SSH SIGNATURE-----", "-----BEGIN SIGNED MESSAGE-----"] {
      let wanted = Array(("\n" + mark).utf8)
      guard message.count >= wanted.count else { continue }
      for start in 0...(message.count - wanted.count) where message[start] == 10 {
        if message[start..<(start + wanted.count)].elementsEqual(wanted) { return Array(message[...start]) }
      }
    }
    return message
  }
}

/// Where the policy of a target stands.
package enum PolicySource {
  package static let path = TreePath(".sluice.yml")
  /// A larger file is no policy.
  package static let bytesMax = 256 << 10
}
