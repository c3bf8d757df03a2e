/// Which past tips of a target pushers are told of.
///
/// Git sends everything that it cannot reach from the refs a server shows: once the target has moved past what a clone has,
/// that would be the whole history. So some earlier tips stay visible to pushers, the older the farther apart.
package enum KnownTips {
  /// Landings after which a tip is remembered in any case.
  package static let landingsBetween = 16
  /// Seconds after which one that is the tip in a quiet moment is remembered.
  package static let secondsBetween = 60.0

  /// The moments whose tips need not be shown any more: of each doubling of age the oldest stays, and the newest of all.
  package static func surplus(of seconds: [Int64], at now: Int64) -> [Int64] {
    var ages: Set<Int> = []
    let ascending = seconds.sorted()
    return ascending.filter { moment in
      guard moment != ascending.last else { return false }
      let age = UInt64(clamping: max(0, now - moment)) + 1
      return !ages.insert(UInt64.bitWidth - age.leadingZeroBitCount).inserted
    }
  }
}
