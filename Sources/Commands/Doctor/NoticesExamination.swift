import Domain
import GitProgram
import Glibc
import Notices
import Store

/// Looks at what notifications need on this machine, and at those that nobody took.
struct NoticesExamination {
  private let repository: ServerRepository

  init(_ repository: ServerRepository) { self.repository = repository }

  func run() -> [Diagnosis] {
    let settings: ServerSettings
    // What does not read is told where the settings are looked at.
    do { settings = try GitProgram(repository: repository.path).settings() } catch { return [] }
    let findings = secrets(settings) + programs(settings) + dead()
    return findings.isEmpty ? [.ok("notifications", "none is dead")] : findings
  }

  private func secrets(_ settings: ServerSettings) -> [Diagnosis] {
    settings.webhookSecrets.compactMap { secret -> Diagnosis? in
      do throws(SecretError) {
        try SecretFile(path: secret.file, repository: repository.path).examine()
        return nil
      } catch { return .error("sluice.webhookSecret", error.words) }
    }
  }

  private func programs(_ settings: ServerSettings) -> [Diagnosis] {
    settings.notify.compactMap { receiver -> Diagnosis? in
      switch receiver.sink {
      case .command(let words):
        guard let program = words.first, !isProgram(program) else { return nil }
        return .error("sluice.notify", "\(program) cannot be run", advice: "give its absolute path")
      case .mail:
        guard !isProgram(settings.sendmail) else { return nil }
        return .error(
          "sluice.notify", "\(settings.sendmail) cannot be run, and mail goes through it",
          advice: "git --git-dir=\(repository.path) config sluice.sendmail /PATH")
      case .webhook, .slack, .notes: return nil
      }
    }
  }

  private func isProgram(_ path: String) -> Bool {
    Disk.kind(following: path) == .file && access(path, X_OK) == 0
  }

  private func dead() -> [Diagnosis] {
    let count: Int
    // A ledger that does not open is told where it is looked at.
    do {
      count = try SQLiteLedger.openReading(repository.ledger)?.notices(limit: 1_000).count(where: \.isDead) ?? 0
    } catch { return [] }
    guard count > 0 else { return [] }
    return [
      .warning(
        "notifications",
        "\(count) \(count == 1 ? "is" : "are") dead: nobody tries \(count == 1 ? "it" : "them") any more",
        advice: "sluice -C \(repository.path) notices; sluice -C \(repository.path) notices retry --dead")
    ]
  }
}
