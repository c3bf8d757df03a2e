import Domain

/// One change to make and submit.
struct Work: Sendable {
  enum Content: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    case text(String)
    case bytes([UInt8])
    case symlink(String)
    case executable(String)
    case removed

    init(stringLiteral value: String) { self = .text(value) }
  }

  /// The lineage, and the task's id.
  var name: String
  var changes: [String: Content]
  /// The commit it is made on; the client's newest view of the target where nil.
  var parent: String?
  var message: String?
  var author = "Ada <ada@example.com>"
  var embedding = Embedding.file
  /// The ref it is pushed to; the embedding's usual one where nil.
  var ref: String?
  /// Changes the honest package.
  var adjust: @Sendable (inout JSONValue) -> Void = { _ in }
  /// The package's bytes instead of an honest one.
  var packageBytes: [UInt8]?

  init(_ name: String, _ changes: [String: Content]) {
    self.name = name
    self.changes = changes
  }

  var pushedRef: String {
    if let ref { return ref }
    switch embedding {
    case .file: return "refs/heads/submit/\(name)"
    case .tag: return "refs/tags/submit/\(name)"
    case .blob: return "refs/submit/\(name)"
    }
  }

  func with(_ change: (inout Work) -> Void) -> Work {
    var copy = self
    change(&copy)
    return copy
  }

  /// The package that says the truth about the change to a tree that holds `present`.
  func package(present: Set<String>) -> JSONValue {
    let removed = changes.filter { if case .removed = $0.value { true } else { false } }.keys
    let kept = Set(changes.keys).subtracting(removed)
    func list(_ paths: some Sequence<String>) -> JSONValue { .array(paths.sorted().map(JSONValue.string)) }
    return [
      "metadata": [
        "agent_id": "1703123456-a1b2c3d4", "task_id": .string(name), "timestamp": "2024-01-01T12:00:00Z",
        "submission_version": "1.0.0",
      ],
      "status": "success",
      "changes": [
        "files_modified": list(kept.intersection(present)), "files_added": list(kept.subtracting(present)),
        "files_deleted": list(removed),
      ],
      "validation_results": ["tests_passed": true, "test_count": 2, "test_failures": 0],
      "documentation": ["feature_description": .string("Work on \(name)")],
    ]
  }
}

extension JSONValue {
  /// Sets the value at a path of member names.
  mutating func set(_ path: String..., to value: JSONValue?) { set(path[...], value) }

  private mutating func set(_ path: ArraySlice<String>, _ value: JSONValue?) {
    guard let first = path.first, case .object(var object) = self else { return }
    if path.count == 1 {
      object[first] = value
    } else {
      var inner = object[first] ?? [:]
      inner.set(path.dropFirst(), value)
      object[first] = inner
    }
    self = .object(object)
  }
}
