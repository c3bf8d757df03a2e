import Checks
import Domain
import Git
import Store

extension Engine {
  /// The seed document's report.
  func report(of running: RunningIntegration, refusal: Refusal?) throws -> IntegrationReport {
    var report = IntegrationReport(running.record, validatedAt: clock.seconds, failure: refusal?.category)
    report.hasMergeConflicts = running.built != nil ? false : refusal?.plan != nil ? true : nil
    let judgements = try running.built.map(judgements) ?? []
    report.newFindings = scans[running.request.id].map { $0 + judgements.compactMap(\.newFindings).joined() }
    if let built = running.built {
      report.compatibility = Compatibility(built.work.package.documentation)
      for judgement in judgements where judgement.result.kind == "compatibility" {
        report.compatibility.checks[judgement.result.name] = judgement.holds
      }
      report.compatibility.sharedManifests = try sharedManifests(of: built)
      try compareWithBase(built, judgements, &report)
    }
    if let refusal {
      report.feedback = try feedback(on: running, refusal, judgements)
    }
    return report
  }

  private func feedback(
    on running: RunningIntegration, _ refusal: Refusal, _ judgements: [Judgement]
  ) throws -> IntegrationFeedback {
    var feedback = IntegrationFeedback(
      request: running.request, integration: running.record.id, refusal: refusal, base: running.record.base)
    feedback.repository = place.repository
    feedback.judgements = judgements + running.staging.map { Judgement($0) }
    if feedback.handling == .performancePlan {
      // What takes longest may be in a check that holds.
      for index in feedback.judgements.indices where feedback.judgements[index].slowest.isEmpty {
        feedback.judgements[index].slowest = try slowest(of: feedback.judgements[index].result.key)
      }
    }
    for culprit in feedback.culprits {
      let result = culprit.result
      let logs = [
        place.failureLog(of: result.key), "\(place.logs(of: running.record.id))/\(CheckLog.fileName(result.name))",
      ]
      feedback.heads[result.name] = logs.lazy.map(CheckLog.firstLines).first { !$0.isEmpty }
    }
    if let policy = (running.built?.policy ?? lastPolicy)?.policy {
      for check in policy.checks + policy.staging { feedback.runs[check.name] = check.run }
      feedback.test = policy.checks.first { $0.kind == "test" }?.run
    }
    guard let built = running.built else { return feedback }
    feedback.underneath = try underneath(built)
    if feedback.handling == .regressionAnalysis { feedback.sameLines = try sameLines(built) }
    return feedback
  }

  /// Whose lines the work changes, and whether they landed after it began.
  private func sameLines(_ built: BuiltCandidate) throws -> [IntegrationFeedback.SameLines] {
    guard let tip = built.base, let changes = try difference(from: objects.commit(tip).tree, to: built.tree) else {
      return []
    }
    let new = Set(try objects.newestCommits(from: tip, notIn: built.work.commit, limit: Self.landingsLookedAt))
    return try SameLines(objects: objects, landed: landed).writers(of: changes, on: tip, isNew: new.contains)
  }

  /// What landed since the work began and changed files that it changes, newest first.
  private func underneath(_ built: BuiltCandidate) throws -> [IntegrationFeedback.Landed] {
    guard let tip = built.base, let before = try built.base.map({ try objects.commit($0).tree }),
      let changes = try difference(from: before, to: built.tree)
    else { return [] }
    let paths = Set(changes.map(\.path))
    let new = Set(try objects.newestCommits(from: tip, notIn: built.work.commit, limit: Self.landingsLookedAt))
    return try landed.steps(from: tip, limit: Self.landingsLookedAt, while: new.contains).compactMap { step in
      let shared = paths.filter { step.changes[$0] != nil }.map(\.description).sorted()
      return shared.isEmpty ? nil : IntegrationFeedback.Landed(step.work, paths: shared)
    }
  }

  static let landingsLookedAt = 200

  /// Whether the base holds, what regressed beside it, and how much longer and larger the checks are.
  private func compareWithBase(
    _ built: BuiltCandidate, _ judgements: [Judgement], _ report: inout IntegrationReport
  ) throws {
    let compared = judgements.compactMap(\.comparison)
    if !compared.isEmpty { report.regressionCount = compared.reduce(0) { $0 + $1[.regression].count } }
    // The base's health is that of its tests: what was not run there says nothing of them.
    var isKnown = built.checks.contains { $0.check.kind == "test" }
    var time = (now: 0.0, base: 0.0)
    var memory = (now: 0.0, base: 0.0)
    let impacts = judgements.compactMap(\.result.performance)
    for planned in built.checks {
      guard let key = planned.base?.key, let base = try baseResult(key), base.verdict != .notRun else {
        if planned.check.kind == "test" { isKnown = false }
        continue
      }
      if !base.verdict.holds { report.baseTestsPassed = false }
      // The same inputs are one measurement.
      guard key != planned.key, !planned.isComparison, let result = verdicts[planned.verdictKey]?.result,
        result.verdict.holds, base.verdict.holds
      else { continue }
      time = (time.now + result.seconds, time.base + base.seconds)
      if let now = result.peakMemory, let before = base.peakMemory {
        memory = (memory.now + Double(now), memory.base + Double(before))
      }
    }
    if isKnown, report.baseTestsPassed == nil { report.baseTestsPassed = true }
    // What was measured in pairs outweighs two single runs at different times.
    report.impact = impacts.compactMap(\.word).min()
    func change(_ sums: (now: Double, base: Double)) -> Double? { sums.base > 0 ? sums.now / sums.base - 1 : nil }
    report.timeChange = impacts.compactMap(\.timeChange).max() ?? change(time)
    report.memoryChange = impacts.compactMap(\.memoryChange).max() ?? change(memory)
  }

  /// The manifests of dependencies that a change and its target have both changed since they parted.
  private func sharedManifests(of built: BuiltCandidate) throws -> [String]? {
    guard let tip = built.base else { return nil }
    guard let parting = try objects.mergeBases(tip, built.work.stripped).first else { return nil }
    let before = try objects.commit(parting).tree
    func changed(in commit: ObjectID) throws -> Set<String>? {
      let changes = try difference(from: before, to: objects.commit(commit).tree)
      return changes.map { Set($0.map(\.path.description).filter(DependencyManifest.isOne)) }
    }
    guard let ours = try changed(in: tip), let theirs = try changed(in: built.work.stripped) else { return nil }
    return ours.intersection(theirs).sorted()
  }
}
