import Domain
import Git
import GitProgram
import Glibc
import PolicyFile
import Processes
import Store

extension Engine {
  /// Makes a candidate on the target's tip: finds the work, merges it in memory, commits it, and pins the result.
  func build(_ candidate: Train.Candidate, on target: String) throws {
    guard let member = candidate.members.first, let request = requests[member] else { return }
    let key = CandidateKey(target: target, candidate: candidate.id)
    let tip = try objects.tip(of: SluiceRef.branch(target))
    let id = IntegrationID(atMilliseconds: clock.milliseconds, using: &random)
    var running = RunningIntegration(
      request: request, record: Integration(id: id, submission: member, base: tip, startedAt: clock.seconds))
    let outcome: Train.Outcome
    failpoint("merge.before")
    let started = clock.monotonic
    do {
      let built = try built(request, id, tip: tip, since: started)
      running.built = built
      running.record.candidate = built.commit
      running.record.state = .checking
      outcome = .held
    } catch let refusal as Refusal {
      running.record.state = .failed
      running.record.endedAt = clock.seconds
      running.record.report = report(of: running, refusal: refusal)
      outcome = .refused(refusal)
    } catch let error as LedgerError {
      throw error
    } catch {
      running.record.state = .abandoned
      running.record.endedAt = clock.seconds
      outcome = afterBreakdown(of: request, error)
    }
    running.unwritten = try beginning(running, outcome)
    integrations[key] = running
    tell(target, .built(candidate.id, outcome))
  }

  /// Decides, for the whole engine, whether what broke without anybody's fault is tried again: twice, then it is told.
  func afterBreakdown(of request: SubmissionRequest, _ error: any Error) -> Train.Outcome {
    breakdowns[request.id, default: 0] += 1
    log("\(request.id.text): \(error)")
    guard breakdowns[request.id, default: 0] > 2 else { return .stale }
    breakdowns[request.id] = nil
    return .refused(
      Refusal(
        .infrastructure, "the integration broke three times: \(Printable.line("\(error)", max: 300))",
        hint: "push it again"))
  }

  /// Pins the candidate, and says that an integration runs and how its merge went.
  private func beginning(_ running: RunningIntegration, _ outcome: Train.Outcome) throws -> [LedgerChange] {
    let request = running.request
    guard var submission = try ledger.submission(request.id) else { return [] }
    submission.state = .integrating
    submission.integration = running.record.id
    var changes: [LedgerChange] = [
      .submission(submission), .integration(running.record),
      event(.integrationStarted(request, integration: running.record.id, base: running.record.base), of: request.id),
    ]
    if let merge = running.built?.merge {
      changes.append(event(.merged(request, outcome: merge.outcome, milliseconds: merge.milliseconds), of: request.id))
    } else if case .refused(let refusal) = outcome, refusal.category == .mergeConflicts {
      changes.append(event(.merged(request, outcome: "conflict", milliseconds: 0), of: request.id))
    }
    if let built = running.built {
      _ = try refs.commit([.create(SluiceRef.candidate(running.record.id), built.commit)])
      failpoint("merge.after_pin")
    }
    return changes
  }

  private func built(
    _ request: SubmissionRequest, _ id: IntegrationID, tip: ObjectID?, since started: Double
  ) throws -> BuiltCandidate {
    let work = try finder.work(of: request, tip: tip)
    let policy = try judgingPolicy(base: tip, work: work)
    let making = CandidateCommit(request: request, integration: id, work: work, merge: policy.policy.merge)
    let made: (commit: ObjectID, isFastForward: Bool, outcome: String)
    if let tip {
      made = try candidate(making, on: tip)
    } else {
      made = try firstCandidate(making)
    }
    failpoint("merge.after_commit")
    let tree = try objects.commit(made.commit).tree
    if let tip, try objects.commit(tip).tree == tree {
      throw Refusal(
        .invalidPackage, "nothing is left to land: \(request.target) contains this change already",
        hint: "git fetch && git diff origin/\(request.target)")
    }
    return BuiltCandidate(
      commit: made.commit, tree: tree, base: tip, work: work, policy: policy,
      merge: MergeReport(outcome: made.outcome, milliseconds: (clock.monotonic - started) * 1_000),
      isFastForward: made.isFastForward)
  }

  /// The policy in the base commit, or the administrator's file; the first commit of a target brings its own.
  func judgingPolicy(base: ObjectID?, work: Work) throws -> JudgingPolicy {
    let bytes: [UInt8]
    let source: String
    if let file = settings.policyFile {
      source = file
      bytes = try Self.readPolicyFile(file)
    } else {
      source = PolicySource.path.description
      let tree = try objects.commit(base ?? work.stripped).tree
      guard let entry = try objects.entry(at: PolicySource.path, in: tree) else {
        throw Refusal(.notRun, "there is no policy: \(source) is missing, so there is nothing to prove")
      }
      bytes = try objects.blob(entry.id, sizeMax: PolicySource.bytesMax)
    }
    do {
      return JudgingPolicy(
        policy: try PolicyFile.read(bytes, name: source), id: try Repository.contentDigest(of: bytes), source: source)
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
