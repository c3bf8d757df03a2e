import Domain
import GRDB

/// Takes a row apart from left to right, in the order of its SELECT.
///
/// - Throws: `MalformedRow` where a column is missing, or holds what Sluice never writes there.
struct Columns {
  private let row: Row
  private var index = 0

  init(row: Row) { self.row = row }

  mutating func text() throws -> String { try required(optionalText()) }
  mutating func integer() throws -> Int64 { try required(optionalInteger()) }
  mutating func flag() throws -> Bool { try integer() != 0 }

  mutating func optionalText() throws -> String? { try next(String.self) }
  mutating func optionalInteger() throws -> Int64? { try next(Int64.self) }
  mutating func number() throws -> Double { try required(next(Double.self)) }

  /// A text that is a word of the domain: an id, a state.
  mutating func word<Word>(_ parse: (String) -> Word?) throws -> Word {
    try required(optionalWord(parse))
  }

  mutating func optionalWord<Word>(_ parse: (String) -> Word?) throws -> Word? {
    guard let text = try optionalText() else { return nil }
    guard let word = parse(text) else { throw malformed() }
    return word
  }

  /// An integer that stands for a word of the domain.
  mutating func rank<Word>(_ parse: (Int64) -> Word?) throws -> Word {
    try required(parse(integer()))
  }

  mutating func objectID() throws -> ObjectID { try word { ObjectID(hex: $0) } }
  mutating func optionalObjectID() throws -> ObjectID? { try optionalWord { ObjectID(hex: $0) } }

  private mutating func next<Value: DatabaseValueConvertible>(_: Value.Type) throws -> Value? {
    let stored: DatabaseValue = row[index]
    index += 1
    if stored.isNull { return nil }
    guard let value = Value.fromDatabaseValue(stored) else { throw malformed() }
    return value
  }

  private func required<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw malformed() }
    return value
  }

  /// The column that was just taken.
  private func malformed() -> MalformedRow {
    let stored: DatabaseValue = row[index - 1]
    return MalformedRow(column: Array(row.columnNames)[index - 1], value: String(stored.description.prefix(80)))
  }
}
