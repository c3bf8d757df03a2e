import Git
import Processes
import Store

/// Looks at the programs and libraries that Sluice stands on.
enum ProgramExamination {
  static func run(_ repository: ServerRepository?) throws(CommandFailure) -> [Diagnosis] {
    var findings = [git()]
    // 1.5 is what the merges were measured and compared with.
    findings.append(.ok("libgit2", LibGit2Version.text))
    do { findings.append(.ok("sqlite", "\(try SQLiteLedger.libraryVersion()), with a rollback journal")) } catch {
      findings.append(.error("sqlite", "\(CommandFailure(error).sentence)"))
    }
    do {
      let programs = try Programs.find()
      findings.append(.ok("sluice", "\(sluiceVersion), hook programs in \(programs.hooks)"))
    } catch { findings.append(.error("sluice", error.sentence, advice: error.hint)) }
    return findings
  }

  private static func git() -> Diagnosis {
    guard let path = Program.find("git") else { return .error("git", "git is not on the PATH", advice: "install git") }
    let version: GitVersion?
    do {
      version = GitVersion(line: try Program.run(path, ["--version"], environment: Environment.forGit).line)
    } catch { return .error("git", "\(error)") }
    guard let version else { return .error("git", "\(path) tells no version") }
    switch version {
    case ..<GitVersion.procReceive:
      return .error(
        "git", "\(version) has neither proc-receive (2.29), core.fsync (2.36) nor merge-tree (2.38)",
        advice: "install git 2.38 or newer")
    case ..<GitVersion.fsync:
      return .error(
        "git", "\(version) has neither core.fsync (2.36) nor merge-tree (2.38)", advice: "install git 2.38 or newer")
    case ..<GitVersion.mergeTree:
      return .error("git", "\(version) has no 'merge-tree --write-tree' (2.38)", advice: "install git 2.38 or newer")
    default: return .ok("git", "\(version) at \(path)")
    }
  }
}
