import Domain
import PolicyFile
import Processes

/// Looks at the policies that the targets are judged by.
struct PolicyExamination {
  private let repository: ServerRepository
  private let config: GitConfig

  init(_ repository: ServerRepository) throws(CommandFailure) {
    self.repository = repository
    config = try GitConfig.effective(repository)
  }

  func run() throws(CommandFailure) -> [Diagnosis] {
    var findings: [Diagnosis] = []
    let outside = config.value("sluice.policy").flatMap { $0.isEmpty ? nil : $0 }
    if let outside { findings.append(examine(file: outside)) }
    let targets = try QueueStatus.targets(repository, others: [])
    if targets.isEmpty {
      findings.append(
        .error(
          "targets", "HEAD names no branch",
          advice: "git --git-dir=\(repository.path) symbolic-ref HEAD refs/heads/main"))
    }
    for target in targets { findings.append(try examine(target: target, hasOther: outside != nil)) }
    return findings
  }

  private func examine(file: String) -> Diagnosis {
    guard let status = Disk.status(following: file) else {
      return .error(
        "sluice.policy", "\(file) does not exist", advice: "sluice install --policy FILE \(repository.path)")
    }
    guard status.kind == .file else { return .error("sluice.policy", "\(file) is no file") }
    let finding: Diagnosis
    do { finding = Self.examine(try Disk.read(file, max: 1 << 20), "sluice.policy", name: file) } catch {
      return .error("sluice.policy", error.sentence)
    }
    if finding.level == .ok, status.mode & 0o022 != 0 {
      return .warning("sluice.policy", "others may write to \(file)", advice: "chmod go-w \(file)")
    }
    return finding
  }

  private func examine(target: String, hasOther: Bool) throws(CommandFailure) -> Diagnosis {
    let subject = "policy of \(target)"
    guard try repository.tip(of: target) != nil else {
      return .ok(subject, "\(target) does not exist yet")
    }
    let blob = try repository.run(["cat-file", "blob", "refs/heads/\(target):\(PolicySource.path)"])
    guard blob.exit.isSuccess else {
      if hasOther { return .ok(subject, "none of its own; sluice.policy counts") }
      // Nothing is unsafe: every submission is refused until there is one.
      return .warning(
        subject, "\(target) has no \(PolicySource.path), so every submission is refused",
        advice: "sluice install --policy FILE \(repository.path)")
    }
    let finding = Self.examine(blob.output, subject, name: "\(target):\(PolicySource.path)")
    guard hasOther else { return finding }
    return finding.level == .ok
      ? .ok(subject, "\(finding.sentence); sluice.policy overrides it")
      : .warning(subject, "\(finding.sentence); sluice.policy overrides it", advice: finding.advice)
  }

  private static func examine(_ bytes: [UInt8], _ subject: String, name: String) -> Diagnosis {
    do {
      let policy = try PolicyFile.read(bytes, name: name)
      let names = policy.checks.map(\.name).joined(separator: ", ")
      guard !names.isEmpty else { return .error(subject, "\(name) has no checks: nothing can be proven") }
      let reviews = policy.reviews.isEmpty ? "" : "; by people: \(policy.reviews.map(\.name).joined(separator: ", "))"
      let contexts = policy.delivery.contexts.map(\.text).joined(separator: ", ")
      let outside = contexts.isEmpty ? "" : "; from outside: \(contexts)"
      return .ok(subject, "\(name): \(names)\(reviews)\(outside)")
    } catch {
      let more = error.lines.count > 1 ? " (and \(error.lines.count - 1) more)" : ""
      return .error(subject, (error.lines.first ?? name) + more)
    }
  }
}
