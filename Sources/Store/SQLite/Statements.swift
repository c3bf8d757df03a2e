import GRDB

extension Database {
  /// Runs a statement that is prepared once for the connection.
  func run(_ sql: String, _ arguments: StatementArguments) throws {
    try cachedStatement(sql: sql).execute(arguments: arguments)
  }

  /// The first row, by a statement that is prepared once for the connection.
  func first(_ sql: String, _ arguments: StatementArguments = []) throws -> Columns? {
    try Row.fetchOne(cachedStatement(sql: sql), arguments: arguments).map(Columns.init)
  }

  /// All rows, by a statement that is prepared once for the connection.
  func all(_ sql: String, _ arguments: StatementArguments = []) throws -> [Columns] {
    try Row.fetchAll(cachedStatement(sql: sql), arguments: arguments).map(Columns.init)
  }
}

extension String {
  /// The text as a column holds it: a NUL would end it early in SQLite's C interface, so its picture stands there.
  var column: String {
    utf8.contains(0) ? String(UnicodeScalarView(unicodeScalars.map { $0 == "\0" ? "␀" : $0 })) : self
  }
}

extension [String] {
  /// Lines as one column holds them: nil for none, so that no line and one empty line differ.
  var column: String? { isEmpty ? nil : joined(separator: "\n").column }

  init(column: String?) {
    self = column?.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) ?? []
  }
}
