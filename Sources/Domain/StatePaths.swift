/// The files of one repository that are Sluice's: everything below `<repository>/sluice`.
package struct StatePaths: Hashable, Sendable {
  /// The bare repository, absolute.
  package let repository: String

  package init(repository: String) { self.repository = repository }

  package var state: String { repository + "/sluice" }
  package var ledger: String { state + "/ledger.sqlite" }
  package var journal: String { state + "/journal" }
  package var worktrees: String { state + "/worktrees" }
  package var logs: String { state + "/logs" }
  /// The lease: who holds its lock is the engine.
  package var lock: String { state + "/worker.lock" }
  /// The FIFO that a hook writes a byte to when it has accepted something.
  package var wake: String { state + "/wake" }
  package var hooks: String { repository + "/hooks" }

  /// The folder of an integration's logs: `<check>.log`.
  package func logs(of integration: IntegrationID) -> String { "\(logs)/\(integration.text)" }

  /// The folder of the logs of failures by their checks' keys.
  package var failures: String { logs + "/failures" }

  /// The log of the newest failure under a check's key, which other integrations may rest on.
  package func failureLog(of check: CheckKey) -> String { "\(failures)/\(check.digest.hex).log" }

  package func journal(of submission: SubmissionID) -> String { "\(journal)/\(submission.text).jsonl" }
}
