package import Domain
import Glibc
import Processes

/// One change of one ref, always with what is expected to be there.
package enum RefUpdate: Hashable, Sendable {
  case create(String, ObjectID)
  case move(String, from: ObjectID, to: ObjectID)
  case delete(String, expecting: ObjectID)
  case verify(String, is: ObjectID)

  fileprivate var name: String {
    switch self {
    case .create(let name, _), .move(let name, _, _), .delete(let name, _), .verify(let name, _): name
    }
  }

  fileprivate var line: String {
    switch self {
    case .create(let name, let new): "create \(name) \(new.hex)\n"
    case .move(let name, let old, let new): "update \(name) \(new.hex) \(old.hex)\n"
    case .delete(let name, let old): "delete \(name) \(old.hex)\n"
    case .verify(let name, let value): "verify \(name) \(value.hex)\n"
    }
  }
}

/// What a transaction came to: everything, or nothing.
package enum RefTransactionOutcome: Hashable, Sendable {
  case committed
  /// Some ref was not as expected or is locked; git's words.
  case lost(String)
}

/// Ref transactions: through one `git update-ref --stdin` child, kept from one to the next, or, where the caller syncs and
/// refs of ours are created or moved, through the refs' own files.
package final class RefTransactions {
  private let git: GitProgram
  private var child: GitChild?

  private let leavesSync: Bool

  /// - Parameter leavesSync: whether the caller makes the file system durable after the last transaction.
  package init(git: GitProgram, leavesSync: Bool = false) {
    self.git = git
    self.leavesSync = leavesSync
  }

  /// Makes all changes at once, or none.
  ///
  /// A child that refuses a transaction ends; the next one starts anew.
  /// - Parameter object: an object that the refs point at, which gets its name before they do.
  package func commit(
    _ updates: [RefUpdate], storing object: StagedObject? = nil
  ) throws(GitProgramError) -> RefTransactionOutcome {
    do {
      if leavesSync, try RefFileTransaction(repository: git.repository).commit(updates, storing: object) {
        return .committed
      }
      try object?.finish()
    } catch { throw .system(error) }
    let outcome = try commitByGit(updates)
    guard case .lost(let words) = outcome, words.contains(".lock"), removeAbandonedLocks(of: updates) else {
      return outcome
    }
    return try commitByGit(updates)
  }

  private func commitByGit(_ updates: [RefUpdate]) throws(GitProgramError) -> RefTransactionOutcome {
    let input = "start\n" + updates.map(\.line).joined() + "prepare\ncommit\n"
    var running =
      if let child = child.take() { child } else { try begin() }
    do { try running.send(Array(input.utf8)) } catch { return .lost(error.description) }
    let wanted = Array("start: ok\nprepare: ok\ncommit: ok\n".utf8)
    var answer: [UInt8] = []
    while answer.count < wanted.count {
      let chunk: [UInt8]
      do { chunk = try running.output.read(max: 4_096) } catch { throw .system(error) }
      guard !chunk.isEmpty else { return .lost(running.ended().description) }
      answer += chunk
    }
    guard answer == wanted else { return .lost(running.ended().description) }
    child = consume running
    return .committed
  }

  /// Removes the locks that a killed process of ours has left on these refs; false where there is none.
  private func removeAbandonedLocks(of updates: [RefUpdate]) -> Bool {
    let removed = updates.filter {
      access("\(git.repository)/\($0.name).lock", F_OK) == 0
        && AbandonedLock.remove(from: $0.name, in: git.repository)
    }
    return !removed.isEmpty
  }

  /// Lets the child end by itself: there will be no more transactions for now.
  package func leave() {
    if let child = child.take() { child.leave() }
  }

  private func begin() throws(GitProgramError) -> GitChild {
    try GitChild(git, ["update-ref", "--stdin"], writes: true, leavesSync: leavesSync)
  }
}
