import Glibc

/// Looks at the host's settings that can undo what the repository's settings promise.
enum HostExamination {
  static func run() -> [Diagnosis] { [ssh(), login()].compactMap { $0 } }

  /// git variables that a client may set can switch hooks off.
  private static func ssh() -> Diagnosis? {
    let words = settings("/etc/ssh/sshd_config", more: "/etc/ssh/sshd_config.d")
    guard let words else { return nil }
    for line in words where line.count > 1 {
      switch line[0].lowercased() {
      case "acceptenv":
        // GIT_PROTOCOL is the one that git itself asks for.
        let patterns = line.dropFirst().filter { fnmatch($0, "GIT_CONFIG_COUNT", 0) == 0 }
        if let pattern = patterns.first {
          return .error(
            "sshd", "AcceptEnv \(pattern) lets a client switch the hooks off",
            advice: "accept GIT_PROTOCOL alone in /etc/ssh/sshd_config")
        }
      case "permituserenvironment" where line[1].lowercased() != "no":
        return .warning(
          "sshd", "PermitUserEnvironment \(line[1]): whoever writes ~/.ssh/environment sets git's variables",
          advice: "PermitUserEnvironment no")
      default: break
      }
    }
    return .ok("sshd", "passes no variable that switches hooks off")
  }

  /// A worker that a push over ssh started ends with the login session where this is set.
  private static func login() -> Diagnosis? {
    guard let words = settings("/etc/systemd/logind.conf", more: "/etc/systemd/logind.conf.d", split: "=") else {
      return nil
    }
    let kills = words.last { $0.first?.lowercased() == "killuserprocesses" }.flatMap {
      $0.dropFirst().first?.lowercased()
    }
    guard let kills, ["yes", "true", "1", "on"].contains(kills) else {
      return .ok("logind", "lets a worker outlive the login that started it")
    }
    return .warning(
      "logind", "KillUserProcesses ends a worker with the login that started it",
      advice: "run 'sluice worker' as a service, or loginctl enable-linger")
  }

  /// The words of every line that is no comment; nil where the file cannot be read.
  private static func settings(_ path: String, more folder: String, split separator: Character = " ") -> [[String]]? {
    let files = [path] + Disk.names(in: folder).filter { $0.hasSuffix(".conf") }.map { "\(folder)/\($0)" }
    var lines: [[String]] = []
    var isRead = false
    for file in files {
      guard Disk.kind(following: file) == .file else { continue }
      do {
        let text = String(decoding: try Disk.read(file, max: 1 << 20), as: UTF8.self)
        isRead = true
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
          lines.append(line.split { $0 == separator || $0 == " " || $0 == "\t" }.map(String.init))
        }
      } catch { continue }
    }
    return isRead ? lines.filter { !$0.isEmpty } : nil
  }
}
