import Domain
import Foundation
import Store

/// The databases that must behave alike: a second one is a second case.
enum LedgerUnderTest: CaseIterable {
  case sqlite

  /// Opens the ledger that stands in a folder, and makes it where there is none.
  func open(in folder: borrowing Folder) throws -> any Ledger {
    switch self {
    case .sqlite: try SQLiteLedger(path: folder.ledger)
    }
  }
}

/// A folder of one test, removed with it.
struct Folder: ~Copyable {
  let path: String

  init() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("store-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.path
  }

  var ledger: String { path + "/sluice/ledger.sqlite" }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
