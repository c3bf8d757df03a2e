import Domain
import Glibc
import Processes

/// A run of the agent's own tests.
struct TestRun: Sendable {
  let counts: TestCounts
  let seconds: Double
  let exit: Exit

  var hasPassed: Bool { exit.isSuccess && counts.failed == 0 }

  /// How the run ended, for a sentence.
  var shown: String {
    let end =
      switch exit {
      case .status(0): counts.failed > 0 ? "reported failures" : "passed"
      case .status(let status): "ended with exit status \(status)"
      case .signal(let signal): "was ended by signal \(signal)"
      }
    return counts.total > 1 ? "\(end): \(counts.failed) of \(counts.total) failed" : end
  }

  /// Runs a shell command in the top folder, its output on our standard error, and collects its results.
  ///
  /// - Shape: JUnit XML in `$SLUICE_RESULTS`, or in files that `junit` matches; without any, the command is one test.
  static func run(_ command: String, in tree: WorkingTree, junit: String?) throws(CommandFailure) -> TestRun {
    let results = try ScratchFolder()
    let start = now
    let exit: Exit
    do {
      exit = try Program.attend(
        "/bin/sh", ["-c", command], environment: Environment.all + ["SLUICE_RESULTS=\(results.path)"],
        directory: tree.path,
        outputTo: STDERR_FILENO)
    } catch { throw .unreachable("the tests do not start: \(error)") }
    let seconds = now - start
    let counts = try TestCounts(reports: reports(in: results.path) + matches(junit, in: tree))
    let alone = exit.isSuccess ? TestCounts(passed: 1) : TestCounts(failed: 1)
    return TestRun(counts: counts ?? alone, seconds: seconds, exit: exit)
  }

  private static func reports(in folder: String) -> [String] {
    Disk.names(in: folder).filter { $0.hasSuffix(".xml") }.map { "\(folder)/\($0)" }
  }

  private static func matches(_ pattern: String?, in tree: WorkingTree) throws(CommandFailure) -> [String] {
    guard let pattern else { return [] }
    var found = glob_t()
    defer { globfree(&found) }
    let absolute = pattern.hasPrefix("/") ? pattern : "\(tree.path)/\(pattern)"
    guard glob(absolute, 0, nil, &found) == 0 else {
      throw .refused("no file matches --junit '\(pattern)'", hint: "have the tests write their report there")
    }
    return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
