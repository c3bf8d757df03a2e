import Domain
import GitProgram

/// A submission that may be accepted: what the inbox has to know of it.
struct AdmittedWork: Sendable {
  let name: SubmissionName
  let pushed: ObjectInfo
  let embedding: Embedding
  let target: String
  let taskID: String
  let agentID: String
  /// What the pusher is warned of, a line each.
  let warnings: [String]
}

/// Judges one submission by what was pushed, the policy and the limits; both hooks judge the same.
struct Admission {
  let context: ReceiveContext
  let options: PushOptions
  let questions: ObjectQuestions

  /// How many objects one submission may make us read; a change within the limits needs far fewer.
  private static let objectsMax = 40_000

  init(context: ReceiveContext, options: PushOptions) {
    self.context = context
    self.options = options
    questions = ObjectQuestions(context.git, objectsMax: Self.objectsMax, refusesEmptyFolders: true)
  }

  /// The branch that the push is meant for.
  func target() throws(Refusal) -> String {
    let targets = context.targets
    guard let target = options.target ?? context.defaultTarget else {
      throw Refusal(.invalidPush, "the repository's HEAD names no branch", hint: "git push -o target=<branch> …")
    }
    guard targets.contains(target) else {
      throw Refusal(
        .invalidPush, "\(Printable.line(target, max: 100)) is no target of this repository",
        hint: "targets: \(targets.sorted().joined(separator: ", "))")
    }
    return target
  }

  /// Whether this pusher may use a name at all.
  func checkOwner(of name: SubmissionName) throws(Refusal) {
    guard context.settings.bindsOwner, !context.isAdministrator, name.owner != context.identity else { return }
    throw Refusal(
      .unauthorized, "submit/\(name) belongs to \(name.owner), you are \(context.identity)",
      hint: "git push <remote> HEAD:refs/heads/submit/\(context.identity)/<name>")
  }

  func admit(_ id: ObjectID, as name: SubmissionName) throws(Refusal) -> AdmittedWork {
    try checkOwner(of: name)
    let target = try target()
    guard let pushed = try answering({ try questions.info(id) }) else {
      throw Refusal(.invalidPush, "object \(id) was not pushed")
    }
    let tip = try answering { try questions.ref(SluiceRef.branch(target))?.id }
    let tipTree = try tip.map { tip throws(Refusal) in try answering { try questions.commit(tip).tree } }
    let lookup = PolicyLookup(context: context, questions: questions)
    let judge: ObjectID?
    if let tipTree { judge = tipTree } else { judge = try ownTree(of: pushed) }
    let policy = try lookup.policy(in: judge)
    let limits = limits(of: policy)
    let work = try PushedWork(pushed, limits: limits, in: questions)
    let rules = ChangeRules(limits: context.settings.limits, questions: questions)
    let difference = Difference(context: context, questions: questions, rules: rules, filesMax: limits.files)
    let admitted = try difference.admitted(work, tip: tip)
    if let change = admitted.changes.first(where: { $0.path == PolicySource.path }) { try lookup.check(change) }
    let collision = try CaseCollisions(questions: questions).warning(of: admitted.changes, to: admitted.base)
    return AdmittedWork(
      name: name, pushed: pushed, embedding: work.embedding, target: target, taskID: admitted.package.metadata.taskID,
      agentID: admitted.package.metadata.agentID, warnings: [work.reading.warning, collision].compactMap { $0 })
  }

  /// The policy's limits under the administrator's ceilings.
  private func limits(of policy: Policy) -> Policy.Limits {
    var limits = policy.limits
    let ceilings = context.settings.limits
    limits.files = min(limits.files, ceilings.files ?? .max)
    limits.package = min(limits.package, ceilings.package ?? .max)
    limits.diff = min(limits.diff, ceilings.diff ?? .max)
    return limits
  }

  /// The tree of the work itself, by which the first submission to a target that does not exist yet is judged.
  private func ownTree(of pushed: ObjectInfo) throws(Refusal) -> ObjectID? {
    try answering {
      switch pushed.kind {
      case .commit: try questions.commit(pushed.id).tree
      case .tag: try questions.commit(questions.tag(pushed.id).target).tree
      case .blob, .tree: nil
      }
    }
  }
}
