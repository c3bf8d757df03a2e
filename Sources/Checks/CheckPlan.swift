package import Domain

/// What holds for every command of one integration.
package struct CheckPlan: Sendable {
  package let integration: IntegrationID
  package var sandbox: Policy.Sandbox

  /// - Parameter integration: whose logs the output goes to.
  package init(integration: IntegrationID, sandbox: Policy.Sandbox) {
    self.integration = integration
    self.sandbox = sandbox
  }
}

/// How the preparation of a worktree went.
package struct SetupResult: Hashable, Sendable {
  /// `passed`, `failed`, `timedOut` or `notRun`.
  package let verdict: Verdict
  /// The command and why it is not `passed`.
  package let reason: String?
  package let seconds: Double
  package let outputTail: [String]
  /// How many steps were not run, because what they keep was there.
  package let reusedCount: Int
}
