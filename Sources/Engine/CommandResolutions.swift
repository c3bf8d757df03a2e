import Checks
import Domain
import Git

/// A file that a command of the policy is to write anew, since both sides changed it.
struct ResolutionRequest: Hashable, Sendable {
  /// The merged tree, the target's side in the place of such files.
  let tree: ObjectID
  let path: TreePath
  let command: String
  /// The commit that is rebased; nil where work is merged as a whole.
  let commit: ObjectID?
}

/// What became of such a file.
enum ResolutionAnswer {
  case written(ObjectID)
  case failed(reason: String)
}

/// Who knows what a command makes of a conflict.
typealias ResolutionCommands = (ResolutionRequest) throws -> ResolutionAnswer

/// Thrown by a merge that needs what a command has not written yet.
struct AwaitedResolution: Error {
  let request: ResolutionRequest
  let policy: Policy
}

/// One command to run.
struct ResolutionJob: Sendable {
  let request: ResolutionRequest
  let place: CheckPlace
  let stop: StopFlag
}

/// What commands have written, and the candidates that wait for others.
struct CommandResolutions {
  struct Waiting {
    let candidate: Train.Candidate
    let target: String
  }

  fileprivate var answers: [ResolutionRequest: ResolutionAnswer] = [:]
  fileprivate var waiting: [ResolutionRequest: [Waiting]] = [:]
  fileprivate static let answersMax = 1_000

  /// What the resolutions that were made before say, and nothing else.
  static func known(_ resolutions: [AppliedResolution]) -> ResolutionCommands {
    { request in
      let known = resolutions.first {
        $0.path == request.path && $0.method == .command(request.command) && $0.commit == request.commit
      }
      return known.map { .written($0.content) } ?? .failed(reason: "is not among what was settled")
    }
  }
}

extension Engine {
  /// What a command made of a conflict; throws where it has still to run.
  func answer(to request: ResolutionRequest, policy: Policy) throws -> ResolutionAnswer {
    guard let known = commandResolutions.answers[request] else {
      throw AwaitedResolution(request: request, policy: policy)
    }
    return known
  }

  /// Runs the command that a candidate waits for, where it does not run already; the candidate is built when it has ended.
  ///
  /// The order of landings on this target is planned on when it is there: nothing behind can be built without it.
  func wait(
    _ running: RunningIntegration, _ candidate: Train.Candidate, _ target: String, for awaited: AwaitedResolution
  ) throws {
    let key = CandidateKey(target: target, candidate: candidate.id)
    // It stands there so that abandoning it is noticed.
    integrations[key] = running
    let request = awaited.request
    let runs = commandResolutions.waiting[request] != nil
    commandResolutions.waiting[request, default: []].append(.init(candidate: candidate, target: target))
    guard !runs else { return }
    let words = "\(request.path): both sides changed it: running `\(Printable.line(request.command, max: 80))`"
    record([event(.requeued(running.request, reason: words), of: running.request.id)])
    let environment = CheckEnvironment(policy: awaited.policy, settings: settings)
    try lane.use(settings)
    lane.run(
      ResolutionJob(
        request: request,
        place: CheckPlace(
          integration: running.record.id, tree: request.tree,
          setup: checkKeys.setup(environment, tree: request.tree), sandbox: awaited.policy.sandbox),
        stop: running.stop))
  }

  /// Takes in what a command came to, and goes on with those that wait for it.
  func resolved(_ request: ResolutionRequest, _ rewriting: Rewriting) throws {
    let answer: ResolutionAnswer? =
      switch rewriting {
      case .written(let bytes): .written(try objects.write(bytes, as: .blob))
      case .unchanged:
        try objects.entry(at: request.path, in: request.tree).map { .written($0.id) }
          ?? .failed(reason: "wrote no such file")
      case .failed(let reason): .failed(reason: reason)
      case .stopped: nil
      }
    if commandResolutions.answers.count >= CommandResolutions.answersMax { commandResolutions.answers = [:] }
    commandResolutions.answers[request] = answer
    lane.release(request.tree)
    for waiting in commandResolutions.waiting.removeValue(forKey: request) ?? [] {
      let key = CandidateKey(target: waiting.target, candidate: waiting.candidate.id)
      if integrations.removeValue(forKey: key) == nil {
        tell(waiting.target, .unbuilt(waiting.candidate.id, .stale))
      } else {
        try build(waiting.candidate, on: waiting.target)
      }
    }
    // What failed may succeed at the next push.
    if case .failed = answer { commandResolutions.answers[request] = nil }
  }
}
