import Domain
import Testing

@Suite struct IntegrationReportTests {
  private func integration(_ checks: [CheckResult]) throws -> Integration {
    let id = try #require(IntegrationID("int-1703123460-x7k2f9"))
    let submission = try #require(SubmissionID("sub-1703123456-a1b2c3"))
    var integration = Integration(id: id, submission: submission, base: .emptyTree, startedAt: 1_703_123_460)
    integration.checks = checks
    return integration
  }

  private func check(_ kind: String, _ verdict: Verdict, _ tests: TestCounts?) -> CheckResult {
    CheckResult(name: kind, kind: kind, verdict: verdict, seconds: 1, key: CheckKey(digest: .emptyTree), tests: tests)
  }

  @Test func `the report has the fields of the seed document in its order, and null for what nobody measured`() throws {
    let tests = check("test", .passed, TestCounts(passed: 1245, failed: 0, skipped: 2))
    var report = IntegrationReport(try integration([tests]), validatedAt: 1_704_112_200, failure: nil)
    report.hasMergeConflicts = false
    report.baseTestsPassed = true
    report.regressionCount = 0
    report.compatibility.migrationRequired = false
    #expect(
      report.json.pretty == """
        {
          "integration_id": "int-1703123460-x7k2f9",
          "agent_submission_id": "sub-1703123456-a1b2c3",
          "validation_timestamp": "2024-01-01T12:30:00Z",
          "status": "success",
          "main_branch_state": {
            "commit_hash": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
            "branch_health": "healthy",
            "existing_tests_passed": true
          },
          "integration_results": {
            "merge_conflicts": false,
            "system_tests_passed": true,
            "system_test_count": 1247,
            "system_test_failures": 0,
            "regression_detected": false,
            "performance_impact": {
              "execution_time_change": null,
              "memory_usage_change": null,
              "overall_impact": null
            },
            "security_validation": {
              "vulnerabilities_detected": null,
              "security_score": null,
              "compliance_check": null
            }
          },
          "compatibility_assessment": {
            "backward_compatibility": null,
            "api_compatibility": null,
            "database_migration_required": false,
            "dependency_conflicts": null
          },
          "recommendation": "approve_for_deployment",
          "compatibility_sources": {
            "backward_compatibility": null,
            "api_compatibility": null,
            "database_migration_required": "package documentation.migration_required",
            "dependency_conflicts": null
          },
          "feedback": null
        }
        """)
  }

  @Test func `a conflict leaves the tests unknown and a failing test leaves them failed`() throws {
    var conflict = IntegrationReport(try integration([]), validatedAt: 0, failure: .mergeConflicts)
    conflict.hasMergeConflicts = true
    #expect(conflict.json["status"] == "failure" && conflict.json["recommendation"] == "resolve_conflicts")
    #expect(conflict.json["integration_results"]?["merge_conflicts"] == true)
    #expect(conflict.json["integration_results"]?["system_tests_passed"] == .null)
    #expect(conflict.json["integration_results"]?["system_test_count"] == .null)
    let checks = [
      check("test", .failed, TestCounts(passed: 8, failed: 2)), check("test", .flaky, nil),
      check("security", .failed, nil),
    ]
    var report = IntegrationReport(try integration(checks), validatedAt: 0, failure: .testFailures)
    report.newFindings = (1...3).map {
      Finding(rule: "r\($0)", severity: .high, path: nil, line: nil, message: "found", fingerprint: "\($0)")
    }
    let failed = report.json
    #expect(failed["integration_results"]?["system_tests_passed"] == false)
    #expect(failed["integration_results"]?["system_test_count"] == 10)
    #expect(failed["integration_results"]?["system_test_failures"] == 2)
    #expect(failed["integration_results"]?["security_validation"]?["vulnerabilities_detected"] == 3)
    #expect(failed["recommendation"] == "fix_test_failures")
  }

  @Test func `changes of time and memory are told in percent, and the worse of them in a word`() throws {
    var report = IntegrationReport(try integration([]), validatedAt: 0, failure: nil)
    for (time, memory, impact) in [(0.002, 0.001, "negligible"), (-0.3, 0.08, "degraded"), (-0.2, -0.1, "improved")] {
      report.timeChange = time
      report.memoryChange = memory
      #expect(report.json["integration_results"]?["performance_impact"]?["overall_impact"]?.string == impact)
    }
    let told = report.json["integration_results"]?["performance_impact"]
    #expect(told?["execution_time_change"] == "-20.0%" && told?["memory_usage_change"] == "-10.0%")
  }

  @Test func `each answer about compatibility has a source, and a failing check outweighs the package`() {
    var documentation = WorkPackage.Documentation(featureDescription: "d")
    documentation.breakingChanges = false
    var compatibility = Compatibility(documentation)
    #expect(compatibility.json["backward_compatibility"] == true && compatibility.json["api_compatibility"] == .null)
    compatibility.checks = ["abi": false, "wire": true]
    compatibility.sharedManifests = ["web/package.json"]
    #expect(compatibility.json["backward_compatibility"] == false && compatibility.json["dependency_conflicts"] == true)
    #expect(compatibility.sources["backward_compatibility"] == "check abi")
    #expect(compatibility.sources["dependency_conflicts"] == "changed on both sides: web/package.json")
    #expect(compatibility.sources["database_migration_required"] == .null)
  }

  @Test(arguments: [
    ("requirements-dev.txt", true), ("a/b/Cargo.lock", true), ("src/go.mod", true), ("App.csproj", true),
    ("package.json.md", false), ("src/requirements.py", false), ("readme.txt", false),
  ])
  func `manifests are known by their names`(path: String, isOne: Bool) {
    #expect(DependencyManifest.isOne(path) == isOne)
  }

  @Test(arguments: FailureCategory.allCases) func `every failure is recommended something`(category: FailureCategory)
    throws
  {
    let report = IntegrationReport(try integration([]), validatedAt: 0, failure: category)
    #expect(report.recommendation != .approve && report.json["status"] == "failure")
  }
}
