import Domain
import Testing

@Suite struct PackageStories {
  /// A change to an honest package, and what the answer must say.
  struct Row: Sendable {
    let name: String
    let categories: [String]
    let words: [String]
    let adjust: @Sendable (inout JSONValue) -> Void

    init(
      _ name: String, _ words: [String], categories: [String] = ["invalid_package"],
      _ adjust: @escaping @Sendable (inout JSONValue) -> Void
    ) {
      self.name = name
      self.categories = categories
      self.words = words
      self.adjust = adjust
    }
  }

  static let missing: [Row] = [
    ["metadata"], ["metadata", "agent_id"], ["metadata", "task_id"], ["metadata", "timestamp"],
    ["metadata", "submission_version"], ["status"], ["changes"], ["changes", "files_modified"],
    ["changes", "files_added"], ["changes", "files_deleted"], ["validation_results"],
    ["validation_results", "tests_passed"], ["validation_results", "test_count"],
    ["validation_results", "test_failures"], ["documentation"], ["documentation", "feature_description"],
  ].map { path in
    Row("without \(path.joined(separator: "."))", ["/" + path.joined(separator: "/")]) { package in
      if path.count == 1 { package.set(path[0], to: nil) } else { package.set(path[0], path[1], to: nil) }
    }
  }

  static let wrong: [Row] = [
    Row("a status other than success", ["/status", "success"]) { $0.set("status", to: "failed") },
    Row("tests that did not pass", ["/validation_results/tests_passed"]) {
      $0.set("validation_results", "tests_passed", to: false)
    },
    Row("failures among passed tests", ["/validation_results/test_failures"]) {
      $0.set("validation_results", "test_failures", to: 1)
    },
    Row("a negative count", ["/validation_results/test_count"]) { $0.set("validation_results", "test_count", to: -1) },
    Row("a count with a fraction", ["/validation_results/test_count"]) {
      $0.set("validation_results", "test_count", to: .number(JSONNumber(literal: "1.5")))
    },
    Row("a count written 1.0", ["/validation_results/test_count"]) {
      $0.set("validation_results", "test_count", to: .number(JSONNumber(literal: "1.0")))
    },
    Row("a count beyond 64 bits", ["/validation_results/test_count"]) {
      $0.set("validation_results", "test_count", to: .number(JSONNumber(literal: "99999999999999999999")))
    },
    Row("a count that is text", ["/validation_results/test_count", "integer"]) {
      $0.set("validation_results", "test_count", to: "47")
    },
    Row("more failures than tests", ["/validation_results"]) {
      $0.set("validation_results", "test_failures", to: 5)
    },
    Row("a time that is none", ["/metadata/timestamp"]) { $0.set("metadata", "timestamp", to: "yesterday") },
    Row("a 13th month", ["/metadata/timestamp"]) { $0.set("metadata", "timestamp", to: "2024-13-01T12:00:00Z") },
    Row("a version that is none", ["/metadata/submission_version"]) {
      $0.set("metadata", "submission_version", to: "one")
    },
    Row("an empty task", ["/metadata/task_id"]) { $0.set("metadata", "task_id", to: "") },
    Row("an escape in the agent's id", ["/metadata/agent_id"]) { $0.set("metadata", "agent_id", to: "a\u{1b}[31mb") },
    Row("NUL in the task's id", ["/metadata/task_id"]) { $0.set("metadata", "task_id", to: "a\u{0}b") },
    Row("a direction mark in the task's id", ["/metadata/task_id"]) { $0.set("metadata", "task_id", to: "a\u{202e}b") },
    Row("a list that is text", ["/changes/files_added", "a list"]) { $0.set("changes", "files_added", to: "a.txt") },
    Row("a number in a list", ["/changes/files_added/0"]) { $0.set("changes", "files_added", to: [1]) },
    Row("metrics of the wrong type", ["/metrics/lines_added"]) { $0.set("metrics", to: ["lines_added": "many"]) },
    Row("a package that is a list", ["object"]) { $0 = [1, 2] },
  ]

  static let undeclared: [Row] = [
    Row("a changed file left out", ["odd.txt"], categories: ["undeclared_changes"]) {
      $0.set("changes", "files_added", to: [])
    },
    Row("a file that did not change", ["b.txt"], categories: ["undeclared_changes"]) {
      $0.set("changes", "files_modified", to: ["a.txt", "b.txt"])
    },
    Row("an addition declared as a modification", ["odd.txt"], categories: ["undeclared_changes"]) {
      $0.set("changes", "files_added", to: [])
      $0.set("changes", "files_modified", to: ["a.txt", "odd.txt"])
    },
    Row("a deletion that did not happen", ["README.md"], categories: ["undeclared_changes"]) {
      $0.set("changes", "files_deleted", to: ["README.md"])
    },
    Row("a path outside the tree", ["../x"], categories: ["undeclared_changes", "invalid_package"]) {
      $0.set("changes", "files_added", to: ["odd.txt", "../x"])
    },
    Row("a file declared twice", ["odd.txt"], categories: ["undeclared_changes", "invalid_package"]) {
      $0.set("changes", "files_added", to: ["odd.txt", "odd.txt"])
    },
  ]

  @Test(arguments: [Embedding.file, .tag, .blob])
  func `every false package is refused in one sentence that points at it`(embedding: Embedding) async throws {
    try await World.run { world in
      let before = try await world.snapshot()
      let rows = Self.missing + Self.wrong + Self.undeclared
      for row in embedding == .file ? rows : Array(rows.enumerated().filter { $0.offset % 5 == 0 }.map(\.element)) {
        let work = Work("odd", ["a.txt": "odd\n", "odd.txt": "odd\n"]).with {
          $0.adjust = row.adjust
          $0.embedding = embedding
        }
        let push = try await world.client.submit(work)
        push.expectRefused(row.categories, row.words, row: row.name)
        #expect(push.submissions.isEmpty, "\(row.name): \(push)")
      }
      #expect(try await world.snapshot() == before)
    }
  }

  /// Bytes that are no package.
  static let texts: [(name: String, bytes: [UInt8], words: [String])] = {
    let honest = Array(Work("odd", ["a.txt": "odd\n"]).package(present: ["a.txt"]).compact.utf8)
    let text = String(decoding: honest, as: UTF8.self)
    func with(_ extra: String) -> [UInt8] { Array((text.dropLast() + ",\"extra\":" + extra + "}").utf8) }
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    return [
      ("nothing", [], []), ("only spaces", Array("  \n".utf8), []), ("no JSON", Array("hello".utf8), []),
      ("two values", honest + honest, []), ("a byte order mark", [0xEF, 0xBB, 0xBF] + honest, ["byte order mark"]),
      ("UTF-16", [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }, ["UTF-8"]),
      ("bytes that are no UTF-8", honest.dropLast() + [0x2C, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D], ["UTF-8"]),
      ("a lone surrogate", with("\"\\ud800\""), []), ("a trailing comma", Array((text.dropLast() + ",}").utf8), []),
      ("a comment", Array(("// x\n" + text).utf8), []), ("a duplicate name", with("1,\"extra\":2"), ["extra"]),
      ("a duplicate that counts", Array((text.dropLast() + ",\"status\":\"success\"}").utf8), ["status"]),
      ("17 levels", with(nested(17)), []), ("600 levels", with(nested(600)), []),
      ("a million levels", Array(String(repeating: "[", count: 900_000).utf8), []), ("NaN", with("NaN"), []),
      ("an infinite number", with("1e400"), []), ("a number with a plus", with("+1"), []),
      ("a leading zero", with("01"), []), ("a control character", with("\"a\u{1}b\""), []),
      ("20,000 nodes", with("[" + String(repeating: "1,", count: 20_000) + "1]"), []),
      ("a string of 100 kB", with("\"" + String(repeating: "x", count: 100_000) + "\""), []),
      ("cut off", Array(honest.dropLast(10)), []),
    ]
  }()

  @Test func `text that two readers could understand differently is refused`() async throws {
    try await World.run { world in
      let before = try await world.snapshot()
      for row in Self.texts {
        let work = Work("odd", ["a.txt": "odd\n"]).with { $0.packageBytes = row.bytes }
        let push = try await world.client.submit(work)
        push.expectRefused(["invalid_package", "limit_exceeded"], row.words, row: row.name)
      }
      #expect(try await world.snapshot() == before)
    }
  }

  @Test func `a package of more than its limit is refused with the limit`() async throws {
    try await World.run(.judged(by: Base.policy(run: "true", results: "exit", "limits: { package: 4KiB }\n"))) {
      world in
      let work = Work("large", ["a.txt": "odd\n"]).with {
        $0.adjust = { $0.set("note", to: .string(String(repeating: "x", count: 5_000))) }
      }
      try await world.client.submit(work).expectRefused("limit_exceeded", "4")
    }
  }

  @Test func `every violation stands in one answer`() async throws {
    try await World.run { world in
      let work = Work("many", ["a.txt": "odd\n", "odd.txt": "odd\n"]).with {
        $0.adjust = { package in
          package.set("metadata", "agent_id", to: nil)
          package.set("metadata", "timestamp", to: "now")
          package.set("status", to: "failed")
          package.set("validation_results", "test_count", to: -3)
          package.set("changes", "files_added", to: [])
        }
      }
      let push = try await world.client.submit(work)
      push.expectRefused(
        "invalid_package", "/metadata/agent_id", "/metadata/timestamp", "/status", "/validation_results/test_count",
        "/changes/files_added", "odd.txt")
    }
  }

  @Test func `unknown fields are kept and named in one warning`() async throws {
    try await World.run { world in
      let work = Work("more", ["a.txt": "more\n"]).with {
        $0.adjust = { package in
          package.set("mood", to: "good")
          package.set("metadata", "color", to: "blue")
        }
      }
      let push = try await world.client.submit(work)
      _ = try await push.expectLanded(in: world)
      let warnings = push.remote.filter { $0.contains("warning:") }
      #expect(warnings.count == 1 && warnings[0].contains("mood") && warnings[0].contains("color"), "\(push)")
    }
  }

  @Test func `a commit without a package is refused with how to make one`() async throws {
    try await World.run { world in
      let work = Work("bare", ["a.txt": "bare\n"])
      let parent = try await world.client.fetch()
      let commit = try await world.client.commit(work.changes, parent: parent, work)
      let push = try await world.client.push(["\(commit):refs/heads/submit/bare"])
      push.expectRefused("invalid_package", ".sluice/package.json", "hint:")
      let light = try await world.client.push(["\(commit):refs/tags/submit/bare"])
      light.expectRefused("invalid_package", row: "a tag that is no tag object")
    }
  }

  @Test func `a diff in the package must be the change that was pushed`() async throws {
    try await World.run { world in
      let blob = try await world.client.make(Work("diff", ["a.txt": "diff\n"]).with { $0.embedding = .blob })
      let text = try await Git.run(in: world.client.repository, "cat-file", "blob", blob)
      let diff = try JSONValue.parse(Array(text.utf8))["diff_package"]
      let honest = Work("diff", ["a.txt": "diff\n"]).with { $0.adjust = { $0.set("diff_package", to: diff) } }
      let contradicting = Work("other", ["a.txt": "other\n"]).with { $0.adjust = { $0.set("diff_package", to: diff) } }
      let more = Work("more", ["a.txt": "diff\n", "b.txt": "more\n"]).with {
        $0.adjust = { $0.set("diff_package", to: diff) }
        $0.embedding = .tag
      }
      for (work, row) in [(contradicting, "another change"), (more, "one file more")] {
        try await world.client.submit(work).expectRefused(
          ["invalid_package", "undeclared_changes"], ["diff_package"], row: row)
      }
      _ = try await world.client.submit(honest).expectLanded(in: world)
    }
  }
}
