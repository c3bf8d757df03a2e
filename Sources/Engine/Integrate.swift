import Checks
import Domain
import Git
import GitProgram
import Glibc
import PolicyFile
import Processes
import Store

extension Engine {
  /// Makes a candidate: finds the work, merges it in memory onto what it stands on, and plans its checks.
  func build(_ candidate: Train.Candidate, on target: String) throws {
    let key = CandidateKey(target: target, candidate: candidate.id)
    let base = candidate.base.map { CandidateKey(target: target, candidate: $0) }
    guard let request = open[candidate.member]?.request else {
      return tell(target, .unbuilt(candidate.id, .stale))
    }
    if let base, integrations[base]?.built == nil { return tell(target, .unbuilt(candidate.id, .stale)) }
    let tip = try base.flatMap { integrations[$0]?.built?.commit } ?? objects.tip(of: SluiceRef.branch(target))
    let id = IntegrationID(atMilliseconds: clock.milliseconds, using: &random)
    var running = RunningIntegration(
      request: request, base: base,
      record: Integration(id: id, submission: request.id, base: tip, startedAt: clock.seconds))
    failpoint("merge.before")
    do {
      let built = try built(request, id, on: base, tip: tip, since: clock.monotonic)
      if base == nil { tell(target, .configured(Train.Settings(built.policy.policy.queue))) }
      running.built = built
      running.record.candidate = built.commit
      running.record.state = .checking
      integrations[key] = running
      let found = try found(built, key)
      integrations[key]?.built?.known = Set(
        built.checks.lazy.filter { found.known[$0.judgedKey] != nil }.map(\.key))
      tell(target, .built(candidate.id, found))
    } catch let quarantine as Quarantine {
      try isolate(running, quarantine)
      tell(target, .quarantined(request.id))
      tell(target, .unbuilt(candidate.id, .stale))
    } catch let refusal as Refusal {
      running.refusal = refusal
      integrations[key] = running
      tell(target, .unbuilt(candidate.id, .refused))
    } catch let awaited as AwaitedResolution {
      try wait(running, candidate, target, for: awaited)
    } catch let awaited as AwaitedReview {
      park(request, candidate.id, on: target, for: awaited.requested)
    } catch let error as LedgerError {
      throw error
    } catch {
      if let refusal = afterBreakdown(of: request, error) {
        running.refusal = refusal
        integrations[key] = running
        tell(target, .unbuilt(candidate.id, .refused))
      } else {
        tell(target, .unbuilt(candidate.id, .stale))
      }
    }
  }

  /// What the train needs to know of a candidate.
  private func found(_ built: BuiltCandidate, _ key: CandidateKey) throws -> Train.Built {
    guard let running = integrations[key] else { preconditionFailure("a candidate is told after it is kept") }
    var known: [CheckKey: Train.CheckOutcome] = [:]
    for planned in built.checks {
      if planned.isComparison, planned.base?.key == planned.key {
        verdicts[planned.verdictKey] = SeenVerdict(result: .unchanged(planned))
        known[planned.judgedKey] = .passed
        continue
      }
      guard let seen = try knownVerdict(planned.verdictKey, isRetry: running.request.options.isRetry) else { continue }
      // Where nobody knows the base, the check runs once more beside it.
      if seen.result.isComparable, try measuresBase(of: planned) { continue }
      verdicts[planned.verdictKey] = seen
      known[planned.judgedKey] = try judge(planned, seen.result, built.excuses).holds ? .passed : .failed
    }
    var relies: Set<SubmissionID> = []
    for ahead in path(to: key).dropLast() {
      guard let other = integrations[ahead], let touched = other.built?.touched else { continue }
      if !touched.isDisjoint(with: built.touched) { relies.insert(other.request.id) }
    }
    // The cheap ones first: where workers are short, an answer that can be had soon is had soon.
    let order = built.checks.enumerated().sorted { left, right in
      let stages = (left.element.check.stage, right.element.check.stage)
      guard stages.0 == stages.1 else { return stages.0 < stages.1 }
      let seconds = [left, right].map { prediction.seconds(of: $0.element.check.name) ?? 0 }
      return seconds[0] == seconds[1] ? left.offset < right.offset : seconds[0] < seconds[1]
    }
    return Train.Built(
      keys: order.map(\.element.judgedKey), after: prerequisites(built), known: known,
      comparisons: Set(built.checks.lazy.filter(\.isComparison).map(\.judgedKey)), relies: relies,
      changesPolicy: try changesPolicy(built))
  }

  /// The checks that wait for others, by their keys.
  private func prerequisites(_ built: BuiltCandidate) -> [CheckKey: [CheckKey]] {
    var after: [CheckKey: [CheckKey]] = [:]
    for planned in built.checks {
      let names = Set(built.policy.policy.prerequisites(of: planned.check))
      guard !names.isEmpty else { continue }
      after[planned.judgedKey] = built.checks.filter { names.contains($0.check.name) }.map(\.judgedKey)
    }
    return after
  }

  /// Whether what stands on a candidate is judged otherwise than the candidate itself.
  private func changesPolicy(_ built: BuiltCandidate) throws -> Bool {
    guard settings.policyFile == nil else { return false }
    return try objects.entry(at: PolicySource.path, in: built.tree)?.id != built.policy.id
  }

  /// The candidates from the target's tip to this one.
  func path(to key: CandidateKey) -> [CandidateKey] {
    var path: [CandidateKey] = []
    var next: CandidateKey? = key
    while let current = next, let running = integrations[current] {
      path.append(current)
      next = running.base
    }
    return path.reversed()
  }

  func request(of key: CandidateKey) -> SubmissionRequest {
    guard let request = integrations[key]?.request else { preconditionFailure("only what is kept is asked for") }
    return request
  }

  /// Decides, for the whole engine, whether what broke without anybody's fault is tried again: twice, then it is told.
  func afterBreakdown(of request: SubmissionRequest, _ error: any Error) -> Refusal? {
    breakdowns[request.id, default: 0] += 1
    log("\(request.id.text): \(error)")
    guard breakdowns[request.id, default: 0] > 2 else { return nil }
    breakdowns[request.id] = nil
    return Refusal(
      .infrastructure, "the integration broke three times: \(Printable.line("\(error)", max: 300))",
      hint: "push it again")
  }

  /// Says that an integration runs, how its merge went, and what is known of its checks already; pins the candidate.
  func tellBeginning(_ key: CandidateKey, testedWith others: Int) throws {
    guard let running = integrations[key], !running.isTold, var submission = open[running.request.id] else { return }
    let request = running.request
    integrations[key]?.isTold = true
    submission.state = .integrating
    submission.integration = running.record.id
    if let built = running.built { submission.shape = submission.shape ?? built.shape }
    open[request.id] = submission
    record([
      .submission(submission), .integration(running.record),
      event(.integrationStarted(request, integration: running.record.id, base: running.record.base), of: request.id),
    ])
    if let merge = running.built?.merge {
      record([event(.merged(request, outcome: merge.outcome, milliseconds: merge.milliseconds), of: request.id)])
    } else if running.refusal?.category == .mergeConflicts {
      let outcome = running.refusal?.plan == nil ? "takes back what landed" : "conflict"
      record([event(.merged(request, outcome: outcome, milliseconds: 0), of: request.id)])
    }
    guard let built = running.built else { return }
    if others > 0 { record([event(.testedTogether(request, others: others), of: request.id)]) }
    for judgement in try judgements(of: built) {
      record([event(.checkFinished(request, judgement), of: request.id)])
    }
    pins.append(.create(SluiceRef.candidate(running.record.id), built.commit))
  }

  private func built(
    _ request: SubmissionRequest, _ id: IntegrationID, on base: CandidateKey?, tip: ObjectID?, since started: Double
  ) throws -> BuiltCandidate {
    let work = try finder.work(of: request, tip: tip)
    let policy = try judgingPolicy(in: tip ?? work.stripped)
    try vet(request, work, policy.policy, on: tip)
    let making = CandidateCommit(
      request: request, integration: id, work: work, merge: policy.policy.merge,
      resolve: ResolutionRules(
        rules: policy.policy.resolve, commands: { [unowned self] in try answer(to: $0, policy: policy.policy) },
        recorded: { [unowned self] in try recordedHunks.settled($0) }))
    let made: MadeCandidate
    if let tip {
      try refuseTakingBack(work, of: request, on: tip)
      made = try candidate(making, on: tip)
    } else {
      made = try firstCandidate(making)
    }
    failpoint("merge.after_commit")
    let tree = try objects.commit(made.commit).tree
    let baseTree = try tip.map { try objects.commit($0).tree }
    if let baseTree, baseTree == tree {
      throw Refusal(
        .invalidPackage, "nothing is left to land: \(request.target) contains this change already",
        hint: "git fetch && git diff origin/\(request.target)")
    }
    let changes = try difference(from: baseTree, to: tree)
    let requested = RequestedReviews(policy.policy, changes: changes)
    try demandApproval(of: request, requested)
    let environment = CheckEnvironment(policy: policy.policy, settings: settings)
    let ahead = base.map { path(to: $0) } ?? []
    let target = ahead.first.flatMap { integrations[$0] }?.record.base ?? tip
    var excuses = Excuses(tests: DeclaredTests(work.package), findings: accepted[request.id] ?? [])
    for other in ahead.compactMap({ integrations[$0]?.built }) { excuses.formUnion(other.excuses) }
    let checks = try planned(
      policy.policy, tree, on: target.map { try objects.commit($0).tree }, environment, excuses)
    let touched = checks.filter { planned in
      baseTree.map { checkKeys.key(planned.check, tree: $0, environment: environment) } != planned.key
    }
    return BuiltCandidate(
      commit: made.commit, tree: tree, base: tip, work: work, policy: policy,
      merge: MergeReport(outcome: made.outcome, milliseconds: (clock.monotonic - started) * 1_000),
      isFastForward: made.isFastForward, checks: checks,
      setup: checkKeys.setup(environment, tree: tree),
      shape: changes.map { ChangeShape($0) }, touched: Set(touched.map(\.check.name)), excuses: excuses,
      resolutions: made.resolutions, reviews: requested.reviews)
  }

  /// The policy's checks with their keys, on a tree and on the target's tip.
  private func planned(
    _ policy: Policy, _ tree: ObjectID, on tip: ObjectID?, _ environment: CheckEnvironment, _ excuses: Excuses
  ) throws -> [PlannedCheck] {
    let base = tip.map { BaseTree(tree: $0, setup: checkKeys.setup(environment, tree: $0)) }
    return policy.checks.map {
      checkKeys.planned($0, tree: tree, environment: environment, base: base, excuses: excuses)
    }
  }

  /// The paths in which two trees differ; nil where they are too many to be looked at.
  func difference(from base: ObjectID?, to tree: ObjectID) throws -> [TreeChange]? {
    try objects.difference(from: base, to: tree)
  }

  /// The policy in the base commit, or the administrator's file; the first commit of a target brings its own.
  func judgingPolicy(in commit: ObjectID) throws -> JudgingPolicy {
    let bytes: [UInt8]
    let source: String
    if let file = settings.policyFile {
      source = file
      bytes = try Self.readPolicyFile(file)
    } else {
      source = PolicySource.path.description
      let tree = try objects.commit(commit).tree
      guard let entry = try objects.entry(at: PolicySource.path, in: tree) else {
        throw Refusal(.notRun, "there is no policy: \(source) is missing, so there is nothing to prove")
      }
      if let known = lastPolicy, known.id == entry.id, known.source == source { return known }
      bytes = try objects.blob(entry.id, sizeMax: PolicySource.bytesMax)
    }
    do {
      let policy = JudgingPolicy(
        policy: try PolicyFile.read(bytes, name: source), id: try Repository.contentDigest(of: bytes), source: source)
      lastPolicy = policy
      return policy
    } catch let error as PolicyError {
      throw Refusal(.notRun, "the policy does not read: \(error)")
    }
  }

  private static func readPolicyFile(_ path: String) throws -> [UInt8] {
    do {
      let file = try Descriptor(opening: path, O_RDONLY)
      if let bytes = try file.readAll(max: PolicySource.bytesMax) { return bytes }
      throw Refusal(.notRun, "the policy file \(path) (sluice.policy) is larger than \(PolicySource.bytesMax) bytes")
    } catch let error as SystemError {
      throw Refusal(.notRun, "the policy file (sluice.policy) does not read: \(error)")
    }
  }
}

extension Train.Settings {
  init(_ queue: Policy.Queue) {
    self.init()
    workers = queue.workers
    window = queue.window
    batch = queue.batch
    perAgent = queue.perAgent
  }
}
