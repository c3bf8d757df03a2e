import GRDB
import Glibc

/// The ledger in one SQLite file, with one connection, so that calls follow one another.
///
/// - Durability: a rollback journal and `synchronous=EXTRA`: what a call has written survives a power cut. No WAL: before
///   3.51.3 SQLite can corrupt one that several processes write.
/// - Every write is one `BEGIN IMMEDIATE` transaction: the upgrade of a read to a write would ignore the busy timeout.
package struct SQLiteLedger: Ledger {
  /// Where the file is.
  package let path: String
  private let queue: DatabaseQueue

  /// How long a call waits for another process that writes, in seconds.
  private static let busySecondsMax = 5.0

  /// Opens the ledger for writing; makes it, readable by its owner alone, where there is none.
  package init(path: String) throws(LedgerError) {
    try Self.makeFile(path)
    var configuration = Self.configuration
    configuration.prepareDatabase { database in
      try database.execute(
        sql: "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = EXTRA; PRAGMA temp_store = MEMORY")
    }
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration)
      try Self.migrate(queue)
    } catch {
      throw LedgerError(error, path: path)
    }
    self.path = path
  }

  /// Opens the ledger to look at it, whether or not a worker runs; every write is refused.
  ///
  /// - Returns: nil where no ledger was ever made.
  /// - A writer that was killed can leave a half-written transaction, and an older version an older schema: both are put
  ///   right first, which needs the right to write.
  package static func openReading(_ path: String) throws(LedgerError) -> SQLiteLedger? {
    guard try fileExists(path) else { return nil }
    do {
      return try SQLiteLedger(reading: path)
    } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_READONLY_ROLLBACK {
      return try reopen(path)
    } catch is SchemaIsBehind {
      return try reopen(path)
    } catch {
      throw LedgerError(error, path: path)
    }
  }

  /// The version of the SQLite library in use.
  package static func libraryVersion() throws(LedgerError) -> String {
    do {
      return try DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") } ?? "unknown"
    } catch {
      throw .unavailable("SQLite does not start: \(error)")
    }
  }

  private init(reading path: String) throws {
    var configuration = Self.configuration
    configuration.readonly = true
    queue = try DatabaseQueue(path: path, configuration: configuration)
    self.path = path
    guard try queue.read(Schema.isCurrent) else { throw SchemaIsBehind() }
  }

  private static func reopen(_ path: String) throws(LedgerError) -> SQLiteLedger {
    _ = try SQLiteLedger(path: path)
    do {
      return try SQLiteLedger(reading: path)
    } catch {
      throw LedgerError(error, path: path)
    }
  }

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(busySecondsMax)
    configuration.foreignKeysEnabled = true
    return configuration
  }

  private static func migrate(_ queue: DatabaseQueue) throws {
    while try !queue.read(Schema.isCurrent) {
      let before = try queue.read(Schema.migrator.appliedIdentifiers)
      do {
        try Schema.migrator.migrate(queue)
      } catch {
        // Of two processes that find an old schema one is second, and finds a step made that it was about to make; what
        // follows that step may still be missing.
        guard try queue.read(Schema.migrator.appliedIdentifiers) != before else { throw error }
      }
    }
  }

  private static func makeFile(_ path: String) throws(LedgerError) {
    if try fileExists(path) {
      // By name: closing a descriptor of the file would drop the locks that this process holds on it.
      guard chmod(path, 0o600) == 0 || errno == EROFS else { throw .cannot("open", path) }
      return
    }
    if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      guard mkdir(String(path[..<slash]), 0o700) == 0 || errno == EEXIST else { throw .cannot("make", path) }
    }
    guard mknod(path, S_IFREG | 0o600, 0) == 0 || errno == EEXIST else { throw .cannot("make", path) }
  }

  private static func fileExists(_ path: String) throws(LedgerError) -> Bool {
    if access(path, F_OK) == 0 { return true }
    guard errno == ENOENT || errno == ENOTDIR else { throw .cannot("open", path) }
    return false
  }
}

/// A reader found a schema that an older version made.
private struct SchemaIsBehind: Error {}

extension SQLiteLedger {
  /// Reads in one transaction, so that what is read together belongs together.
  func reading<Answer>(_ body: (Database) throws -> Answer) throws(LedgerError) -> Answer {
    do {
      return try queue.read(body)
    } catch {
      throw LedgerError(error, path: path)
    }
  }

  /// Writes in one durable transaction, if `fence` is still the newest lease.
  func writing<Answer>(
    holding fence: Fence, _ body: (Database) throws -> Answer
  ) throws(LedgerError) -> Answer {
    try writing { database in
      let newest = try LeaseTable(database).newest()
      guard fence == newest else { throw LedgerError.fenced(held: fence, newest: newest) }
      return try body(database)
    }
  }

  /// Writes in one durable transaction.
  func writing<Answer>(_ body: (Database) throws -> Answer) throws(LedgerError) -> Answer {
    var answer: Answer?
    do {
      try queue.inTransaction(.immediate) { database in
        answer = try body(database)
        return .commit
      }
    } catch {
      throw LedgerError(error, path: path)
    }
    guard let answer else { preconditionFailure("a transaction that is committed has run") }
    return answer
  }
}
