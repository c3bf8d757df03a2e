/// What a run's tests came to beside those of the same check on the base.
package struct TestComparison: Hashable, Sendable {
  /// How one test differs from the base, in the words of reports.
  package enum Change: String, Hashable, Sendable, CaseIterable {
    /// Passes on the base and fails now.
    case regression
    /// Is not on the base and fails.
    case newFailure = "new_failure"
    case alreadyFailing = "already_failing"
    /// Ran on the base and is not there any more.
    case missing
    /// Ran on the base and is skipped now.
    case newlySkipped = "newly_skipped"
    case fixed
    case newPassing = "new_passing"
  }

  /// The names of the tests that changed in each way, ascending; ways in which none changed are left out.
  package private(set) var tests: [Change: [String]] = [:]
  package let baseCount: Int

  /// - Parameters:
  ///   - base: the tests of the base.
  ///   - now: the tests of the candidate.
  package init(base: [TestCase], now: [TestCase]) {
    baseCount = base.count
    var before: [String: TestCase.Outcome] = [:]
    for test in base { before[test.name] = test.outcome }
    for test in now {
      let change: Change?
      switch (before.removeValue(forKey: test.name), test.outcome) {
      case (nil, .passed): change = .newPassing
      case (nil, .failed): change = .newFailure
      case (nil, .skipped): change = nil
      case (.failed?, .passed): change = .fixed
      case (.failed?, .failed): change = .alreadyFailing
      case (.passed?, .failed): change = .regression
      case (.passed?, .skipped), (.failed?, .skipped): change = .newlySkipped
      // What was skipped on the base proved nothing there: it fails as a new test does.
      case (.skipped?, .failed): change = .newFailure
      case (.passed?, .passed), (.skipped?, .passed), (.skipped?, .skipped): change = nil
      }
      if let change { tests[change, default: []].append(test.name) }
    }
    // A test that was skipped on the base took nothing along when it went.
    let missing = before.filter { $0.value != .skipped }.keys
    if !missing.isEmpty { tests[.missing] = Array(missing) }
    for change in tests.keys { tests[change]?.sort() }
  }

  package subscript(change: Change) -> [String] { tests[change] ?? [] }

  /// What keeps a candidate from landing: in the order of weight, each with the tests, those left out that were declared.
  package func blocking(_ blocked: Set<Change>, declared: DeclaredTests) -> [(change: Change, tests: [String])] {
    [.regression, .newFailure, .missing, .newlySkipped, .alreadyFailing].filter(blocked.contains).compactMap { change in
      let undeclared: [String]
      switch change {
      case .missing: undeclared = self[change].filter { !declared.isRemoved($0) }
      case .newlySkipped: undeclared = self[change].filter { !declared.isSkipped($0) }
      default: undeclared = self[change]
      }
      return undeclared.isEmpty ? nil : (change, undeclared)
    }
  }

  private static let namesMax = 50
  /// Characters of a name that are shown.
  static let nameShownMax = 300

  /// The counts, and the first names, of each change.
  package var json: JSONValue {
    var object: JSONObject = ["base_tests": .integer(baseCount)]
    for change in Change.allCases {
      object[change.rawValue] = [
        "count": .integer(self[change].count),
        "tests": .array(self[change].prefix(Self.namesMax).map { .string(Printable.line($0, max: Self.nameShownMax)) }),
      ]
    }
    return .object(object)
  }
}

/// The tests that a package says it takes away or skips, and those that went with the files it deletes.
package struct DeclaredTests: Hashable, Sendable {
  private var removed: [String] = []
  private var skipped: [String] = []
  /// Deleted files as test names begin with them: `tests/test_a.py` and `tests.test_a`.
  private var files: [File] = []

  private struct File: Hashable, Sendable {
    let path: String
    let module: String
  }

  package init() {}

  /// - Shape: `documentation.tests_removed` and `documentation.tests_skipped`: names, or patterns with `*`.
  package init(_ package: WorkPackage) {
    removed = package.documentation.testsRemoved ?? []
    skipped = package.documentation.testsSkipped ?? []
    files = package.changes.deleted.map { path in
      let folder = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
      let stem = path[folder...].lastIndex(of: ".").map { path[..<$0] } ?? path[...]
      return File(path: path, module: stem.split(separator: "/").joined(separator: "."))
    }
  }

  /// Whether nothing is said in words; what goes with deleted files needs none.
  package var isEmpty: Bool { removed.isEmpty && skipped.isEmpty }

  /// What is said in words, in a fixed order.
  package var words: [String] { Set(removed).sorted().map { "-\($0)" } + Set(skipped).sorted().map { "~\($0)" } }

  /// What several packages say together.
  package mutating func formUnion(_ other: DeclaredTests) {
    removed += other.removed
    skipped += other.skipped
    files += other.files
  }

  package func isRemoved(_ test: String) -> Bool {
    removed.contains { Self.match($0, test) }
      || files.contains { file in
        test.contains(file.path) || test == file.module || test.hasPrefix(file.module + ".")
          || test.hasPrefix(file.module + "::")
      }
  }

  package func isSkipped(_ test: String) -> Bool { skipped.contains { Self.match($0, test) } }

  /// Whether a name is the pattern's; `*` stands for any text.
  private static func match(_ pattern: String, _ name: String) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard parts.count > 1, let first = parts.first, let last = parts.last else { return pattern == name }
    guard name.hasPrefix(first), name.dropFirst(first.count).hasSuffix(last) else { return false }
    var rest = name.dropFirst(first.count).dropLast(last.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let found = rest.firstRange(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return true
  }
}
