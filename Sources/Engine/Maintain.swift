import Dispatch
import Domain
import Git
import GitProgram
import Glibc
import Processes
import Store

extension Engine {
  /// Landings after which refs and objects are packed, so that no push meets many of either: each brings a pack of its own.
  private static let landingsBetweenMaintenance = 64
  /// Landings after which the kept worktree follows the target even while there is work.
  private static let landingsBetweenRefreshes = 10

  /// Days after which the story of an ended submission may go, in seconds, and how many stay in any case.
  private static let recordSecondsKept: Int64 = 30 * 86_400
  private static let recordsKept = 2_000

  /// Does what would slow a push or a landing down later: refs at once, objects beside the work.
  func maintain(isIdle: Bool) throws {
    if isIdle { lane.sweep() }
    let isKnownSoon = isIdle && landingsSinceKnown > 0 && clock.monotonic - knownAt > KnownTips.secondsBetween
    if isKnownSoon || landingsSinceKnown >= KnownTips.landingsBetween { try rememberTips() }
    if isIdle || landingsSinceRefresh >= Self.landingsBetweenRefreshes { try refreshBase() }
    guard landingsSinceMaintenance >= Self.landingsBetweenMaintenance else { return }
    try maintainRefs()
    let git = git
    let log = logLine
    maintenance.async {
      do { try Self.maintainObjects(git) } catch { log("the objects could not be packed: \(error)") }
    }
  }

  /// Prunes refs that are kept for a while only, packs refs and objects, and removes journals of long ended submissions.
  package func maintain() throws {
    try maintainRefs()
    try pruneRecords()
    try Self.maintainObjects(git)
  }

  private func maintainRefs() throws {
    landingsSinceMaintenance = 0
    Leftovers.remove(from: place, at: .now())
    try pruneKept("refs/landed/")
    try pruneKept("refs/rebased/")
    _ = try git.run(["pack-refs", "--all", "--prune"], writes: true)
  }

  private static func maintainObjects(_ git: GitProgram) throws {
    _ = try git.run(["repack", "-d", "-l", "-q", "--geometric=2"], writes: true)
    _ = try git.run(["prune", "--expire=2.weeks.ago"], writes: true)
    // Without one, finding a merge base in a long history takes longer than the merge.
    _ = try git.run(["commit-graph", "write", "--reachable"], writes: true)
  }

  /// Removes the events, journals and logs of submissions that ended long ago; what they came to stays in the ledger.
  private func pruneRecords() throws {
    let before = clock.seconds - Self.recordSecondsKept
    let gone = try ledger.prune(endedBefore: before, keepNewest: Self.recordsKept, holding: fence)
    for name in FolderNames.all(in: place.failures) {
      let log = "\(place.failures)/\(name)"
      var status = stat()
      if lstat(log, &status) == 0, Int64(status.st_mtim.tv_sec) < before { unlink(log) }
    }
    for id in gone {
      unlink(place.journal(of: id))
      for integration in try ledger.integrations(of: id) { try removeLogs(of: integration.id) }
    }
  }

  private func removeLogs(of integration: IntegrationID) throws {
    let folder = place.logs(of: integration)
    for name in FolderNames.all(in: folder) { unlink("\(folder)/\(name)") }
    rmdir(folder)
  }

  /// Keeps the newest `sluice.keepLanded` refs of a space; their names begin with the second they were made in.
  private func pruneKept(_ space: String) throws {
    let all = try objects.references(under: space).sorted { $0.name < $1.name }
    let old = all.dropLast(settings.keepLanded).map { RefUpdate.delete($0.name, expecting: $0.id) }
    if !old.isEmpty { _ = try refs.commit(old) }
  }

  /// Shows pushers the targets' tips of this moment for as long as clones may stand there.
  func rememberTips() throws {
    landingsSinceKnown = 0
    knownAt = clock.monotonic
    targetsKnown = trains.count
    let now = clock.seconds
    var updates: [RefUpdate] = []
    var known: [String: [Int64: ObjectID]] = [:]
    for (name, tip) in try objects.references(under: SluiceRef.knownSpace) {
      let parts = name.dropFirst(SluiceRef.knownSpace.count).split(separator: "/", maxSplits: 1)
      guard parts.count == 2, let second = Int64(parts[0]) else { continue }
      known[String(parts[1]), default: [:]][second] = tip
    }
    for target in trains.keys {
      var moments = known[target, default: [:]]
      if let tip = try objects.tip(of: SluiceRef.branch(target)), moments[now] == nil, !moments.values.contains(tip) {
        updates.append(.create(SluiceRef.known(target, at: now), tip))
        moments[now] = tip
      }
      for second in KnownTips.surplus(of: Array(moments.keys), at: now) {
        if let tip = moments[second] { updates.append(.delete(SluiceRef.known(target, at: second), expecting: tip)) }
      }
    }
    if !updates.isEmpty, case .lost(let words) = try refs.commit(updates) { log("tips are not shown: \(words)") }
  }

  /// Brings the kept worktree near the tip that the last landing left.
  private func refreshBase() throws {
    landingsSinceRefresh = 0
    guard let target = lastLandedTarget.take(), let tip = try objects.tip(of: SluiceRef.branch(target)) else { return }
    lane.refreshBase(try objects.commit(tip).tree, log: logLine)
  }
}
