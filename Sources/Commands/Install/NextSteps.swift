import Processes

/// What to try after an installation, by what the repository has already.
struct NextSteps: Sendable {
  let lines: [String]

  init(_ repository: ServerRepository) throws(CommandFailure) {
    let config = try GitConfig.effective(repository)
    let head = try repository.headBranch() ?? "main"
    let tip = try repository.tip(of: head)
    let hasFile = try Self.hasPolicyFile(on: head, in: repository)
    let hasPolicy = hasFile || config.value("sluice.policy") != nil
    var lines: [String] = []
    if tip == nil, let branch = try Self.onlyBranch(repository) {
      lines.append(
        "sluice: HEAD names \(head), which does not exist yet, and there is a branch \(branch). To land on it:")
      lines.append(
        "  git --git-dir=\(repository.path) symbolic-ref HEAD refs/heads/\(branch) && sluice install \(repository.path)"
      )
    }
    if hasPolicy {
      lines.append("sluice: ready for \(head). From a clone, try:")
      lines.append("  git push origin HEAD:refs/heads/submit/first-try     (or: sluice submit --task first-try)")
    } else if tip == nil {
      lines.append("sluice: \(head) does not exist yet: its first submission brings the .sluice.yml that judges it:")
      lines.append("  git push origin HEAD:refs/heads/submit/first-try     (or: sluice submit --task first-try)")
    } else {
      lines.append(
        "sluice: \(head) has no .sluice.yml yet, so nothing can be proven and every submission is refused. Next:")
      lines.append("  sluice install --policy FILE \(repository.path)")
    }
    self.lines = lines
  }

  private static func hasPolicyFile(on branch: String, in repository: ServerRepository) throws(CommandFailure) -> Bool {
    try repository.run(["cat-file", "-e", "refs/heads/\(branch):.sluice.yml"]).exit.isSuccess
  }

  private static func onlyBranch(_ repository: ServerRepository) throws(CommandFailure) -> String? {
    let answer = try repository.run(["for-each-ref", "--count=2", "--format=%(refname)", "refs/heads/"])
    let names = answer.text.split(separator: "\n")
    return names.count == 1 ? String(names[0].dropFirst("refs/heads/".count)) : nil
  }
}
