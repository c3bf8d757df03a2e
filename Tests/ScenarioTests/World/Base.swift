/// What a server's repository holds before Sluice comes to it.
struct Base: Sendable {
  /// The files of the target's only commit; nil for an empty repository.
  var files: [String: Work.Content]? = Base.project
  /// Targets beside main, which begin where main does.
  var targets: [String] = []
  /// The text of a policy outside the repository, where there is one.
  var policyFile: String?
  /// Further `git config` of the server, before the installation.
  var config: [(key: String, value: String)] = []
  /// Hooks that were there before.
  var hooks: [String: String] = [:]
  var installOptions: [String] = []

  /// A project whose test fails for each file in `cases` that says FAIL, and whose policy is in its tree.
  static let project: [String: Work.Content] = [
    "README.md": "A project.\n", "a.txt": .text(lines(of: "a")), "b.txt": .text(lines(of: "b")), "cases/one": "fine\n",
    "cases/two": "fine\n", "test.sh": .executable(testScript), ".sluice.yml": .text(policy()),
  ]

  /// A base with a policy of its own in the tree.
  static func judged(by policy: String, adding files: [String: Work.Content] = [:]) -> Base {
    var base = Base()
    base.files = project.merging(files) { $1 }.merging([".sluice.yml": .text(policy)]) { $1 }
    return base
  }

  func with(_ change: (inout Base) -> Void) -> Base {
    var copy = self
    change(&copy)
    return copy
  }

  /// A policy with one check that runs the project's test.
  static func policy(
    merge: String = "squash", run: String = "sh test.sh", results: String = "junit", _ more: String = ""
  )
    -> String
  {
    "version: 1\nmerge: \(merge)\nchecks:\n  tests: { run: '\(run)', results: \(results) }\n" + more
  }

  static func lines(of name: String) -> String { (1...20).map { "\(name) line \($0)\n" }.joined() }

  private static let testScript = """
    #!/bin/sh
    # Every file in cases/ is a test; one that says FAIL fails.
    failed=0
    {
      echo '<testsuite name="cases">'
      for file in cases/*; do
        name=${file#cases/}
        if grep -q FAIL "$file"; then
          failed=1
          echo "<testcase classname=\\"cases\\" name=\\"$name\\"><failure message=\\"says FAIL\\">$(head -n 1 "$file")</failure></testcase>"
        else
          echo "<testcase classname=\\"cases\\" name=\\"$name\\"/>"
        fi
      done
      echo '</testsuite>'
    } > "$SLUICE_RESULTS/junit.xml"
    exit $failed

    """
}
