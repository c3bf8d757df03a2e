import GRDB
import Glibc

/// A row holds what this version cannot have written.
struct MalformedRow: Error {
  let column: String
  let value: String
}

/// The database has a migration that this version does not know.
struct WrittenByNewerVersion: Error {}

extension LedgerError {
  /// The one place where SQLite's answers become ours.
  init(_ error: any Error, path: String) {
    switch error {
    case let error as LedgerError: self = error
    case let error as DatabaseError: self = Self.from(error, path: path)
    case let error as MalformedRow:
      self = .damaged("column \(error.column) holds \(error.value)", path: path)
    case is WrittenByNewerVersion:
      self = .damaged(
        "the ledger \(path) was written by a newer Sluice; install that version again, or restore the file from a backup "
          + "of this one")
    default: self = .unavailable("the ledger \(path): \(error)")
    }
  }

  /// Damage, and what to do about it.
  static func damaged(_ what: String, path: String) -> LedgerError {
    .damaged(
      "the ledger \(path) is damaged (\(what)); stop the worker, keep a copy of the file and restore it from a backup, or "
        + "move it away so that a new one is made: what was pushed, what landed and its certificates stand in git's refs"
    )
  }

  /// The call that just failed, by its errno.
  static func cannot(_ verb: String, _ path: String) -> LedgerError {
    .unavailable("cannot \(verb) the ledger \(path): \(String(cString: strerror(errno)))")
  }

  private static func from(_ error: DatabaseError, path: String) -> LedgerError {
    let words = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_CONSTRAINT where error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY:
      return .conflict("a change names a submission or an integration that the ledger does not have")
    case .SQLITE_CONSTRAINT: return .conflict(words)
    case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_SCHEMA, .SQLITE_MISMATCH, .SQLITE_FORMAT, .SQLITE_ERROR:
      return .damaged(words, path: path)
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return .unavailable("the ledger \(path) is held by another process for too long; try again")
    case .SQLITE_FULL:
      return .unavailable("the ledger \(path) cannot grow: the disk is full; free space and start again")
    case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
      return .unavailable("the ledger \(path) cannot be written: \(words); look at the file, its folder and its mount")
    case .SQLITE_CANTOPEN:
      return .unavailable("the ledger \(path) cannot be opened: \(words); look at the owner and the mode of its folder")
    default: return .unavailable("the ledger \(path) cannot be read or written: \(words)")
    }
  }
}
