import Domain
import Foundation
import GRDB

/// Takes a row apart from left to right, in the order of its SELECT.
///
/// - Throws: `MalformedRow` where a column is missing, or holds what Sluice never writes there.
struct Columns {
  private let row: Row
  private var index = 0

  init(row: Row) { self.row = row }

  mutating func text() throws -> String { try word { $0 } }
  mutating func flag() throws -> Bool { try integer() != 0 }

  mutating func integer() throws -> Int64 {
    let integer = try optionalInteger()
    return try required(integer)
  }

  mutating func number() throws -> Double {
    let number = try next(Double.self)
    return try required(number)
  }

  mutating func bytes() throws -> Data {
    let bytes = try next(Data.self)
    return try required(bytes)
  }

  mutating func optionalNumber() throws -> Double? { try next(Double.self) }
  mutating func optionalText() throws -> String? { try next(String.self) }
  mutating func optionalInteger() throws -> Int64? { try next(Int64.self) }

  /// A text that is a word of the domain: an id, a state.
  mutating func word<Word>(_ parse: (String) -> Word?) throws -> Word {
    let word = try optionalWord(parse)
    return try required(word)
  }

  mutating func optionalWord<Word>(_ parse: (String) -> Word?) throws -> Word? {
    guard let text = try optionalText() else { return nil }
    return try required(parse(text))
  }

  /// An integer that stands for a word of the domain.
  mutating func rank<Word>(_ parse: (Int64) -> Word?) throws -> Word {
    let rank = try integer()
    return try required(parse(rank))
  }

  mutating func objectID() throws -> ObjectID { try word { ObjectID(hex: $0) } }
  mutating func optionalObjectID() throws -> ObjectID? { try optionalWord { ObjectID(hex: $0) } }

  private mutating func next<Value: DatabaseValueConvertible>(_: Value.Type) throws -> Value? {
    let stored: DatabaseValue = row[index]
    index += 1
    if stored.isNull { return nil }
    return try required(Value.fromDatabaseValue(stored))
  }

  /// The value of the column that was just taken.
  private func required<Value>(_ value: Value?) throws -> Value {
    guard let value else {
      let stored: DatabaseValue = row[index - 1]
      throw MalformedRow(column: Array(row.columnNames)[index - 1], value: String(stored.description.prefix(80)))
    }
    return value
  }
}
