import Domain
import Testing

/// The integration results of the seed document, each field measured.
@Suite struct ReportStories {
  private static let policy = """
    version: 1
    checks:
      tests: { run: 'sh test.sh && sleep 0.5', results: junit }
      api: { run: test -e a.txt, kind: compatibility }
      scan: { run: 'printf "{\\"version\\":\\"2.1.0\\",\\"runs\\":[{\\"tool\\":{\\"driver\\":{\\"name\\":\\"none\\"}},\\"results\\":[]}]}" > "$SLUICE_RESULTS/s.sarif"', results: sarif }
      speed: { run: 'i=0; while [ $i -lt 2000 ]; do i=$((i+1)); done; cat a.txt', kind: performance, budget: { time: +400% } }

    """

  /// The names of the fields that hold nothing, by their paths.
  private static func empty(_ value: JSONValue?, _ path: String) -> [String] {
    guard let value, value != .null else { return [path] }
    return value.object?.members.flatMap { empty($0.value, "\(path).\($0.name)") } ?? []
  }

  @Test func `a landing's report has every field of the seed document, and invents none`() async throws {
    try await World.run(.judged(by: Self.policy)) { world in
      let work = Work("all", ["a.txt": "changed\n", "cases/three": "fine\n"]).with {
        $0.adjust = {
          $0.set("documentation", "breaking_changes", to: false)
          $0.set("documentation", "migration_required", to: false)
          $0.set("documentation", "api_changes", to: [])
        }
      }
      let push = try await world.client.submit(work)
      _ = try await push.expectLanded(in: world)
      let shown = try await world.server.json("show", push.submissions.first ?? "")
      for part in ["main_branch_state", "integration_results", "compatibility_assessment"] {
        #expect(Self.empty(shown[part], part) == [], "\(shown.pretty)")
      }
      #expect(shown["main_branch_state"]?["branch_health"] == "healthy")
      let results = try #require(shown["integration_results"])
      #expect(results["system_test_count"] == 3 && results["system_test_failures"] == 0)
      #expect(results["merge_conflicts"] == false && results["regression_detected"] == false)
      #expect(results["security_validation"]?["security_score"] == "A+")
      #expect(results["security_validation"]?["compliance_check"] == "passed")
      let assessment = try #require(shown["compatibility_assessment"])
      #expect(assessment["backward_compatibility"] == true && assessment["api_compatibility"] == true)
      #expect(assessment["database_migration_required"] == false && assessment["dependency_conflicts"] == false)
      #expect(shown["recommendation"] == "approve_for_deployment")
    }
  }
}
