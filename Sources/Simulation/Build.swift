/// The name of a set of changes: 128 random bits for each, combined so that order does not matter.
struct Fingerprint: Hashable, Sendable {
  private var high: UInt64
  private var low: UInt64

  static let empty = Fingerprint(high: 0, low: 0)

  init(using random: inout SplitMix64) { self.init(high: random.next(), low: random.next()) }

  /// A name that no set of changes has.
  init(number: Int) { self.init(high: .max, low: UInt64(number)) }

  private init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  var bits: (high: UInt64, low: UInt64) { (high, low) }

  /// The set with a change more, where it has it not; with it less, where it has.
  static func ^ (left: Self, right: Self) -> Self { Self(high: left.high ^ right.high, low: left.low ^ right.low) }
}

/// One run of the checks: a change on those others that may change what its checks see. Equal builds have equal results.
struct Build: Hashable, Sendable {
  let change: Trace.Change
  let onto: Fingerprint
}
