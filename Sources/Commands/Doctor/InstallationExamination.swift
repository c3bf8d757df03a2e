import Domain
import GitProgram
import Glibc

/// Looks at what `sluice install` set up: hooks, settings, ownership.
struct InstallationExamination {
  private let repository: ServerRepository
  private let effective: GitConfig
  private let own: GitConfig
  private let isFallback: Bool

  init(_ repository: ServerRepository) throws(CommandFailure) {
    self.repository = repository
    effective = try GitConfig.effective(repository)
    own = try GitConfig.own(repository)
    isFallback = own.value("sluice.fallback") == "true"
  }

  func run() throws(CommandFailure) -> [Diagnosis] {
    guard repository.isInstalled, !own.values("sluice.installed").isEmpty else {
      return [
        .error("installation", "Sluice is not installed here", advice: "sluice install \(repository.path)")
      ] + ownership()
    }
    return try hooks() + [hookFolder()] + settings() + [readable(), attributes()] + ownership()
  }

  private var repair: String { "sluice install \(repository.path)" }

  private func hooks() throws(CommandFailure) -> [Diagnosis] {
    let programs: Programs
    do { programs = try Programs.find() } catch { return [.error("hooks", error.sentence, advice: error.hint)] }
    var findings: [Diagnosis] = []
    for hook in Hook.allCases where !(hook == .procReceive && isFallback) {
      let link = HookLink(hook, in: repository, programs: programs)
      let name = "hooks/\(hook.rawValue)"
      switch link.state {
      case .missing: findings.append(.error(name, "is missing: git runs nothing", advice: repair))
      case .foreign: findings.append(.error(name, "is not Sluice's", advice: repair))
      case .ours, .otherInstallation:
        guard Disk.kind(following: link.path) == .file else {
          findings.append(.error(name, "points at a program that is not there", advice: repair))
          continue
        }
        guard access(link.path, X_OK) == 0 else {
          let target = Disk.realPath(link.path) ?? link.path
          findings.append(.error(name, "is not executable: git passes it by", advice: "chmod 755 \(target)"))
          continue
        }
        if case .otherInstallation(let text) = link.state {
          findings.append(.warning(name, "belongs to another installation, \(text)", advice: repair))
        } else {
          findings.append(.ok(name, "ours and executable"))
        }
      }
    }
    if isFallback {
      findings.append(
        .warning(
          "hooks",
          "fallback without proc-receive: a push's exit status only says 'accepted', and a missing hook lets pushes through"
        ))
    }
    return findings
  }

  private func hookFolder() -> Diagnosis {
    guard let configured = effective.value("core.hooksPath") else { return .ok("core.hooksPath", "not set") }
    let path = configured.hasPrefix("/") ? configured : "\(repository.path)/\(configured)"
    guard let real = Disk.realPath(path), real == Disk.realPath(repository.hooks) else {
      return .error(
        "core.hooksPath", "is \(configured): git runs hooks from there and not Sluice's",
        advice: "git --git-dir=\(repository.path) config core.hooksPath \(repository.hooks)")
    }
    return .ok("core.hooksPath", "is the repository's own folder")
  }

  private func settings() throws(CommandFailure) -> [Diagnosis] {
    let baseline = Baseline(git: try repository.version(), isFallback: isFallback)
    let wrong = baseline.settings.filter { !holds($0) }
    guard !wrong.isEmpty else {
      return [.ok("settings", "\(baseline.settings.count) git settings are as they must be")]
    }
    return wrong.map { setting in
      let now = effective.values(setting.key).joined(separator: ", ")
      return .error(
        setting.key, "is \(now.isEmpty ? "not set" : now), must be \(setting.value): \(setting.reason)", advice: repair)
    }
  }

  private func holds(_ setting: Baseline.Setting) -> Bool {
    // What counts for a single value is the last one, wherever it stands.
    if case .exactly(let value) = setting.demand, setting.key != "receive.procReceiveRefs" {
      return effective.value(setting.key) == value
    }
    return setting.holds(for: effective.values(setting.key))
  }

  private func readable() -> Diagnosis {
    do {
      _ = try GitProgram(repository: repository.path).settings()
      return .ok("sluice.*", "every setting reads")
    } catch let error as SettingError {
      return .error(
        error.key, "is '\(Printable.line(error.value, max: 80))', expected \(error.expected)",
        advice: "git --git-dir=\(repository.path) config \(error.key) …")
    } catch { return .error("sluice.*", "\(error)") }
  }

  private func attributes() -> Diagnosis {
    let path = "\(repository.path)/info/attributes"
    do {
      let text = Disk.kind(path) == nil ? "" : String(decoding: try Disk.read(path, max: 1 << 20), as: UTF8.self)
      guard text.split(separator: "\n").contains(Substring(AttributesLine.text)) else {
        return .error("info/attributes", "lets pushers choose filters and merge drivers", advice: repair)
      }
      return .ok("info/attributes", "no filters and merge drivers of a pusher's choice")
    } catch { return .error("info/attributes", error.sentence) }
  }

  private func ownership() -> [Diagnosis] {
    var findings: [Diagnosis] = []
    if let status = Disk.status(repository.path) {
      let owner = Account.name(of: status.owner)
      if status.owner != geteuid() {
        findings.append(
          .error(
            "ownership", "the repository belongs to \(owner), and you are \(Account.name(of: geteuid()))",
            advice: "sudo -u \(owner) sluice doctor \(repository.path)"))
      } else if let stranger = strangers().first {
        findings.append(
          .error("ownership", "\(stranger) does not belong to \(owner)", advice: "chown -R \(owner) \(repository.path)")
        )
      } else {
        findings.append(.ok("ownership", "everything belongs to \(owner)"))
      }
      if status.mode & 0o022 != 0 {
        findings.append(
          .warning("ownership", "others may write to the repository's folder", advice: "chmod go-w \(repository.path)"))
      }
    }
    let shared = effective.value("core.sharedRepository")?.lowercased() ?? "umask"
    if !["umask", "false", "0", "no", "off"].contains(shared) {
      findings.append(
        .error(
          "core.sharedRepository", "is \(shared): whoever can write the files can do anything to main",
          advice: "git --git-dir=\(repository.path) config core.sharedRepository umask"))
    }
    return findings
  }

  /// The files at the top and in Sluice's folder that belong to somebody else.
  private func strangers() -> [String] {
    let owner = Disk.status(repository.path)?.owner
    let top = Disk.names(in: repository.path).map { "\(repository.path)/\($0)" }
    let state = Disk.names(in: repository.state).map { "\(repository.state)/\($0)" }
    return (top + state).filter { Disk.status($0)?.owner != owner }
  }
}
