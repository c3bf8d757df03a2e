import Domain

/// What a step of a setup has kept: a folder of files that stand over a candidate's tree.
struct KeptLayer: Hashable, Sendable {
  /// What a step keeps is made for the files below it, so it is used again only over the very same kept layer.
  struct Place: Hashable, Sendable {
    let key: CheckKey
    /// The stamp of the kept layer it stands on; 0 where it stands on none.
    let below: UInt32
  }

  let place: Place
  /// Of this layer alone: one that is made again gets another.
  let stamp: UInt32
  let origin: Origin

  /// `kept-<key>-<origin>-<below>-<stamp>`.
  var name: String {
    "kept-\(place.key.digest.hex)-\(origin.text)-\(Hexadecimal.text(place.below))-\(Hexadecimal.text(stamp))"
  }

  init(place: Place, stamp: UInt32, origin: Origin) {
    self.place = place
    self.stamp = stamp
    self.origin = origin
  }

  init?(name: String) {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0] == "kept", let digest = ObjectID(hex: parts[1]), let origin = Origin(parts[2]),
      let below = Hexadecimal.number(parts[3]), let stamp = Hexadecimal.number(parts[4])
    else { return nil }
    self.init(place: Place(key: CheckKey(digest: digest), below: below), stamp: stamp, origin: origin)
  }
}
