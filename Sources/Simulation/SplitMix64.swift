/// A generator whose numbers depend on its seed alone: what makes a simulated workload the same on every machine.
///
/// - Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014).
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return Self.mix(state)
  }

  /// A number in 0..<1.
  package mutating func unit() -> Double { Self.unit(next()) }

  /// A number that looks random and is a function of `values`: what is asked for a pair is the same whenever it is asked.
  package static func hash(_ values: UInt64...) -> UInt64 {
    values.reduce(0x243f_6a88_85a3_08d3) { mix(($0 ^ $1) &+ 0x9e37_79b9_7f4a_7c15) }
  }

  package static func unit(_ bits: UInt64) -> Double { Double(bits >> 11) * 0x1p-53 }

  private static func mix(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
