/// One way in which a work package is not what it must be.
package struct Violation: Hashable, Sendable, CustomStringConvertible {
  package let category: FailureCategory
  /// Where, as a JSON Pointer.
  package let pointer: String
  package let expected: String
  /// Printable and short.
  package let found: String

  package init(_ pointer: String, expected: String, found: String, category: FailureCategory = .invalidPackage) {
    self.category = category
    self.pointer = pointer
    self.expected = expected
    self.found = found
  }

  /// `/validation_results/test_failures: expected 0, found 3`.
  package var description: String {
    "\(pointer.isEmpty ? "the package" : Printable.line(pointer, max: 200)): expected \(expected), found \(found)"
  }

  /// A value as a violation shows it.
  static func show(_ value: JSONValue?) -> String {
    switch value {
    case nil: "nothing"
    case .null?: "null"
    case .bool(let bool)?: bool ? "true" : "false"
    case .number(let number)?: Printable.line(number.literal, max: 57)
    case .string(let string)?: show(string)
    case .array(let elements)?: elements.isEmpty ? "an empty list" : "a list of \(elements.count)"
    case .object?: "an object"
    }
  }

  static func show(_ text: String) -> String { "\"\(Printable.line(text, max: 57))\"" }
}

extension Refusal {
  /// How many violations are told one by one.
  package static let violationsMax = 50

  /// The refusal that tells all of `violations`, which must not be empty.
  package init(violations: [Violation]) {
    let order: [FailureCategory] = [.invalidPackage, .limitExceeded]
    let category = order.first { category in violations.contains { $0.category == category } }
    let rest = violations.count - Self.violationsMax
    let shown = violations.prefix(Self.violationsMax).map(\.description) + (rest > 0 ? ["… and \(rest) more"] : [])
    self.init(
      category ?? violations.first?.category ?? .invalidPackage,
      violations.count == 1 ? shown.joined() : "\(violations.count) violations in the work package",
      details: violations.count == 1 ? [] : shown)
  }
}
