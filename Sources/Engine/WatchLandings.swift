import Checks
import Domain
import Git
import Store

/// Checks of what has landed already: a landing that does not hold there is taken back.
extension Engine {
  /// Begins the policy's checks of landings that moved a target together, oldest first.
  func watchLandings(_ integrations: [IntegrationID]) throws {
    let landings = try integrations.compactMap(landedIntegration)
    guard let first = landings.first, let newest = landings.last else { return }
    let policy = try judgingPolicy(in: first.base ?? first.commit).policy
    guard !policy.postLanding.isEmpty else { return }
    let environment = CheckEnvironment(policy: policy, settings: settings)
    let watched = try landings.map { landing in
      let tree = try objects.commit(landing.commit).tree
      return WatchedLanding(
        checks: policy.postLanding.map {
          PlannedCheck($0, key: checkKeys.key($0, tree: tree, environment: environment))
        },
        place: CheckPlace(
          integration: landing.integration, tree: tree, setup: checkKeys.setup(environment, tree: tree),
          sandbox: policy.sandbox))
    }
    // What is known to hold was watched before a crash.
    let isKnown = try watched.last?.checks.allSatisfy { try ledger.checkResult($0.key)?.verdict.holds == true }
    guard isKnown != true else { return }
    let job = WatchJob(landings: watched)
    landingsWatched[newest.integration] = job.stop
    watchJobs.append(job)
  }

  /// Begins again what a crash has interrupted: the checks of each target's newest landing.
  func watchNewestLandings() throws {
    var seen: Set<String> = []
    for landing in try ledger.newestLandings(limit: Self.landingsLookedBack)
    where seen.insert(landing.target).inserted {
      // A policy that does not read any more has nothing to say about what has landed.
      do { try watchLandings([landing.integration]) } catch let refusal as Refusal { log("\(refusal.reason)") }
    }
  }

  private static let landingsLookedBack = 100

  /// Takes in what the checks of landings came to.
  func watched(_ watched: WatchedLandings) throws {
    landingsWatched[watched.newest] = nil
    record(watched.results.filter { $0.verdict != .notRun }.map(LedgerChange.checkResult))
    if let problem = watched.problem {
      log("\(watched.newest.text) could not be checked after its landing: \(problem)")
    }
    guard let culprit = watched.culprit, let landing = try landedIntegration(culprit) else { return }
    guard !landing.isRollback else {
      return log("\(culprit.text) has taken a landing back, and does not hold either: \(watched.reason)")
    }
    let id = SubmissionID(atMilliseconds: clock.milliseconds, using: &random)
    try rollBack(culprit, as: id, entry: nil, by: Self.rollbackAgent, reason: watched.reason)
  }
}

/// A landing, and what is to hold after it.
struct WatchedLanding: Sendable {
  let checks: [PlannedCheck]
  let place: CheckPlace
}

/// The checks of landings that moved a target together, oldest first.
struct WatchJob: Sendable {
  let landings: [WatchedLanding]
  let stop = StopFlag()
}

/// What the checks of landings came to.
struct WatchedLandings: Sendable {
  let newest: IntegrationID
  /// The first landing that does not hold; nil where the newest does.
  var culprit: IntegrationID?
  /// Why it does not, in one sentence.
  var reason = ""
  /// Why nothing is known; nil where everything ran.
  var problem: String?
  var results: [CheckResult] = []
}

extension CheckWorkshop {
  /// Checks the newest landing, and where it does not hold those before it, for the one that was first.
  func run(_ job: WatchJob, tell: (CheckReport) -> Void) {
    guard let newest = job.landings.last else { return }
    var watched = WatchedLandings(newest: newest.place.integration)
    defer { tell(.watched(watched)) }
    guard let failure = failure(of: newest, job.stop, &watched) else { return }
    (watched.culprit, watched.reason) = (newest.place.integration, failure)
    for earlier in job.landings.dropLast() {
      guard let failure = self.failure(of: earlier, job.stop, &watched) else { continue }
      (watched.culprit, watched.reason) = (earlier.place.integration, failure)
      return
    }
  }

  /// Why a landing does not hold; nil where it does, or where that could not be found out.
  private func failure(
    of landing: WatchedLanding, _ stop: StopFlag, _ watched: inout WatchedLandings
  ) -> String? {
    let plan = CheckPlan(integration: landing.place.integration, sandbox: landing.place.sandbox)
    switch use(landing.place, stop) {
    case .stopped: return nil
    case .failed(let failure):
      watched.problem = "setup \(failure.reason)"
      return nil
    case .ready(let worktree):
      defer { release(landing.place.tree) }
      for planned in landing.checks {
        guard
          let result = runner.run(
            planned.check, key: planned.key, on: worktree, as: plan, shouldStop: { stop.isRaised })
        else { return nil }
        watched.results.append(result)
        switch result.verdict {
        case .passed, .flaky: break
        case .notRun: watched.problem = "\(planned.check.name) \(result.reason ?? "did not run")"
        case .failed, .timedOut:
          return "\(planned.check.name) does not hold after the landing: \(result.reason ?? result.verdict.rawValue)"
        }
      }
      return nil
    }
  }
}
