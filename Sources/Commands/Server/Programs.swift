import Glibc

/// The hooks that Sluice has a program for.
enum Hook: String, CaseIterable, Sendable {
  case preReceive = "pre-receive"
  case procReceive = "proc-receive"
  case postReceive = "post-receive"
}

/// Where the executables of this installation are.
struct Programs: Sendable {
  /// The folder that holds the hook programs.
  let hooks: String

  /// Looks in `../libexec/sluice` of the running executable, then beside it, as in a build folder.
  static func find() throws(CommandFailure) -> Programs {
    guard let own = Disk.linkText("/proc/self/exe") else { throw .unreachable("/proc is not mounted") }
    let folder = own.split(separator: "/").dropLast().map(String.init)
    let candidates = [folder.dropLast() + ["libexec", "sluice"], folder[...]].map { "/" + $0.joined(separator: "/") }
    for candidate in candidates where Hook.allCases.allSatisfy({ isProgram("\(candidate)/\($0.rawValue)") }) {
      return Programs(hooks: candidate)
    }
    throw .refused(
      "the hook programs are neither in \(candidates[0]) nor beside \(own)", hint: "run install.sh again")
  }

  func path(_ hook: Hook) -> String { "\(hooks)/\(hook.rawValue)" }

  private static func isProgram(_ path: String) -> Bool {
    Disk.kind(following: path) == .file && access(path, X_OK) == 0
  }
}
