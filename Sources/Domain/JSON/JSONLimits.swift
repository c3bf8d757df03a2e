/// How much JSON is read before it is refused.
package struct JSONLimits: Hashable, Sendable {
  /// A top-level member that may be long and does not count against the limits on the text and its strings.
  package struct LongMember: Hashable, Sendable {
    package var name: String
    /// Bytes of the string, as it is decoded.
    package var bytesMax: Int

    /// - Parameter bytesMax: bytes of the string, as it is decoded.
    package init(name: String, bytesMax: Int) {
      self.name = name
      self.bytesMax = bytesMax
    }
  }

  /// Containers inside one another, the outermost included.
  package var depthMax = 16
  /// Values of every kind, the outermost included.
  package var nodesMax = 10_000
  /// Bytes of the text, a `longMember` not counted.
  package var bytesMax = 1 << 20
  /// Bytes of a string or of a member's name, as it is decoded.
  package var stringMax = 64 << 10
  /// Characters of a number.
  package var numberMax = 256
  package var longMember: LongMember?

  /// The limits for a package or a record; none of its members is long.
  package init() {}

  /// The limits for what Sluice itself has written: reports and events hold more than anybody may send.
  package static let own: JSONLimits = {
    var limits = JSONLimits()
    limits.nodesMax = 1_000_000
    limits.bytesMax = 64 << 20
    limits.stringMax = 1 << 20
    return limits
  }()

  /// The limits where nobody says otherwise.
  package static let `default` = JSONLimits()
}
