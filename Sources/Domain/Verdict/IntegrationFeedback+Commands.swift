extension IntegrationFeedback {
  /// The exact next commands, for a clone whose remote is `origin`; those with `-C` run on the server.
  ///
  /// Between them and the last one the work is mended: none of them does that.
  package var commands: [String] {
    switch handling {
    case .retry: return logs + [pushAgain]
    case .conflictPlan: return (refusal.plan?.steps ?? rebasing) + resubmitting
    default: return onTarget + logs + resubmitting
    }
  }

  /// What prints the whole output of the checks at fault.
  private var logs: [String] {
    guard let integration else { return [] }
    return culprits.prefix(3).map { culprit in
      "sluice -C \(ShellWord.quoted(repository)) log \(integration.text) \(ShellWord.quoted(culprit.result.name))"
    }
  }

  private var rebasing: [String] { ["git fetch origin \(ShellWord.quoted(request.target))", "git rebase FETCH_HEAD"] }

  /// The work on the target as it is now.
  private var onTarget: [String] {
    guard let rebasedRef = refusal.rebasedRef else { return rebasing }
    return ["git fetch origin \(rebasedRef)", "git checkout -B \(request.name)-rebased FETCH_HEAD"]
  }

  /// What submits the mended work as the refused one was submitted.
  private var resubmitting: [String] {
    let target = request.target == "main" ? "" : ShellWord.quoted(request.target)
    switch request.embedding {
    case .file:
      // The rebased work is without its package; where it is there already, nothing changes.
      return [
        "git checkout \(request.pushed.hex) -- \(PackageEmbedding.path)", "git commit -a --amend --no-edit",
        "git push \(target.isEmpty ? "" : "-o target=\(target) ")origin HEAD:refs/heads/submit/\(request.name)",
      ]
    case .tag, .blob:
      var words = ["sluice submit", "--name", request.name, "--task", ShellWord.quoted(request.taskID)]
      words += ["--agent", ShellWord.quoted(request.agentID)]
      let failed = culprits.lazy.filter { $0.result.kind == "test" }.compactMap { self.runs[$0.result.name] }.first
      // A deployment is tested on the server.
      let tested = handling == .deploymentAnalysis ? test : failed ?? test
      if let tested { words += ["--test", ShellWord.quoted(tested)] }
      if !target.isEmpty { words += ["--target", target] }
      if request.embedding == .blob { words += ["--embed", "blob"] }
      return [words.joined(separator: " ")]
    }
  }

  /// What pushes the very same object again, without the answer from before.
  private var pushAgain: String {
    let target = request.target == "main" ? "" : " -o target=\(ShellWord.quoted(request.target))"
    // A branch holds commits only.
    let space = request.embedding == .file ? "refs/heads/submit/" : "refs/submit/"
    return "git push -o retry\(target) origin \(request.pushed.hex):\(space)\(request.name)"
  }
}
