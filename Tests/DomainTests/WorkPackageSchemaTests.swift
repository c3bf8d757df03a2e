import Domain
import Testing

@Suite struct WorkPackageSchemaTests {
  private static func hasValidator() throws -> Bool {
    try Program.answer("python3", ["-W", "ignore", "-c", "import jsonschema"], input: "") != nil
  }

  @Test(.enabled("needs python3 with jsonschema", Self.hasValidator))
  func `an independent validator accepts and refuses what the reader does`() throws {
    let packages = try PackageExample.all.map { try $0.package() }
    let question: JSONValue = ["schema": WorkPackageSchema.json, "packages": .array(packages)]
    let script = """
      import json, sys, jsonschema
      question = json.load(sys.stdin)
      jsonschema.Draft202012Validator.check_schema(question["schema"])
      validator = jsonschema.Draft202012Validator(question["schema"])
      for package in question["packages"]: print("yes" if validator.is_valid(package) else "no")
      """
    let answer = try Program.answer("python3", ["-W", "ignore", "-c", script], input: question.compact)
    let verdicts = try #require(answer).split(separator: "\n")
    try #require(verdicts.count == packages.count)
    for (example, verdict) in zip(PackageExample.all, verdicts) {
      #expect((verdict == "yes") == (example.isGood || example.isUnsaid), "\(example.testDescription)")
    }
  }
}
