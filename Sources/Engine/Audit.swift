package import Domain
import Git
package import GitProgram
import PolicyFile

/// What an audit found: how many landings hold, and the first that does not.
package struct AuditReport: Hashable, Sendable {
  package struct Finding: Hashable, Sendable {
    package let commit: ObjectID
    package let reason: String
  }

  package let target: String
  package let tip: ObjectID?
  package internal(set) var landings = 0
  /// Commits that an administrator adopted.
  package internal(set) var adopted = 0
  /// The oldest commit that does not hold.
  package internal(set) var finding: Finding?
}

/// Proves every landing of a target again from the objects alone: certificates, trees, patches, policies and merges.
package struct Audit {
  let objects: Repository
  private let git: GitProgram
  private let repository: String

  package init(repository: String, git: GitProgram) throws {
    objects = try Repository(path: repository)
    self.git = git
    self.repository = repository
  }

  /// Walks the target's first-parent line from its tip to where Sluice was installed.
  package func run(target: String, start: ObjectID?) throws -> AuditReport {
    let tip = try objects.tip(of: SluiceRef.branch(target))
    var report = AuditReport(target: target, tip: tip)
    let notes = try objects.tip(of: SluiceRef.notes)
    var line: [ObjectID] = []
    var next = tip
    while let commit = next, commit != start {
      line.append(commit)
      next = try objects.commit(commit).parents.first
    }
    if let start, next == nil, tip != nil {
      report.finding = .init(
        commit: start, reason: "the commit at which Sluice was installed is not in the history of \(target) any more")
      return report
    }
    var proven: Set<ObjectID> = []
    for commit in line.reversed() {
      // What a fast-forward brought is proven by the certificate of its tip.
      if proven.contains(commit) { continue }
      if try notes.flatMap({ try note(on: commit, in: $0) }) == nil, let cover = try cover(of: commit, line, notes) {
        proven.formUnion(cover)
        continue
      }
      if let reason = try flaw(in: commit, on: line, notes: notes, target: target, report: &report) {
        report.finding = .init(commit: commit, reason: reason)
        return report
      }
    }
    return report
  }

  /// The commits between a certificate's base and its landed commit, where `commit` is one of them.
  private func cover(of commit: ObjectID, _ line: [ObjectID], _ notes: ObjectID?) throws -> [ObjectID]? {
    guard let notes, let position = line.firstIndex(of: commit) else { return nil }
    for index in stride(from: position - 1, through: 0, by: -1) {
      guard let text = try note(on: line[index], in: notes) else { continue }
      let json: JSONValue
      do { json = try JSONValue.parse(text) } catch { return nil }
      let base = json["base_commit"]?.string.flatMap { ObjectID(hex: $0) }
      let end = base.map { line.firstIndex(of: $0) ?? line.endIndex } ?? line.endIndex
      return position < end ? Array(line[(index + 1)..<end]) : nil
    }
    return nil
  }

  /// Why a commit's certificate does not hold; nil where it does.
  private func flaw(
    in id: ObjectID, on line: [ObjectID], notes: ObjectID?, target: String, report: inout AuditReport
  ) throws -> String? {
    guard let notes, let text = try note(on: id, in: notes) else {
      return "it has no certificate: it was not landed by Sluice; 'sluice adopt' enters a move that was meant"
    }
    let json: JSONValue
    do { json = try JSONValue.parse(text) } catch { return "its certificate does not read: \(error)" }
    if json["adopted_by"]?.string != nil {
      report.adopted += 1
      return json["commit"]?.string == id.hex ? nil : "its adoption names another commit"
    }
    let commit = try objects.commit(id)
    func hex(_ name: String) -> ObjectID? { json[name]?.string.flatMap { ObjectID(hex: $0) } }
    guard hex("landed_commit") == id else { return "its certificate names another commit" }
    guard json["target"]?.string == target else { return "its certificate is for another target" }
    guard let proof = hex("proven_by"), try proof == id || line.contains(proof) && objects.isAncestor(id, of: proof)
    else {
      return "the commit that is said to prove it does not stand on it"
    }
    let tested = try objects.commit(proof)
    guard hex("landed_tree") == commit.tree, hex("tested_tree") == tested.tree else {
      return "its tree \(commit.tree.short) is not the tree that was tested"
    }
    let base = hex("base_commit")
    let isFastForward = hex("work_commit") == id
    guard try isFastForward ? isOn(base, id) : commit.parents.first == base || isOn(base, id) else {
      return "it does not stand on the base its certificate names"
    }
    let baseTree = try base.map { try objects.commit($0).tree } ?? .emptyTree
    guard try objects.patchID(from: baseTree, to: commit.tree, changesMax: 1_000_000) == hex("landed_patch_id") else {
      return "its difference is not the one that was certified"
    }
    guard hex("submitted_patch_id") == hex("landed_patch_id") || json["resolution"]?.string != nil else {
      return "its difference is not the submitted one, and no resolution says why"
    }
    if let reason = try policyFlaw(json, base: base, commit, tested: tested.tree) { return reason }
    if let reason = try mergeFlaw(json, base: base, commit, isFastForward: isFastForward) { return reason }
    report.landings += 1
    return nil
  }

  private func note(on commit: ObjectID, in notes: ObjectID) throws -> [UInt8]? {
    try objects.note(on: commit, in: notes, sizeMax: 4 << 20)
  }

  private func isOn(_ base: ObjectID?, _ commit: ObjectID) throws -> Bool {
    try base.map { try objects.isAncestor($0, of: commit) } ?? true
  }

  /// Whether the checks are those of the policy in the base, each held, on the inputs of this tree.
  private func policyFlaw(_ json: JSONValue, base: ObjectID?, _ commit: Commit, tested: ObjectID) throws -> String? {
    let checks = json["checks"]?.array ?? []
    guard !checks.isEmpty else { return "its certificate lists no checks" }
    for check in checks {
      guard let verdict = check["verdict"]?.string.flatMap(Verdict.init), verdict.holds else {
        return "its check \(check["name"]?.string ?? "?") did not hold"
      }
    }
    guard json["policy_source"]?.string == PolicySource.path.description else { return nil }
    let tree = try base.map { try objects.commit($0).tree } ?? commit.tree
    guard let entry = try objects.entry(at: PolicySource.path, in: tree) else {
      return "the policy it was judged by is not in its base"
    }
    guard entry.id.hex == json["policy"]?.string else {
      return "the policy in its base is not the one it was judged by"
    }
    let policy: Policy
    do {
      policy = try PolicyFile.read(
        objects.blob(entry.id, sizeMax: PolicySource.bytesMax), name: PolicySource.path.description)
    } catch let error as PolicyError { return "the policy it was judged by does not read: \(error)" }
    guard policy.checks.map(\.name) == checks.compactMap({ $0["name"]?.string }) else {
      return "its checks are not those of its policy"
    }
    let environment = CheckEnvironment(policy: policy, certified: json["environment"]?.string ?? "")
    for (check, result) in zip(policy.checks, checks) {
      let key = CheckKeys(objects: objects).key(check, tree: tested, environment: environment)
      guard result["input"]?.string == key.digest.hex else { return "its check \(check.name) ran on other inputs" }
    }
    if let reason = Self.contextFlaw(json, policy) { return reason }
    return try reviewFlaw(json, policy, from: base.map { try objects.commit($0).tree }, to: commit.tree)
  }

  /// Whether everything outside that the policy waits for has reported success.
  private static func contextFlaw(_ json: JSONValue, _ policy: Policy) -> String? {
    let reports = (json["contexts"]?.array ?? []).compactMap(ContextReport.init(json:))
    let missing = policy.delivery.contexts.first { context in
      !reports.contains { $0.context == context && $0.state == .success }
    }
    return missing.map { "nobody reported success of \($0), and its policy waits for it" }
  }

  /// Whether somebody approved what the policy wants people to look at.
  private func reviewFlaw(
    _ json: JSONValue, _ policy: Policy, from base: ObjectID?, to tree: ObjectID
  ) throws -> String? {
    guard !policy.reviews.isEmpty else { return nil }
    let requested = RequestedReviews(policy, changes: try objects.difference(from: base, to: tree))
    let given = json["reviews"]?.array ?? []
    for review in requested.reviews {
      let answer = given.first { $0["name"]?.string == review.name }
      guard answer?["approved_by"]?.string?.isEmpty == false, answer?["approved_at"]?.integer != nil else {
        return "nobody approved it, and its policy asks for the review \(review.name)"
      }
    }
    return nil
  }

  /// Merges the submitted work again where it is still there, and compares trees.
  private func mergeFlaw(_ json: JSONValue, base: ObjectID?, _ commit: Commit, isFastForward: Bool) throws -> String? {
    guard !isFastForward, let base, let landed = json["landed_commit"]?.string.flatMap({ ObjectID(hex: $0) }),
      let work = json["work_commit"]?.string.flatMap({ ObjectID(hex: $0) }), objects.exists(work)
    else { return nil }
    let merging = Merging(objects: objects, git: git)
    let resolutions: [AppliedResolution]
    if json["merge"]?.string == Policy.Merge.rebase.rawValue {
      let rules = try rules(json, base: base)
      guard let met = try merging.resolutionsRebasing(work, onto: base, as: landed, by: rules) else {
        return "rebasing its work onto its base gives other trees"
      }
      resolutions = met
    } else {
      let stripped = try WorkFinder(objects: objects, git: git, scratch: repository).stripped(work)
      let again = try merging.merge(base, stripped, by: rules(json, base: base))
      guard case .clean(let tree, let met) = again, tree == commit.tree else {
        return "merging its work onto its base gives another tree"
      }
      resolutions = met
    }
    return resolutions.map(\.json) == json["resolutions"]?.array ?? [] ? nil : "its conflicts were settled otherwise"
  }
}
