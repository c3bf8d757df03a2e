/// A JSON value that keeps what was written: the order of members and the digits of numbers.
package enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case number(JSONNumber)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  /// A number without a fraction.
  package static func integer(_ value: some BinaryInteger) -> JSONValue { .number(JSONNumber(literal: "\(value)")) }

  /// The members, where this is an object.
  package var object: JSONObject? { if case .object(let object) = self { object } else { nil } }
  package var array: [JSONValue]? { if case .array(let array) = self { array } else { nil } }
  package var string: String? { if case .string(let string) = self { string } else { nil } }
  package var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
  package var integer: Int64? { if case .number(let number) = self { number.integer } else { nil } }
  package var double: Double? { if case .number(let number) = self { number.double } else { nil } }

  /// The member `name` of an object; nil for a missing member and for a value that is no object.
  package subscript(name: String) -> JSONValue? { object?[name] }

  /// What kind of value this is, in the words of JSON Schema.
  package var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .number(let number): number.integer == nil ? "number" : "integer"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}

/// A number as it was written.
package struct JSONNumber: Hashable, Sendable {
  package let literal: String

  /// - Parameter literal: digits as JSON writes them; not looked at again.
  package init(literal: String) { self.literal = literal }

  /// The value, where the literal is an integer without fraction, exponent or negative zero that fits 64 bits.
  package var integer: Int64? { literal == "-0" ? nil : Int64(literal) }
  /// The value, where it is finite.
  package var double: Double? { Double(literal).flatMap { $0.isFinite ? $0 : nil } }
}

/// The members of a JSON object in the order they were written; names are unique.
package struct JSONObject: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  /// A name and what stands under it.
  package struct Member: Hashable, Sendable {
    package let name: String
    package var value: JSONValue

    /// A member of its own; whoever adds it keeps names unique.
    package init(name: String, value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  package private(set) var members: [Member]

  /// - Parameter members: names unique among them.
  package init(members: [Member] = []) { self.members = members }

  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    members = elements.map { Member(name: $0.0, value: $0.1) }
  }

  /// The value under `name`; setting nil removes the member, setting a new one appends it.
  package subscript(name: String) -> JSONValue? {
    get { members.first { $0.name == name }?.value }
    set {
      let index = members.firstIndex { $0.name == name }
      switch (index, newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append(Member(name: name, value: value))
      case (nil, nil): break
      }
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral, ExpressibleByIntegerLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(members: elements.map { .init(name: $0.0, value: $0.1) }))
  }
}

extension Optional where Wrapped == String {
  /// The string, or JSON's null.
  package var json: JSONValue { map(JSONValue.string) ?? .null }
}
