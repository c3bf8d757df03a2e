import Domain
import Testing

@Suite struct KnownTipsTests {
  /// However long a target has been landing, whatever age a clone has, a tip not much older is shown.
  @Test func `few tips stay, and one of every age is among them`() {
    var kept: [Int64] = []
    for now in stride(from: Int64(0), through: 400_000, by: 60) {
      kept.append(now)
      let gone = KnownTips.surplus(of: kept, at: now)
      kept.removeAll(where: gone.contains)
      #expect(kept.contains(now))
      #expect(kept.count <= 22)
    }
    let now = kept.max() ?? 0
    for age in stride(from: Int64(60), to: now, by: 600) {
      let older = kept.filter { now - $0 >= age }.max()
      #expect(now - (older ?? 0) <= 4 * age + 120, "nothing between \(age) and \(4 * age) seconds: \(kept)")
    }
  }

  @Test func `a single tip stays whatever its age`() { #expect(KnownTips.surplus(of: [5], at: 1 << 40).isEmpty) }
}
