/// What reading a work package came to: the package, or everything that is wrong with it.
package struct PackageReading: Sendable {
  package let package: WorkPackage?
  /// The lists of files, where they read, whatever else is wrong.
  package let declared: WorkPackage.Changes?
  /// Empty exactly where there is a package.
  package let violations: [Violation]
  /// JSON Pointers of fields that the format does not name; they are kept and mean nothing.
  package let unknownFields: [String]

  /// The line that names the unknown fields, without a prefix; nil where there are none.
  package var warning: String? {
    guard !unknownFields.isEmpty else { return nil }
    let rest = unknownFields.count - 10
    let names = unknownFields.prefix(10).map { Printable.line($0, max: 80) }.joined(separator: ", ")
    return "unknown fields are kept and not used: \(names)" + (rest > 0 ? ", … and \(rest) more" : "")
  }
}

extension WorkPackage {
  /// The limits that JSON is read under where it is to be a work package.
  package static func jsonLimits(_ limits: Policy.Limits) -> JSONLimits {
    var json = JSONLimits()
    json.bytesMax = limits.package
    json.longMember = .init(name: "diff_package", bytesMax: (limits.diff + 2) / 3 * 4)
    return json
  }

  /// Reads the bytes of a work package.
  ///
  /// - Returns: the package, and the line that warns of unknown fields, where there are any.
  /// - Throws: `invalid_package` or `limit_exceeded` with every violation.
  package static func read(
    bytes: [UInt8], limits: Policy.Limits
  ) throws(Refusal) -> (package: WorkPackage, warning: String?) {
    let reading = try reading(of: bytes, limits: limits)
    guard let package = reading.package else { throw Refusal(violations: reading.violations) }
    return (package, reading.warning)
  }

  /// Reads the bytes of a work package and tells all violations at once.
  ///
  /// - Throws: where the bytes are no JSON, or more than may be.
  package static func reading(of bytes: [UInt8], limits: Policy.Limits) throws(Refusal) -> PackageReading {
    let json: JSONValue
    do {
      json = try JSONValue.parse(bytes, limits: jsonLimits(limits))
    } catch {
      throw Refusal(error.kind == .size ? .limitExceeded : .invalidPackage, "the work package is not read: \(error)")
    }
    return read(json, diffBytesMax: limits.diff)
  }

  /// Reads a work package and tells all violations at once.
  ///
  /// - Bound: a `diff_package` of at most `diffBytesMax` bytes when decoded.
  package static func read(_ json: JSONValue, diffBytesMax: Int) -> PackageReading {
    var reader = PackageReader()
    reader.check(json, by: .object(PackageFormat.package), at: "")
    reader.checkTotals(json)
    reader.checkDiff(json["diff_package"], bytesMax: diffBytesMax)
    let package = reader.violations.isEmpty ? WorkPackage(checked: json) : nil
    precondition(package != nil || !reader.violations.isEmpty, "a package without violations that cannot be read")
    return PackageReading(
      package: package, declared: Changes(checked: json["changes"]), violations: reader.violations,
      unknownFields: reader.unknownFields)
  }
}

/// Walks a package by `PackageFormat` and notes what does not hold.
private struct PackageReader {
  var violations: [Violation] = []
  var unknownFields: [String] = []
  private var seenPaths: Set<TreePath> = []

  mutating func check(_ value: JSONValue, by rule: PackageRule, at pointer: String) {
    guard rule.holds(for: value) else { return fail(pointer, rule.expected, value) }
    switch (rule, value) {
    case (.object(let fields), .object(let object)): check(object, by: fields, at: pointer)
    case (.texts, .array(let elements)):
      for (index, element) in elements.enumerated() { check(element, by: .text, at: "\(pointer)/\(index)") }
    case (.paths, .array(let elements)):
      for (index, element) in elements.enumerated() { checkPath(element, at: "\(pointer)/\(index)") }
    default: break
    }
  }

  private mutating func check(_ object: JSONObject, by fields: [PackageFormat.Field], at pointer: String) {
    var values: [String: JSONValue] = [:]
    let names = Set(fields.map(\.name))
    for member in object.members {
      if names.contains(member.name) {
        values[member.name] = member.value
      } else {
        unknownFields.append(JSONPointer.append(member.name, to: pointer))
      }
    }
    for field in fields {
      let place = "\(pointer)/\(field.name)"
      if let value = values[field.name] {
        check(value, by: field.rule, at: place)
      } else if field.isRequired {
        fail(place, field.rule.expected, nil)
      }
    }
  }

  private mutating func checkPath(_ value: JSONValue, at pointer: String) {
    guard let path = value.string, PackageText.isPath(path) else {
      return fail(pointer, "a relative path without empty, . or .. components and control characters", value)
    }
    guard TreePath(path) != PackageEmbedding.path else {
      return fail(pointer, "only files that land (the package itself is taken out)", value)
    }
    guard seenPaths.insert(TreePath(path)).inserted else { return fail(pointer, "each path once in all lists", value) }
  }

  /// Checks what the counts say about one another.
  mutating func checkTotals(_ json: JSONValue) {
    let results = json["validation_results"]
    guard let count = results?["test_count"]?.integer, let failures = results?["test_failures"]?.integer,
      count >= 0, failures > count
    else { return }
    violations.append(
      Violation("/validation_results/test_count", expected: "at least test_failures (\(failures))", found: "\(count)"))
  }

  mutating func checkDiff(_ value: JSONValue?, bytesMax: Int) {
    guard let base64 = value?.string, let diff = DiffPackage(base64: base64), diff.byteCount > bytesMax else { return }
    violations.append(
      Violation(
        "/diff_package", expected: "at most \(bytesMax) bytes when decoded", found: "\(diff.byteCount) bytes",
        category: .limitExceeded))
  }

  private mutating func fail(_ pointer: String, _ expected: String, _ value: JSONValue?) {
    violations.append(Violation(pointer, expected: expected, found: Violation.show(value)))
  }
}
