import Domain
import Store

extension Engine {
  /// Seconds between two tellings, so that a long queue does not write more than it works.
  private static let secondsBetweenTellings = 2.0

  /// Tells those that wait where they stand now, where that has changed since they were told.
  func tellPositions() throws {
    guard clock.monotonic - positionsToldAt > Self.secondsBetweenTellings else { return }
    positionsToldAt = clock.monotonic
    let mean = try ledger.meanIntegrationSeconds(newest: 20)
    var changes: [LedgerChange] = []
    for train in trains.values {
      let order = train.order
      for (index, id) in order.enumerated() {
        guard let submission = open[id], submission.state == .queued, toldPositions[id] != index + 1 else { continue }
        let request = submission.request
        toldPositions[id] = index + 1
        let eta = mean.map { Int(($0 * Double(index + 1)).rounded(.up)) }
        changes.append(
          event(.queued(request, position: index + 1, of: order.count, etaSeconds: eta), of: id))
      }
    }
    record(changes)
    try flush()
  }
}
