import Domain
import GitProgram
import Processes
import Store

/// What a repository remembers of its ledger, so that a copy of either restored from another day is noticed.
///
/// - Shape: git config `sluice.ledger` = `<epoch> <number of the newest lease>`.
struct LedgerLink {
  private static let key = "sluice.ledger"
  let git: GitProgram

  /// Compares before a lease is taken.
  ///
  /// - Throws: `EngineError.ledger` where the ledger is another one, or is from another day than the repository.
  func verify(_ ledger: any Ledger) throws {
    let known = try git.run(["config", "--get", Self.key])
    let words = known.text.split(whereSeparator: \.isWhitespace)
    guard known.exit.isSuccess, words.count == 2, let lease = Int64(words[1]) else { return }
    let epoch = try ledger.epoch()
    let newest = try ledger.newestLease().number
    guard words[0] == epoch else { throw mismatch("it is another ledger than the one last used here") }
    // A crash between taking a lease and writing it down leaves the ledger one ahead.
    guard newest == lease || newest == lease + 1 else {
      throw mismatch(
        newest < lease
          ? "it is an older copy (lease \(newest), \(lease) was the last here)"
          : "the repository is an older copy than the ledger (lease \(lease), the ledger has \(newest))")
    }
  }

  /// Writes down the lease that was just taken.
  func record(_ ledger: any Ledger, _ fence: Fence) throws {
    let result = try git.run(["config", Self.key, "\(try ledger.epoch()) \(fence.number)"], writes: true)
    guard result.exit.isSuccess else { throw EngineError.git("config", result.messages) }
  }

  private func mismatch(_ why: String) -> EngineError {
    .ledger(
      "sluice/ledger.sqlite does not belong to this state of the repository: \(why); restore the two from the same day, or "
        + "'git config --unset \(Self.key)' to go on with what is there")
  }
}
