import Simulation

/// Random numbers that a seed repeats.
struct Seed: RandomNumberGenerator {
  private var random: SplitMix64

  init(_ seed: UInt64) { random = SplitMix64(seed: SplitMix64.hash(seed)) }

  mutating func next() -> UInt64 { random.next() }
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
}
