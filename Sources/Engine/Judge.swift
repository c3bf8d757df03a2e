import Domain
import Store

/// Verdicts that stand already, and what they mean beside the base.
extension Engine {
  /// A result under what it was compared with.
  struct JudgedResult: Hashable {
    let check: CheckKey
    let base: CheckKey?
  }

  /// A verdict of the same check on the same inputs; what failed is known until a retry.
  ///
  /// What could not run, and what passed only at a later attempt, says nothing certain about the inputs.
  func knownVerdict(_ check: CheckKey, isRetry: Bool) throws -> SeenVerdict? {
    guard let seen = try verdicts[check] ?? ledger.checkResult(check).map({ SeenVerdict(result: $0) }) else {
      return nil
    }
    // Whatever kept it from being compared may be gone.
    if case .alone? = seen.result.performance, seen.result.verdict.holds { return nil }
    switch seen.result.verdict {
    case .passed: return seen
    case .failed: return isRetry ? nil : seen
    case .flaky, .notRun, .timedOut: return nil
    }
  }

  /// The judgements of a candidate's checks so far, in the policy's order.
  func judgements(of built: BuiltCandidate) throws -> [Judgement] {
    try built.checks.compactMap { planned in
      guard var result = verdicts[planned.verdictKey]?.result else { return nil }
      result.isCached = built.known.contains(planned.key)
      return try judge(planned, result, built.excuses)
    }
  }

  func results(of built: BuiltCandidate) throws -> [CheckResult] { try judgements(of: built).map(\.result) }

  /// Keeps a result; its tests, which may be many, are in the ledger.
  func keep(_ result: CheckResult) {
    if result.verdict != .notRun { record([.checkResult(result)]) }
    freshCases[result.key] = result.cases
    var slim = result
    slim.cases = []
    verdicts[result.key] = SeenVerdict(result: slim)
  }

  /// What is known of a check on the base, run or not.
  func baseResult(_ key: CheckKey) throws -> CheckResult? {
    if let seen = verdicts[key] { return seen.result }
    guard let result = try ledger.checkResult(key) else { return nil }
    verdicts[key] = SeenVerdict(result: result)
    return result
  }

  /// Whether a check has to run on the base as well, since its tests there are not known.
  func measuresBase(of planned: PlannedCheck) throws -> Bool {
    guard planned.check.results != .exit, let base = planned.base, base.key != planned.key else { return false }
    let known = try baseResult(base.key)
    return planned.check.results == .sarif ? known?.hasFinished != true : known?.tests == nil
  }

  /// What a result means for a candidate, test by test where the base is known.
  func judge(_ planned: PlannedCheck, _ result: CheckResult, _ excuses: Excuses) throws -> Judgement {
    var result = result
    // A verdict is told under the inputs of the check, wherever it is stored.
    result.key = planned.key
    var judgement = try compared(planned, result, excuses)
    if !judgement.holds, result.tests != nil { judgement.slowest = try slowest(of: planned.verdictKey) }
    return judgement
  }

  private static let slowestMax = 5

  func slowest(of key: CheckKey) throws -> [TestCase] {
    let timed = try cases(of: key).filter { $0.seconds != nil }
    return Array(timed.sorted { $0.seconds ?? 0 > $1.seconds ?? 0 }.prefix(Self.slowestMax))
  }

  private func compared(
    _ planned: PlannedCheck, _ result: CheckResult, _ excuses: Excuses
  ) throws -> Judgement {
    if planned.check.results == .sarif { return try judge(scan: planned, result, excuses.findings) }
    guard let baseKey = planned.base?.key, result.tests != nil else { return Judgement(result) }
    guard let base = baseKey == planned.key ? result : try baseResult(baseKey), base.tests != nil else {
      return Judgement(result)
    }
    let name = JudgedResult(check: planned.judgedKey, base: baseKey)
    let comparison: TestComparison
    if let known = comparisons[name] {
      comparison = known
    } else {
      comparison = try TestComparison(base: cases(of: baseKey), now: cases(of: planned.verdictKey))
      comparisons[name] = comparison
    }
    return Judgement(result, comparison, base: base, blocked: planned.check.blocks, declared: excuses.tests)
  }

  /// What a scanner's result means for a candidate: what stands on the base already is nobody's fault.
  private func judge(scan planned: PlannedCheck, _ result: CheckResult, _ accepted: Set<String>) throws -> Judgement {
    guard result.hasFinished else { return Judgement(result) }
    let base = planned.base?.key == planned.key ? result : try planned.base.flatMap { try baseResult($0.key) }
    return Judgement(result, scannedBeside: base?.hasFinished == true ? base : nil, accepted: accepted)
  }

  /// The tests of a result, from its run or from the ledger.
  func cases(of key: CheckKey) throws -> [TestCase] {
    if let fresh = freshCases[key] { return fresh }
    return try ledger.testCases(key) ?? []
  }

  /// Forgets verdicts that nobody in flight rests on, once they are many: the ledger has them.
  func forgetVerdicts() {
    // What was just run is written by now.
    freshCases = [:]
    guard verdicts.count >= verdictsMax || integrations.isEmpty else { return }
    let checks = integrations.values.flatMap { $0.built?.checks ?? [] }
    let needed = Set(checks.flatMap { [$0.verdictKey, $0.base?.key].compactMap { $0 } })
    verdicts = verdicts.filter { needed.contains($0.key) }
    comparisons = comparisons.filter { verdicts[$0.key.check] != nil }
    verdictsMax = max(Self.verdictsMin, 2 * verdicts.count)
  }
}
