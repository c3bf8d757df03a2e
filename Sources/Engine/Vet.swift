import Domain
import Git

extension Engine {
  /// Commits of one submission whose differences are scanned each by itself.
  private static let commitsScanned = 1_000
  /// Bytes of one file that are looked at: admission lets larger ones in where the administrator does.
  private static let bytesScanned = 64 << 20

  /// What the built-in scan finds in the difference a submission brings, looked at once.
  ///
  /// - Throws: why it goes into quarantine, where a finding is as severe as the policy says.
  func vet(_ request: SubmissionRequest, _ work: Work, _ policy: Policy, on tip: ObjectID?) throws {
    let findings: [Finding]
    if let known = scans[request.id] {
      findings = known
    } else {
      findings = try scan(work, policy, on: tip)
      scans[request.id] = findings
    }
    try demandHarmless(findings, of: request, policy)
  }

  /// Why a submission goes into quarantine by what its checks have found; nil where it does not.
  func quarantine(for running: RunningIntegration) throws -> Quarantine? {
    guard let built = running.built else { return nil }
    do {
      let found = try judgements(of: built).filter { !$0.holds }.compactMap(\.newFindings).joined()
      try demandHarmless(Array(found), of: running.request, built.policy.policy)
      return nil
    } catch let quarantine as Quarantine { return quarantine }
  }

  private func demandHarmless(_ findings: [Finding], of request: SubmissionRequest, _ policy: Policy) throws {
    let accepted = accepted[request.id] ?? []
    let severe = findings.filter { $0.severity >= policy.security.level && !accepted.contains($0.fingerprint) }
    if !severe.isEmpty { throw Quarantine(request: request, findings: severe) }
  }

  /// Why a submission leaves at once.
  struct Quarantine: Error {
    let request: SubmissionRequest
    let findings: [Finding]
    private static let findingsShown = 20

    var refusal: Refusal {
      let count = "\(findings.count) finding\(findings.count == 1 ? "" : "s")"
      let rest = findings.count - Self.findingsShown
      return Refusal(
        .securityIssue,
        "\(count) of the security scan (\(findings.severities)): the submission is in quarantine, and nothing of it is shown",
        details: findings.prefix(Self.findingsShown).map(\.words) + (rest > 0 ? ["… and \(rest) more"] : []),
        hint:
          "take it out of every commit, replace a secret that was pushed, and push to refs/heads/submit/\(request.name) again; a false alarm is released by an administrator ('sluice quarantine release \(request.id.text)' on the server)"
      )
    }
  }

  /// Looks at what comes to stand in the history: the sum of a squash, else every commit by itself.
  private func scan(_ work: Work, _ policy: Policy, on tip: ObjectID?) throws -> [Finding] {
    let start = try tip.flatMap { try objects.mergeBases($0, work.stripped).first }
    let before = try start.map { try objects.commit($0).tree } ?? .emptyTree
    var files = try changedFiles(from: before, to: objects.commit(work.stripped).tree)
    if policy.merge != .squash {
      for id in try objects.commits(from: work.commit, notIn: tip, countMax: Self.commitsScanned) {
        let commit = try objects.commit(id)
        guard commit.parents.count < 2 else { continue }
        let parent = try commit.parents.first.map { try objects.commit($0).tree } ?? .emptyTree
        files += try changedFiles(from: parent, to: commit.tree)
      }
    }
    let allowance = SecretAllowance(policy.security.allow)
    let findings =
      SecretScan(allowing: allowance).findings(in: files.map(\.added))
      + DangerousShapes.findings(in: files).filter { !allowance.covers($0) }
    var seen: Set<String> = []
    return findings.filter { seen.insert($0.fingerprint).inserted }
  }

  private func changedFiles(from old: ObjectID, to new: ObjectID) throws -> [ChangedFile] {
    let changes = try objects.changes(from: old, to: new, countMax: Self.changesScanned)
    // What was moved is not new.
    let moved = Set(changes.filter { $0.new == nil }.compactMap { $0.old?.id })
    return try changes.compactMap { change in
      guard let side = change.new, change.path != PackageEmbedding.path else { return nil }
      if change.old == nil, moved.contains(side.id) { return nil }
      guard side.mode != .submodule else {
        return ChangedFile(
          path: change.path, oldMode: change.old?.mode, newMode: side.mode, content: [],
          added: AddedLines(path: change.path, runs: []))
      }
      let content = try objects.blob(side.id, sizeMax: Self.bytesScanned)
      var added = AddedLines(path: change.path, whole: content)
      if let before = change.old, before.mode != .submodule {
        let text = try objects.blob(before.id, sizeMax: Self.bytesScanned)
        if let runs = AddedText.runs(from: text, to: content) { added = AddedLines(path: change.path, runs: runs) }
      }
      return ChangedFile(
        path: change.path, oldMode: change.old?.mode, newMode: side.mode, content: content[...], added: added)
    }
  }

  private static let changesScanned = 1_000_000
}
