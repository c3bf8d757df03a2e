import Domain
import Store

extension Engine {
  /// Seconds between two tellings, so that a long queue does not write more than it works.
  private static let secondsBetweenTellings = 2.0

  /// Tells those that wait where they stand now, where that has changed since they were told.
  func tellPositions() throws {
    guard clock.monotonic - positionsToldAt > Self.secondsBetweenTellings else { return }
    positionsToldAt = clock.monotonic
    var changes: [LedgerChange] = []
    for train in trains.values {
      let order = train.order
      for (index, id) in order.enumerated() {
        guard let submission = open[id], submission.state == .queued, toldPositions[id] != index + 1 else { continue }
        let request = submission.request
        toldPositions[id] = index + 1
        let eta = etaSeconds(index + 1, request.target)
        changes.append(
          event(.queued(request, position: index + 1, of: order.count, etaSeconds: eta), of: id))
      }
    }
    record(changes)
    try flush()
  }

  /// Seconds until a submission at a position has its answer, by experience.
  func etaSeconds(_ position: Int, _ target: String) -> Int? {
    let settings = trains[target]?.settings ?? Train.Settings()
    return prediction.secondsToAnswer(position: position, settings).map { Int($0.rounded(.up)) }
  }
}
