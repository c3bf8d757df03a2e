import Domain
import Testing

@Suite struct LaneSharesTests {
  private static let one = LaneShares.Share(weight: 1, lanes: 10)

  /// Starts and ends one piece of work after the other; who had the turns.
  private func turns(_ shares: inout LaneShares, _ count: Int) -> String {
    (0..<count).map { _ in
      guard let next = shares.next() else { return "-" }
      shares.end(next)
      return next
    }.joined()
  }

  @Test func `a long queue goes by turns with whoever else comes`() {
    var shares = LaneShares(lanes: 1)
    for _ in 0..<20 { shares.wait("a", Self.one) }
    #expect(turns(&shares, 5) == "aaaaa")
    for _ in 0..<2 { shares.wait("b", Self.one) }
    shares.wait("c", Self.one)
    // The newcomers begin where the one that was there is.
    #expect(turns(&shares, 6) == "bcabaa")
    #expect(turns(&shares, 10) == "aaaaaaaaaa")
  }

  @Test func `a weight is so many turns to the others' one`() {
    var shares = LaneShares(lanes: 1)
    for _ in 0..<30 {
      shares.wait("a", LaneShares.Share(weight: 3, lanes: 1))
      shares.wait("b", Self.one)
    }
    let turns = turns(&shares, 20)
    #expect(turns.count { $0 == "a" } == 15, "\(turns)")
    #expect(!turns.contains("bb") && !turns.contains("aaaa"), "\(turns)")
  }

  @Test func `nobody has more lanes than there are, or than are theirs`() {
    var shares = LaneShares(lanes: 3)
    for _ in 0..<9 { shares.wait("a", LaneShares.Share(weight: 1, lanes: 2)) }
    #expect([shares.next(), shares.next(), shares.next()] == ["a", "a", nil])
    for _ in 0..<2 { shares.wait("b", Self.one) }
    #expect([shares.next(), shares.next()] == ["b", nil])
    shares.end("a")
    // Both have had two turns' worth; the one that was there first goes first.
    #expect([shares.next(), shares.next()] == ["a", nil])
    shares.end("b")
    #expect([shares.next(), shares.next()] == ["b", nil])
  }

  @Test func `who stays away saves no turns up, and who takes back has none`() {
    var shares = LaneShares(lanes: 1)
    for _ in 0..<40 { shares.wait("a", Self.one) }
    shares.wait("b", Self.one)
    #expect(turns(&shares, 20).count { $0 == "b" } == 1)
    for _ in 0..<10 { shares.wait("b", Self.one) }
    let turns = turns(&shares, 8)
    #expect(turns.count { $0 == "b" } == 4, "\(turns)")
    shares.withdraw("a")
    #expect(self.turns(&shares, 7) == "bbbbbb-")
  }
}
