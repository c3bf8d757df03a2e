import Domain
import Git
import GitProgram
import Processes
import Store

/// Landings where main lives elsewhere: the upstream's moves first, by its exact old value, and the local one follows.
extension Engine {
  /// Seconds after which a busy target is looked at again, and for which an idle one needs no other look.
  private static let secondsBetweenLooks = 15.0
  private static let secondsFresh = 1.0
  /// Refusals of one landing by the upstream before it is told.
  private static let refusalsMax = 3

  /// Says whose integration may begin: what people say, once the target is where the upstream's is.
  func setGate(_ target: String, _ gate: Train.Gate) {
    gates[target] = gate
    tellGate(target)
  }

  private func tellGate(_ target: String) {
    let awaits = settings.upstream != nil && upstreams[target]?.isMet != true
    let gate = awaits ? .closed : gates[target, default: .open]
    if trains[target, default: Train()].gate != gate { tell(target, .gate(gate)) }
  }

  /// Has the upstream looked at before something new begins on an idle target.
  func awaitUpstream(for target: String) {
    guard settings.upstream != nil else { return }
    let isBusy = integrations.keys.contains { $0.target == target }
    let isFresh = clock.monotonic - (upstreams[target]?.metAt ?? -.infinity) < Self.secondsFresh
    if !isBusy, !isFresh { upstreams[target, default: UpstreamStanding()].lookAgain() }
    tellGate(target)
  }

  /// Tells a train that its target was moved by somebody else; what is on its way to the upstream is waited for.
  func tellMoved(_ target: String) {
    if upstreams[target]?.landing != nil { upstreams[target]?.isMoved = true } else { tell(target, .moved) }
  }

  /// Begins what is to be exchanged with the upstream, one exchange a target at a time.
  func deliver() throws {
    guard let upstream = settings.upstream else { return try deliverHere() }
    for target in Set(trains.keys).union(unsettledTargets) {
      tellGate(target)
      tellWaiting(target)
      let standing = upstreams[target, default: UpstreamStanding()]
      guard !standing.isRunning, clock.monotonic >= standing.retryAt, let job = try nextJob(target, standing) else {
        continue
      }
      upstreams[target, default: standing].isRunning = true
      if case .land = job.purpose { failpoint("deliver.before") }
      upstreamLane.run(job, on: upstream)
    }
  }

  private func nextJob(_ target: String, _ standing: UpstreamStanding) throws -> UpstreamJob? {
    if let landing = standing.landing, let last = landing.members.last?.certificate.facts {
      let move = UpstreamUpdate(
        SluiceRef.branch(target), lease: .exactly(landing.base), new: last.commit,
        in: SluiceRef.delivered(last.integration))
      let shown = landing.members.map {
        UpstreamUpdate(removing: SluiceRef.staging($0.certificate.facts.integration))
      }
      return UpstreamJob(
        target: target, purpose: .land(base: landing.base, tip: last.commit), updates: [move] + shown)
    }
    if let key = standing.staging, integrations[key] != nil {
      let shown = path(to: key).compactMap { integrations[$0] }.compactMap { running in
        running.built.map {
          UpstreamUpdate(
            SluiceRef.staging(running.record.id), lease: .any, new: $0.commit,
            in: SluiceRef.delivered(running.record.id))
        }
      }
      return UpstreamJob(target: target, purpose: .stage(key), updates: shown)
    }
    let isIdle = trains[target]?.isEmpty != false && !unsettledTargets.contains(target)
    if !isIdle, !standing.isMet { return UpstreamJob(target: target, purpose: .look) }
    if isUpstreamLittered, let clearing = try clearing(target) { return clearing }
    let isDue = clock.monotonic - standing.metAt > Self.secondsBetweenLooks
    return !isIdle && isDue ? UpstreamJob(target: target, purpose: .look) : nil
  }

  /// Removes from the upstream what was shown there and is gone here.
  private func clearing(_ target: String) throws -> UpstreamJob? {
    isUpstreamLittered = false
    let shown = Set(integrations.values.map(\.record.id)).union(unsettled.values.map(\.id))
    let gone = try objects.references(under: SluiceRef.deliveredSpace)
      .compactMap { IntegrationID(String($0.name.dropFirst(SluiceRef.deliveredSpace.count))) }
      .filter { !shown.contains($0) }.prefix(100)
    guard !gone.isEmpty else { return nil }
    return UpstreamJob(
      target: target, purpose: .clear(Array(gone)),
      updates: gone.map { UpstreamUpdate(removing: SluiceRef.staging($0)) })
  }

  /// Tells whoever waits why, once.
  private func tellWaiting(_ target: String) {
    guard let sentence = upstreams[target]?.sentence else { return }
    for (id, submission) in open where submission.request.target == target {
      guard upstreams[target]?.told.insert(id).inserted == true else { continue }
      let reason = "\(sentence): it waits and is tried again"
      record([event(.waitsForUpstream(submission.request, reason: reason), of: id)])
    }
  }

  /// Goes on here with what was meant for an upstream that is not named any more.
  private func deliverHere() throws {
    for (target, standing) in upstreams {
      upstreams[target] = nil
      tellGate(target)
      if let landing = standing.landing { landAgain(landing.key, "there is no upstream any more: integrating again") }
      if let key = standing.staging { try beginPipeline(key) }
    }
    for (id, integration) in unsettled {
      giveUp(integration)
      unsettled[id] = nil
    }
  }

  // MARK: What is to go there

  func stageAtUpstream(_ key: CandidateKey) {
    upstreams[key.target, default: UpstreamStanding()].staging = key
  }

  func landAtUpstream(_ key: CandidateKey, from base: ObjectID?, _ members: [Member]) {
    upstreams[key.target, default: UpstreamStanding()].landing = UpstreamLanding(
      key: key, members: members, base: base)
  }

  /// Whether a candidate may be at the upstream already.
  func isLandingAtUpstream(_ key: CandidateKey) -> Bool {
    upstreams[key.target]?.landing?.members.contains { $0.key == key } == true
  }

  // MARK: What it came to

  /// Takes in what an exchange came to.
  func delivered(_ job: UpstreamJob, _ result: Result<UpstreamAnswer, UpstreamFailure>) throws {
    upstreams[job.target, default: UpstreamStanding()].isRunning = false
    guard settings.upstream != nil else { return }
    switch result {
    case .failure(let failure): wait(job.target, failure.sentence)
    case .success(let answer):
      switch job.purpose {
      case .look: try meet(answer.tip, job.target)
      case .clear(let integrations): try cleared(integrations, answer)
      case .stage(let key): try staged(key, answer)
      case .land(let base, let tip):
        failpoint("deliver.after_push")
        guard let landing = upstreams[job.target]?.landing else { return }
        try landed(landing, from: base, to: tip, answer)
      }
    }
  }

  /// Notes why a target waits; the administrator's log hears it once.
  private func wait(_ target: String, _ sentence: String) {
    if upstreams[target]?.sentence != sentence { log("\(target): \(sentence)") }
    upstreams[target, default: UpstreamStanding()].waits(sentence, at: clock.monotonic)
    tellGate(target)
    tellWaiting(target)
  }

  private func staged(_ key: CandidateKey, _ answer: UpstreamAnswer) throws {
    isUpstreamLittered = true
    let refused = answer.refused.min { $0.key < $1.key }
    if let refused, integrations[key] != nil {
      upstreams[key.target]?.staging = nil
      integrations[key]?.refusal = refusal("the upstream refuses \(refused.key): \(refused.value)")
      tell(key.target, .staged(key.candidate, .refused))
    }
    // Where somebody has moved main meanwhile, the candidate is built again.
    guard try meet(answer.tip, key.target), refused == nil, upstreams[key.target]?.staging == key else { return }
    upstreams[key.target]?.staging = nil
    try beginPipeline(key)
  }

  private func landed(
    _ landing: UpstreamLanding, from base: ObjectID?, to tip: ObjectID, _ answer: UpstreamAnswer
  ) throws {
    let (key, target) = (landing.key, landing.key.target)
    isUpstreamLittered = true
    if let seen = answer.tip, try seen == tip || objects.isAncestor(tip, of: seen) {
      // It has landed, whoever looks and whatever happens here.
      guard try landHere(key, landing.members, isFact: true) else {
        return wait(target, "\(target) has landed at the upstream and cannot be moved here")
      }
      endLanding(target)
      try meet(seen, target)
    } else if answer.tip != base {
      endLanding(target)
      landAgain(key, "\(target) has moved at the upstream: integrating again")
      try meet(answer.tip, target)
    } else {
      let words = answer.refused[SluiceRef.branch(target)] ?? "it did not move"
      let sentence = "the upstream refuses \(target): \(words)"
      upstreams[target]?.landing?.refusals += 1
      guard landing.refusals + 1 >= Self.refusalsMax else { return wait(target, sentence) }
      endLanding(target)
      path(to: key).first.map { integrations[$0]?.refusal = refusal(sentence) }
      tell(target, .landed(key.candidate, .refused))
      try meet(answer.tip, target)
    }
  }

  private func refusal(_ sentence: String) -> Refusal {
    Refusal(
      .deploymentFailed, Printable.line(sentence, max: 400),
      hint: "an administrator of the upstream must let Sluice push there; then push again with -o retry")
  }

  private func endLanding(_ target: String) {
    let isMoved = upstreams[target]?.isMoved == true
    upstreams[target]?.landing = nil
    upstreams[target]?.isMoved = false
    upstreams[target]?.answered()
    if isMoved { tell(target, .moved) }
  }

  /// Forgets candidates that the upstream does not show any more.
  private func cleared(_ integrations: [IntegrationID], _ answer: UpstreamAnswer) throws {
    for integration in integrations where answer.refused[SluiceRef.staging(integration)] == nil {
      let ref = SluiceRef.delivered(integration)
      if let tip = try objects.tip(of: ref) { unpins.append(.delete(ref, expecting: tip)) }
    }
  }

  private var unsettledTargets: Set<String> { Set(unsettled.keys.compactMap { open[$0]?.request.target }) }

  /// Brings a target to where the upstream's stands, with the landings of an engine before this one that came there.
  ///
  /// - Returns: whether the target stood there already.
  @discardableResult
  func meet(_ seen: ObjectID?, _ target: String) throws -> Bool {
    try settleLandings(of: target, by: seen)
    let here = try objects.tip(of: SluiceRef.branch(target))
    let isSame = here == seen
    if !isSame {
      guard let seen else { return unlike(target, "has no \(target)", "push it there once") }
      if let here, try !objects.isAncestor(here, of: seen) {
        let isBehind = try objects.isAncestor(seen, of: here)
        return unlike(
          target, "\(isBehind ? "stands before" : "has left") \(here.short): its \(target) is at \(seen.short)",
          "Sluice rewinds neither")
      }
      guard try follow(seen, from: here, target) else { return unlike(target, "has moved", "the ref here is busy") }
      tellMoved(target)
    }
    upstreams[target, default: UpstreamStanding()].met(at: clock.monotonic)
    tellGate(target)
    return isSame
  }

  private func unlike(_ target: String, _ what: String, _ advice: String) -> Bool {
    wait(target, "the upstream \(settings.upstream?.url ?? "") \(what) (\(advice))")
    return false
  }
}
