import Domain
import Testing

/// Work packages that differ from a good one in one place.
struct PackageExample: Sendable, CustomTestStringConvertible {
  let pointer: [String]
  /// The JSON to put there; nil to take the field out.
  let value: String?
  let isGood: Bool
  /// Whether the rule is one that a schema cannot say.
  var isUnsaid = false

  var testDescription: String { "/\(pointer.joined(separator: "/")) = \(value ?? "nothing")" }

  /// The good package with the field replaced.
  func package() throws -> JSONValue {
    let base = try JSONValue.parse(Array(Self.good.utf8))
    let new = try value.map { try JSONValue.parse(Array($0.utf8)) }
    return Self.replace(pointer[...], in: base, by: new) ?? .null
  }

  private static func replace(_ path: ArraySlice<String>, in value: JSONValue, by new: JSONValue?) -> JSONValue? {
    guard let name = path.first else { return new }
    var object = value.object ?? JSONObject()
    object[name] = replace(path.dropFirst(), in: object[name] ?? .null, by: new)
    return .object(object)
  }

  static let good = """
    {"metadata":{"agent_id":"1703123456-a1b2c3d4","task_id":"implement-user-authentication",
    "timestamp":"2024-01-01T12:00:00Z","submission_version":"1.0.0"},"status":"success",
    "changes":{"files_modified":["modules/auth/authentication.py"],"files_added":["modules/auth/__init__.py"],
    "files_deleted":["legacy/auth_utils.py"]},
    "validation_results":{"tests_passed":true,"test_count":47,"test_failures":0,"pylint_score":"10.00/10",
    "pylint_issues":0,"manual_verification":true,"cross_validation_ready":true,"infinite_loop_used":true,
    "wave_count":3,"research_triggered":false},
    "metrics":{"execution_time":2400,"test_execution_time":125,"lines_added":320,"lines_removed":85,
    "complexity_score":7.2,"performance_impact":"minimal"},"diff_package":"ZGlmZg==",
    "documentation":{"feature_description":"Comprehensive user authentication system","breaking_changes":false,
    "migration_required":false,"api_changes":["Added /auth/login endpoint","Added /auth/logout endpoint"]}}
    """

  private static func text(_ string: String) -> String { JSONValue.string(string).compact }

  private static func field(
    _ pointer: String, good: [String?] = [], bad: [String?] = [], unsaid: [String?] = []
  ) -> [PackageExample] {
    let path = pointer.split(separator: "/").map(String.init)
    return good.map { PackageExample(pointer: path, value: $0, isGood: true) }
      + bad.map { PackageExample(pointer: path, value: $0, isGood: false) }
      + unsaid.map { PackageExample(pointer: path, value: $0, isGood: false, isUnsaid: true) }
  }

  static let all: [PackageExample] = {
    let long = String(repeating: "x", count: 201)
    let directions = ["\u{202E}", "\u{2066}", "\u{061C}", "\u{200F}"].map { text("a\($0)b") }
    let controls = ["\u{0}", "\u{1b}[2J", "\u{7F}", "\u{9B}", "\u{2028}"].map { text("a\($0)b") }
    return [
      field("status", bad: [nil, "\"failure\"", "\"Success\"", "true", "null"]),
      field(
        "metadata/agent_id", good: [text("é agent"), text(String(long.dropLast()))],
        bad: [nil, "\"\"", "\"  \"", "7", "null", "\"a\\nb\"", "\"a\\tb\"", text(long)] + directions + controls,
        unsaid: [text(String(repeating: "é", count: 101))]),
      field("metadata/task_id", bad: [nil, "[]", "\"a\\u0000\""]),
      field(
        "metadata/timestamp",
        good: ["\"2024-02-29T23:59:59.999+02:00\"", "\"2016-12-31T23:59:60Z\"", "\"2024-01-01t00:00:00z\""],
        bad: [
          nil, "1704110400", "\"\"", "\"2024-01-01\"", "\"2024-01-01 12:00:00Z\"", "\"2024-01-01T12:00:00\"",
          "\"2024-01-01T25:00:00Z\"", "\"2024-13-01T00:00:00Z\"", "\"2024-01-01T12:00:00Z\\n\"",
        ],
        unsaid: ["\"2023-02-29T00:00:00Z\"", "\"2024-01-01T12:00:60Z\""]),
      field(
        "metadata/submission_version", good: ["\"1.0.0-alpha.1+build.05\"", "\"0.0.0\"", "\"1.0.0--\""],
        bad: [
          nil, "1", "1.0", "\"\"", "\"1\"", "\"1.0\"", "\"v1.0.0\"", "\"01.0.0\"", "\"1.0.0-01\"", "\"1.0.0-\"",
          "\"1.0.0+\"", "\"1.0.0+a+b\"", "\"1.0.0\\n\"", "\"1.0.0-é\"", "\"１.0.0\"", "\"1.0.0.0\"",
        ]),
      field(
        "metadata/base_commit", good: [nil, "\"9c8c3fd9c8c3fd9c8c3fd9c8c3fd9c8c3fd9c8c3\""],
        bad: ["\"9c8c3fd\"", "\"0000000000000000000000000000000000000000\"", "null", "\"HEAD\""]),
      field("metadata", bad: [nil, "[]", "null", "{}"]), field("changes", bad: [nil, "[]"]),
      field("validation_results", bad: [nil]), field("documentation", bad: [nil, "\"text\""]),
      field("metrics", good: [nil, "{}"], bad: ["null", "[]"]),
      field(
        "changes/files_added", good: ["[]", "[\"a b/é.txt\",\"...\",\".a\"]"],
        bad: [
          nil, "{}", "\"a\"", "[1]", "[null]", "[\"\"]", "[\"/a\"]", "[\"a/\"]", "[\"a//b\"]", "[\"./a\"]",
          "[\"a/../b\"]", "[\"..\"]", "[\"a\\u0000\"]", "[\"a\\nb\"]", "[\"a\",\"a\"]", "[\".sluice/package.json\"]",
          "[\"\(String(repeating: "x", count: 256))\"]", "[\"\(String(repeating: "xy/", count: 342))z\"]",
        ],
        unsaid: ["[\"legacy/auth_utils.py\"]", "[\"\(String(repeating: "é", count: 128))\"]"]),
      field("validation_results/tests_passed", bad: [nil, "false", "\"true\"", "1"]),
      field(
        "validation_results/test_count", good: ["0", "9223372036854775807"],
        bad: [nil, "-1", "1.5", "\"47\"", "99999999999999999999", "true"], unsaid: ["47.0", "-0", "1e2"]),
      field("validation_results/test_failures", bad: [nil, "3", "-1", "null"], unsaid: ["0.0", "-0"]),
      field("validation_results/pylint_score", good: [nil, "\"\""], bad: ["10", "\"\\u001b[1m\""]),
      field("validation_results/pylint_issues", good: [nil], bad: ["-1", "\"0\""]),
      field("validation_results/manual_verification", good: [nil], bad: ["\"yes\"", "null", "1"]),
      field("metrics/execution_time", good: [nil, "0", "0.5", "1e3"], bad: ["\"2400\"", "-1", "null"]),
      field("metrics/complexity_score", good: ["-1.5", "0"], bad: ["\"7\""]),
      field("metrics/lines_added", bad: ["-1", "1.5"]),
      field("metrics/performance_impact", bad: ["0"] + directions),
      field(
        "diff_package", good: [nil, "\"\"", "\"QQ==\"", "\"QUI=\"", "\"+/+/\""],
        bad: [
          "1", "\"QQ\"", "\"QQ=\"", "\"QR==\"", "\"QUJ=\"", "\"QQ==\\n\"", "\"QU\\nI=\"", "\"-_-_\"", "\"====\"",
          "\"Q===\"", "\"QQ==QQ==\"", "\"QQ=a\"", "\"base64_encoded_git_diff_content\"", "\"é\"",
        ]),
      field(
        "documentation/feature_description", good: ["\"One line\\nand another\\twith a tab\""],
        bad: [nil, "\"\"", "\" \\n\"", "7", "\"\\u0000\""] + directions),
      field("documentation/api_changes", good: ["[]"], bad: ["\"x\"", "[1]", "[\"\\u001b\"]"]),
      field("documentation/breaking_changes", bad: ["\"no\""]),
      field("extra", good: ["{\"a\":[1]}"]), field("metadata/extra", good: ["null"]),
    ].flatMap { $0 }
  }()
}
