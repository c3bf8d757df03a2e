package import Domain
import Glibc
import Processes

/// Runs a policy's commands on a worktree and says what they came to.
package struct CheckRunner: Sendable {
  private let sandbox: Sandbox
  private let logs: String

  /// - Parameter logs: the folder of logs, which exists: `<logs>/<integration>/<check>.log`, `….2.log` for the second attempt.
  package init(_ sandbox: Sandbox, logs: String) {
    self.sandbox = sandbox
    self.logs = logs
  }

  /// Runs a check to its verdict: a failure is tried again as often as the policy says, and a pass then is a flake.
  ///
  /// Blocks until the end: give it a thread. Several checks may run on one worktree at a time.
  /// - Returns: nil where `shouldStop` said so.
  package func run(
    _ check: Policy.Check, key: CheckKey, on worktree: Worktree, as plan: CheckPlan, shouldStop: () -> Bool = { false }
  ) -> CheckResult? {
    var result = CheckResult(name: check.name, kind: check.kind, verdict: .notRun, seconds: 0, key: key)
    for attempt in 1...(max(check.retries, 0) + 1) {
      guard let next = self.attempt(attempt, of: check, on: worktree, as: plan, shouldStop: shouldStop) else {
        return nil
      }
      next.write(to: &result)
      if result.verdict != .failed { break }
    }
    return result
  }

  private func attempt(
    _ number: Int, of check: Policy.Check, on worktree: Worktree, as plan: CheckPlan, shouldStop: () -> Bool
  ) -> Attempt? {
    var attempt = Attempt(number: number, seconds: 0)
    do {
      var folder = try worktree.makeRun(for: .check, inputs: check.isolate ? CheckInputs(globs: check.inputs) : nil)
      let log = number == 1 ? check.name : "\(check.name).\(number)"
      let run = self.run(
        check.run, in: &folder, of: worktree, timeout: check.timeout, attempt: number,
        hasNetwork: network(plan) >= .all, as: plan, log: log, shouldStop: shouldStop)
      if run.end == .cancelled { return nil }
      attempt.apply(run, timeout: check.timeout, memoryMax: plan.sandbox.memory)
      attempt.apply(ResultFiles.read(folder, as: check.results), format: check.results)
    } catch {
      attempt.verdict = .notRun
      attempt.reason = error.description
    }
    return attempt
  }

  func run(
    _ command: String, in folder: inout RunFolder, of worktree: Worktree, timeout: Duration, attempt: Int,
    hasNetwork: Bool, as plan: CheckPlan, log: String, shouldStop: () -> Bool
  ) -> SandboxRun {
    let request = SandboxRequest(
      command: command,
      stage: sandbox.stage(folder: worktree.folder, root: folder.root, results: folder.results, hasNetwork: hasNetwork),
      hasNetwork: hasNetwork, memoryMax: plan.sandbox.memory, durationMax: timeout, attempt: attempt,
      log: logPath(log, of: plan.integration))
    let run = sandbox.run(request, shouldStop: shouldStop)
    folder.end(run)
    return run
  }

  func network(_ plan: CheckPlan) -> Policy.Network { min(plan.sandbox.network, sandbox.settings.networkMax) }

  /// The log's path; the folder of the integration is made where it is not there.
  private func logPath(_ name: String, of integration: IntegrationID) -> String {
    let folder = "\(logs)/\(integration.text)"
    mkdir(folder, 0o700)
    return "\(folder)/\(CheckLog.fileName(name))"
  }
}
