import Domain
import PolicyFile
import Testing

@Suite struct CheckOrderTests {
  private func read(_ checks: String) throws(PolicyError) -> Policy {
    try PolicyFile.read(Array("version: 1\nchecks:\n\(checks)\n".utf8), name: ".sluice.yml")
  }

  private func problem(_ checks: String) -> String {
    do {
      _ = try read(checks)
      return "it reads"
    } catch { return "\(error)" }
  }

  @Test func `a matrix stands for one check each, and who needs it needs them all`() throws {
    let policy = try read(
      """
        tests:
          run: 'py-${{ matrix.python }} -m pytest --db ${{ matrix.db }}'
          matrix: {python: ["3.11", "3.12"], db: [pg, lite]}
        pack: {run: make, needs: [tests]}
      """)
    #expect(
      policy.checks.map(\.name) == ["tests-3.11-pg", "tests-3.11-lite", "tests-3.12-pg", "tests-3.12-lite", "pack"])
    #expect(policy.checks[3].run == "py-3.12 -m pytest --db lite")
    #expect(policy.prerequisites(of: policy.checks[4]) == policy.checks.prefix(4).map(\.name))
  }

  @Test func `a later stage waits for all of the earlier ones`() throws {
    let policy = try read(
      """
        slow: {run: a, stage: 2}
        lint: {run: b}
        last: {run: c, stage: 3, needs: [lint]}
      """)
    #expect(policy.checks.map { policy.prerequisites(of: $0) } == [["lint"], [], ["slow", "lint"]])
  }

  @Test func `what of the tests blocks can be chosen`() throws {
    let policy = try read("  t: {run: a, results: junit, blocks: [regressions, already_failing]}\n  u: {run: b}")
    #expect(policy.checks[0].blocks == [.regression, .alreadyFailing])
    #expect(policy.checks[1].blocks == [.regression, .newFailure, .missing, .newlySkipped])
  }

  @Test func `a review asks people, whatever else is checked`() throws {
    let policy = try read(
      "  a: {run: x, needs: [human]}\n  human: {kind: review, paths: [src/**], timeout: 48h}\n  all: {kind: review}")
    #expect(policy.checks.map(\.name) == ["a"] && policy.checks[0].needs == [])
    #expect(policy.reviews.map(\.name) == ["human", "all"])
    #expect(policy.reviews[0].paths == ["src/**"] && policy.reviews[0].timeout == .seconds(48 * 3_600))
    #expect(policy.reviews[1].paths == ["**"] && policy.reviews[1].timeout == .seconds(24 * 3_600))
  }

  @Test(arguments: [
    ("  a: {run: x}\n  h: {kind: review, run: y}", "checks.h: unknown key \"run\", known are kind, paths, timeout"),
    ("  a: {run: x}\n  h: {kind: review, timeout: 721h}", "expected a time from 1s to 720h"),
    ("  a: {run: x}\nstaging:\n  h: {kind: review}", "staging.h.kind: expected a review among the checks"),
    ("  a: {run: x, paths: [b]}", "checks.a: unknown key \"paths\""),
    ("  a: {run: x, needs: [b]}", "checks.a.needs: expected the name of a check, found \"b\""),
    ("  a: {run: x, needs: [b]}\n  b: {run: x, needs: [a]}", "expected checks that can run before it"),
    ("  a: {run: x, needs: [a]}", "expected checks that can run before it"),
    ("  a: {run: x, needs: [b]}\n  b: {run: x, stage: 2}", "expected checks that can run before it"),
    ("  a: {run: x, stage: 0}", "checks.a.stage: expected an integer from 1 to 20"),
    ("  a: {run: x, matrix: {v: [1]}}", "expected ${{ matrix.v }} in the check's command"),
    ("  a: {run: 'x ${{ matrix.v }}', matrix: {v: ['1; rm']}}", "expected a value of letters"),
    ("  a: {run: 'x ${{ matrix.v }}', matrix: {v: []}}", "expected a list of 1 to 32 values"),
    ("  a: {run: 'x ${{ matrix.v }}', matrix: {v: [1]}}\n  a-1: {run: x}", "found \"a-1\" twice"),
    ("  a: {run: x, blocks: [missing]}", "expected results: junit or tap with it"),
    ("  a: {run: x, results: tap, blocks: [gone]}", "expected regressions | new_failures | missing"),
  ])
  func `what cannot be is refused with its place`(checks: String, words: String) {
    let problem = problem(checks)
    #expect(problem.contains(words), "\(problem)")
  }
}
