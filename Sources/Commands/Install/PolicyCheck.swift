/// Whether a policy file can be used.
enum PolicyCheck {
  static let bytesMax = 1 << 20

  /// Refuses a policy that the owner of the repository cannot read, or that does not hold.
  static func demandReadable(_ path: String) throws(CommandFailure) {
    _ = try Disk.read(path, max: bytesMax)
  }
}
