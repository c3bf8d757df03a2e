import Domain
import Git
import GitProgram
import Processes
import Store

/// Landings that turn out bad are taken back through the same gate as everything else.
extension Engine {
  /// Landings after a bad one that are looked through for work that may stand on it.
  private static let dependentsLookedAt = 200

  /// Enters a submission that takes a landing back, before everything else.
  ///
  /// The revert is the landing's own difference turned round, standing on the landed commit: the merge onto the target, its
  /// conflict plan, its checks and its certificate are those of any submission.
  /// - Parameters:
  ///   - id: the submission's id; a record of it may be in the inbox as `entry`.
  ///   - entry: what the inbox holds under that id; nil where the engine decides by itself.
  func rollBack(_ landing: IntegrationID, as id: SubmissionID, entry: ObjectID?, by identity: String, reason: String)
    throws
  {
    guard let bad = try landedIntegration(landing), let inverse = try inverse(of: bad, reason: reason) else {
      log("\(landing.text) cannot be taken back: it has not landed here")
      if let entry { unpins.append(.delete(SluiceRef.inbox(id), expecting: entry)) }
      return
    }
    let name = SubmissionName.rollback(of: landing)
    let lineage = SluiceRef.lineage(target: bad.request.target, name: name)
    guard try objects.tip(of: lineage) == nil else {
      log("\(landing.text) is being taken back already")
      if let entry { unpins.append(.delete(SluiceRef.inbox(id), expecting: entry)) }
      return
    }
    var options = SubmissionOptions(priority: .urgent, isRetry: true)
    options.rollsBack = landing
    let request = SubmissionRequest(
      id: id, name: name, target: bad.request.target, pushed: inverse, embedding: .tag, taskID: name,
      agentID: Self.rollbackAgent, identity: identity, options: options, acceptedAt: clock.seconds, supersedes: nil)
    let record = try git.writeRecord(.submission(request), about: inverse, .tag, at: clock.seconds)
    let inbox = SluiceRef.inbox(id)
    let entered = entry.map { RefUpdate.move(inbox, from: $0, to: record) } ?? .create(inbox, record)
    failpoint("rollback.before_entry")
    if case .lost(let words) = try refs.commit([entered, .create(lineage, record)]) {
      return log("\(landing.text) is not taken back: \(words)")
    }
    failpoint("rollback.after_entry")
    try repositoryFolder.syncFileSystem()
    try enter(request, takingBack: bad)
  }

  /// Enters the submission that takes a landing back, before everything else; what it is for is told once.
  func enter(_ request: SubmissionRequest, takingBack bad: LandedIntegration) throws {
    let isNew = try ledger.submission(request.id) == nil
    try enter(request)
    guard isNew, var submission = open[request.id] else { return }
    submission.isPromoted = true
    open[request.id] = submission
    self.record([
      .submission(submission),
      event(
        .rollbackStarted(
          request, of: bad.integration, landed: bad.commit, reason: try reason(of: request),
          dependents: try dependents(on: bad)),
        of: request.id),
    ])
    tell(request.target, .promoted(request.id))
  }

  /// Why a landing is taken back, as the commit that does so says.
  private func reason(of request: SubmissionRequest) throws -> String {
    let message = String(decoding: try objects.commit(objects.tag(request.pushed).target).message, as: UTF8.self)
    let words = message.split(separator: "\n", maxSplits: 3, omittingEmptySubsequences: false)
    guard words.count == 4 else { return message }
    return words[3].hasSuffix("\n") ? String(words[3].dropLast()) : String(words[3])
  }

  /// Lets only urgent work through where a bad landing could not be taken back, if the policy says so.
  func freeze(afterFailureOf request: SubmissionRequest) {
    do {
      guard let tip = try objects.tip(of: SluiceRef.branch(request.target)),
        try judgingPolicy(in: tip).policy.rollback.freezes, gates[request.target, default: .open] == .open
      else { return }
    } catch { return log("\(request.target) is not frozen: \(error)") }
    record([
      .gate(target: request.target, .urgentOnly), event(.frozen(request), of: request.id),
    ])
    setGate(request.target, .urgentOnly)
  }

  static let rollbackAgent = "sluice-rollback"

  /// A landing as it stands in the ledger.
  struct LandedIntegration {
    let request: SubmissionRequest
    let integration: IntegrationID
    let base: ObjectID?
    let commit: ObjectID
    /// The checks' results that it landed with, by their keys.
    let checks: [CheckResult]
    /// Seconds since 1970.
    let landedAt: Int64
    var isRollback: Bool { SubmissionName.isRollback(request.name) }
  }

  func landedIntegration(_ id: IntegrationID) throws -> LandedIntegration? {
    guard let integration = try ledger.integration(id), integration.state == .landed,
      let submission = try ledger.submission(integration.submission), let commit = submission.landedCommit,
      let certificate = integration.certificate
    else { return nil }
    let base = try JSONValue.parse(Array(certificate.utf8))["base_commit"]?.string.flatMap { ObjectID(hex: $0) }
    return LandedIntegration(
      request: submission.request, integration: id, base: base, commit: commit, checks: integration.checks,
      landedAt: integration.endedAt ?? clock.seconds)
  }

  /// The tag that holds the package of a revert, and points at it; nil where there is nothing to take back.
  private func inverse(of bad: LandedIntegration, reason: String) throws -> ObjectID? {
    let now = try objects.commit(bad.commit)
    let before = try bad.base.map { try objects.commit($0).tree } ?? .emptyTree
    guard before != now.tree, let changes = try difference(from: now.tree, to: before) else { return nil }
    let author = Signature(name: settings.committerName, email: settings.committerEmail, time: clock.seconds)
    let subject = "Revert \"\(Printable.line(now.subject, max: 200))\""
    // The reason begins on the fourth line, where it is found again after a crash.
    let words = "\(subject)\n\nThis takes back \(bad.integration.text), commit \(bad.commit.hex):\n\(reason)\n"
    let commit = try objects.write(
      Commit(tree: before, parents: [bad.commit], author: author, committer: author, message: Array(words.utf8)))
    let package = try package(of: changes, taking: bad, subject: subject, reason: reason)
    let tag = """
      object \(commit.hex)
      type commit
      tag \(SubmissionName.rollback(of: bad.integration))
      tagger \(settings.committerName) <\(settings.committerEmail)> \(clock.seconds) +0000

      \(package.compact)

      """
    return try objects.write(Array(tag.utf8), as: .tag)
  }

  private func package(
    of changes: [TreeChange], taking bad: LandedIntegration, subject: String, reason: String
  ) throws -> JSONValue {
    func paths(_ belongs: (TreeChange) -> Bool) -> JSONValue {
      .array(changes.filter(belongs).map { .string($0.path.description) })
    }
    return [
      "metadata": [
        "agent_id": .string(Self.rollbackAgent), "task_id": .string(SubmissionName.rollback(of: bad.integration)),
        "timestamp": .string(Timestamp.rfc3339(clock.seconds)), "submission_version": "1.0.0",
      ],
      "status": "success",
      "changes": [
        "files_modified": paths { $0.old != nil && $0.new != nil }, "files_added": paths { $0.old == nil },
        "files_deleted": paths { $0.new == nil },
      ],
      "validation_results": ["tests_passed": true, "test_count": 0, "test_failures": 0],
      "documentation": [
        "feature_description": .string("\(subject): \(Printable.line(reason, max: 300))"),
        "reverts": [.string(bad.integration.text)],
        "tests_removed": .array(try testsBrought(by: bad).map(JSONValue.string)),
      ],
    ]
  }

  /// The tests that came with a landing, and go with it: those it was tested with and its base does not have.
  private func testsBrought(by bad: LandedIntegration) throws -> [String] {
    guard let base = bad.base else { return [] }
    let policy = try judgingPolicy(in: base).policy
    let environment = CheckEnvironment(policy: policy, settings: settings)
    let before = try objects.commit(base).tree
    var brought: [String] = []
    for result in bad.checks {
      guard let check = policy.checks.first(where: { $0.name == result.name }), check.results.tellsTests,
        let now = try ledger.testCases(result.key),
        let then = try ledger.testCases(checkKeys.key(check, tree: before, environment: environment))
      else { continue }
      brought += Set(now.map(\.name)).subtracting(then.map(\.name)).sorted()
    }
    return brought
  }

  /// Work that landed after a landing and touches the same files, newest first.
  private func dependents(on bad: LandedIntegration) throws -> [IntegrationFeedback.Landed] {
    guard let tip = try objects.tip(of: SluiceRef.branch(bad.request.target)) else { return [] }
    let before = try bad.base.map { try objects.commit($0).tree }
    guard let changes = try difference(from: before, to: objects.commit(bad.commit).tree) else { return [] }
    let steps = try landed.steps(from: tip, limit: Self.dependentsLookedAt) { $0 != bad.commit }
    return steps.compactMap { step in
      let shared = changes.map(\.path).filter { step.changes[$0] != nil }.map(\.description).sorted()
      return shared.isEmpty ? nil : IntegrationFeedback.Landed(step.work, paths: shared)
    }
  }
}
