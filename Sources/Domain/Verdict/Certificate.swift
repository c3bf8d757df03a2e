/// The proof that a tree passed every check of a policy. Only `init?` makes one, and only from results that hold.
package struct Certificate: Hashable, Sendable {
  /// What is certified beside the checks.
  package struct Facts: Hashable, Sendable {
    package var integration: IntegrationID
    package var submission: SubmissionID
    package var taskID: String
    package var agentID: String
    package var pushedBy: String
    package var target: String
    /// The object that was pushed, and the commit that holds its work without the package.
    package var pushed: ObjectID
    package var work: ObjectID
    /// The target's tip that the landed commit stands on; nil for the first commit of a target.
    package var base: ObjectID?
    package var commit: ObjectID
    /// The tree the checks ran on.
    package var testedTree: ObjectID
    package var submittedPatch: ObjectID
    package var landedPatch: ObjectID
    /// The tree of the landed commit: the tested tree, or in a batch one on the way to it.
    package var landedTree: ObjectID
    /// The commit whose tree was tested: the landed commit, or in a batch the last of it.
    package var provenBy: ObjectID
    /// Those that landed in one move of the target, in their order.
    package var members: [SubmissionID]
    /// The merge strategy that made the commit.
    package var merge: Policy.Merge
    /// The blob id of the policy's bytes.
    package var policy: ObjectID
    /// `.sluice.yml` in the base, or the administrator's file.
    package var policySource: String
    /// What the verdicts depend on beside policy and tree: toolchains, network, memory; a line each.
    package var environment: String
    /// What changed the patch on the way, where anything did: `merge` for lines merged with what had landed meanwhile, and
    /// the paths whose conflicts the policy settled, each with its rule.
    package var resolution: String? {
      guard resolutions.isEmpty else {
        return "resolved " + AppliedResolution.lines(resolutions).joined(separator: ", ")
      }
      return submittedPatch == landedPatch ? nil : "merge"
    }
    /// The conflicts that the policy settled.
    package var resolutions: [AppliedResolution] = []
    /// Who approved the submission, where somebody did.
    package var approval: Approval?
    /// What the policy's contexts have said of the commit that proves it.
    package var contexts: [ContextReport] = []
    /// Seconds since 1970.
    package var time: Int64

    package init(
      integration: IntegrationID, request: SubmissionRequest, work: ObjectID, base: ObjectID?, commit: ObjectID,
      testedTree: ObjectID, submittedPatch: ObjectID, landedPatch: ObjectID, merge: Policy.Merge, policy: ObjectID,
      policySource: String, environment: String, time: Int64
    ) {
      self.integration = integration
      submission = request.id
      taskID = request.taskID
      agentID = request.agentID
      pushedBy = request.identity
      target = request.target
      pushed = request.pushed
      self.work = work
      self.base = base
      self.commit = commit
      self.testedTree = testedTree
      self.submittedPatch = submittedPatch
      self.landedPatch = landedPatch
      landedTree = testedTree
      provenBy = commit
      members = [request.id]
      self.merge = merge
      self.policy = policy
      self.policySource = policySource
      self.environment = environment
      self.time = time
    }
  }

  package let facts: Facts
  package let checks: [CheckResult]
  /// The policy's reviews that the change asks for.
  package let reviews: [Policy.Review]

  /// Certifies a tree; nil unless the policy has checks and each has exactly one result, which holds, unless somebody
  /// approved what asks for a review, and unless each context that the policy waits for has reported success.
  package init?(facts: Facts, policy: Policy, checks: [CheckResult], reviews: [Policy.Review]) {
    guard !policy.checks.isEmpty, policy.checks.map(\.name) == checks.map(\.name),
      checks.allSatisfy({ $0.verdict.holds }), reviews.isEmpty || facts.approval != nil,
      policy.delivery.contexts.allSatisfy({ context in
        facts.contexts.contains { $0.context == context && $0.state == .success }
      })
    else { return nil }
    self.facts = facts
    self.checks = checks
    self.reviews = reviews
  }

  /// The note on the landed commit.
  package var json: JSONValue {
    [
      "version": 1, "integration_id": .string(facts.integration.text), "submission_id": .string(facts.submission.text),
      "task_id": .string(facts.taskID), "agent_id": .string(facts.agentID), "pushed_by": .string(facts.pushedBy),
      "target": .string(facts.target), "pushed_object": .string(facts.pushed.hex),
      "work_commit": .string(facts.work.hex), "base_commit": (facts.base?.hex).json,
      "landed_commit": .string(facts.commit.hex), "tested_tree": .string(facts.testedTree.hex),
      "landed_tree": .string(facts.landedTree.hex), "submitted_patch_id": .string(facts.submittedPatch.hex),
      "landed_patch_id": .string(facts.landedPatch.hex), "resolution": facts.resolution.json,
      "resolutions": .array(facts.resolutions.map(\.json)),
      "merge": .string(facts.merge.rawValue), "policy": .string(facts.policy.hex),
      "policy_source": .string(facts.policySource), "environment": .string(facts.environment),
      "proven_by": .string(facts.provenBy.hex),
      "members": .array(facts.members.map { .string($0.text) }),
      "checks": .array(
        checks.map {
          [
            "name": .string($0.name), "kind": .string($0.kind), "verdict": .string($0.verdict.rawValue),
            "input": .string($0.key.digest.hex), "cached": .bool($0.isCached),
            "seconds": .number(JSONNumber(literal: Event.decimal($0.seconds, places: 3))), "worker": "local",
          ]
        }),
      "reviews": .array(
        reviews.map { review in
          [
            "name": .string(review.name), "approved_by": (facts.approval?.by).json,
            "approved_at": (facts.approval?.at).map(JSONValue.integer) ?? .null,
          ]
        }), "contexts": .array(facts.contexts.map(\.json)), "time": .integer(facts.time),
    ]
  }
}
