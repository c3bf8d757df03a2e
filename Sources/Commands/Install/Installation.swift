import Glibc
import Processes

/// The steps that set a repository up, each of them right to repeat.
struct Installation: Sendable {
  private let repository: ServerRepository
  private let programs: Programs
  private let baseline: Baseline
  private let isFallback: Bool
  private let targets: [String]
  /// What the administrator should know beside what was done.
  let remarks: [String]

  /// Looks at the repository and refuses what Sluice cannot serve; changes nothing.
  init(_ repository: ServerRepository, programs: Programs, wantsFallback: Bool) throws(CommandFailure) {
    self.repository = repository
    self.programs = programs
    let config = try GitConfig.effective(repository)
    try Self.demandOwnership(repository, config)
    try Self.demandHookFolder(repository, config)
    let format = try repository.line(["rev-parse", "--show-object-format"])
    guard format == "sha1" else {
      throw .refused("\(repository.path) names its objects by \(format), and Sluice reads sha1 only")
    }
    guard let head = try repository.headBranch() else {
      throw .refused(
        "HEAD of \(repository.path) names no branch, so there is no target",
        hint: "git --git-dir=\(repository.path) symbolic-ref HEAD refs/heads/main")
    }
    var targets = [head]
    for value in config.values("sluice.target") {
      let target = value.hasPrefix("refs/heads/") ? String(value.dropFirst("refs/heads/".count)) : value
      if !targets.contains(target) { targets.append(target) }
    }
    self.targets = targets
    let version = try repository.version()
    var remarks: [String] = []
    let isForeign = HookLink(.procReceive, in: repository, programs: programs).state == .foreign
    isFallback = wantsFallback || isForeign || version < .procReceive
    if isForeign {
      remarks.append("hooks/proc-receive is not Sluice's and stays: a push's exit status only says 'accepted'")
    } else if version < .procReceive {
      remarks.append("git \(version) has no proc-receive (2.29 has): a push's exit status only says 'accepted'")
    }
    if version < .fsync { remarks.append("git \(version) cannot make refs durable (core.fsync needs 2.36)") }
    if version < .mergeTree { remarks.append("git \(version) has no 'merge-tree --write-tree', which needs 2.38") }
    self.remarks = remarks
    baseline = Baseline(git: version, isFallback: isFallback)
  }

  /// Does what is not done yet and returns what it did.
  func run(policy: String?) throws(CommandFailure) -> [Takeover.Step] {
    // The settings come before the hooks: until the hooks are there every push is refused, and none passes by.
    let isFirst = try GitConfig.own(repository).values("sluice.installed").isEmpty
    var steps = try makeFolders()
    steps += try setFallback()
    steps += try Takeover.install(baseline, in: repository)
    steps += try linkHooks()
    steps += try writeAttributes()
    steps += try notePolicy(policy)
    steps += try noteStart(isFirst: isFirst)
    if steps.isEmpty { steps.append(.init(did: "right", what: "everything, already")) }
    return steps
  }

  private func makeFolders() throws(CommandFailure) -> [Takeover.Step] {
    var steps: [Takeover.Step] = []
    for (path, mode) in [("hooks", 0o755), ("info", 0o755)] as [(String, UInt32)]
    where mkdir("\(repository.path)/\(path)", mode) == 0 {
      steps.append(.init(did: "created", what: "\(path)/"))
    }
    for name in ["", "/journal", "/worktrees", "/logs"] {
      let path = repository.state + name
      if mkdir(path, 0o700) == 0 {
        steps.append(.init(did: "created", what: "sluice\(name)/"))
      } else if errno != EEXIST {
        throw Disk.failure("cannot create \(path)")
      } else if Disk.status(path)?.mode != 0o700 {
        guard chmod(path, 0o700) == 0 else { throw Disk.failure("cannot close \(path) to others") }
        steps.append(.init(did: "closed", what: "sluice\(name)/ to others"))
      }
    }
    let wake = "\(repository.state)/wake"
    if Disk.kind(wake) != .fifo {
      try Disk.remove(wake)
      guard mkfifo(wake, 0o600) == 0 else { throw Disk.failure("cannot create \(wake)") }
      steps.append(.init(did: "created", what: "sluice/wake"))
    }
    try Disk.sync(folder: repository.state)
    return steps
  }

  private func setFallback() throws(CommandFailure) -> [Takeover.Step] {
    let own = try GitConfig.own(repository)
    guard (own.value("sluice.fallback") == "true") != isFallback else { return [] }
    let change = try GitConfigChange(repository)
    try change.set("sluice.fallback", to: isFallback ? ["true"] : [])
    try change.commit()
    guard isFallback else { return [.init(did: "unset", what: "sluice.fallback")] }
    return try [.init(did: "set", what: "sluice.fallback = true")]
      + Takeover.uninstall(baseline, only: "receive.procReceiveRefs", in: repository)
  }

  private func linkHooks() throws(CommandFailure) -> [Takeover.Step] {
    var steps: [Takeover.Step] = []
    for hook in Hook.allCases {
      let link = HookLink(hook, in: repository, programs: programs)
      steps += hook == .procReceive && isFallback ? try link.uninstall() : try link.install()
    }
    return steps
  }

  /// Puts our line in front, so that the administrator's own lines, which follow it, win.
  private func writeAttributes() throws(CommandFailure) -> [Takeover.Step] {
    let path = "\(repository.path)/info/attributes"
    let before = Disk.kind(path) == nil ? [] : try Disk.read(path, max: 1 << 20)
    let text = String(decoding: before, as: UTF8.self)
    guard !text.split(separator: "\n").contains(Substring(AttributesLine.text)) else { return [] }
    try Disk.replace(path, with: Array("\(AttributesLine.text)\n".utf8) + before, mode: 0o644)
    return [.init(did: "wrote", what: "info/attributes: no filters and merge drivers of a pusher's choice")]
  }

  private func notePolicy(_ policy: String?) throws(CommandFailure) -> [Takeover.Step] {
    guard let policy else { return [] }
    guard try GitConfig.own(repository).value("sluice.policy") != policy else { return [] }
    let change = try GitConfigChange(repository)
    try change.set("sluice.policy", to: [policy])
    try change.commit()
    return [.init(did: "set", what: "sluice.policy = \(policy)")]
  }

  /// Notes each target's tip of today once: the history up to it is not Sluice's to prove.
  ///
  /// Where Sluice was taken out and comes back, whatever was pushed meanwhile belongs to that history too.
  private func noteStart(isFirst: Bool) throws(CommandFailure) -> [Takeover.Step] {
    let before = try GitConfig.own(repository).values("sluice.start")
    var after = before
    var steps: [Takeover.Step] = []
    for target in targets {
      let tip = try repository.tip(of: target)
      if let index = after.firstIndex(where: { $0.prefix { $0 != " " } == target }) {
        guard isFirst, let tip, try !hasCertificate(tip) else { continue }
        after.remove(at: index)
      }
      after.append("\(target) \(tip ?? "none")")
      steps.append(.init(did: "noted", what: "\(target) starts \(tip.map { "after \($0.prefix(7))" } ?? "empty")"))
    }
    guard after != before else { return [] }
    let change = try GitConfigChange(repository)
    try change.set("sluice.start", to: after)
    try change.commit()
    return steps
  }

  private func hasCertificate(_ commit: String) throws(CommandFailure) -> Bool {
    try repository.run(["notes", "--ref=sluice", "list", commit]).exit.isSuccess
  }

  private static func demandOwnership(_ repository: ServerRepository, _ config: GitConfig) throws(CommandFailure) {
    guard let owner = Disk.status(repository.path)?.owner, owner == geteuid() else {
      let name = Disk.status(repository.path).map { Account.name(of: $0.owner) } ?? "somebody else"
      throw .refused(
        "\(repository.path) belongs to \(name), and Sluice runs as the repository's owner",
        hint: "sudo -u \(name) sluice install \(repository.path)")
    }
    let shared = config.value("core.sharedRepository")?.lowercased() ?? "umask"
    guard ["umask", "false", "0", "no", "off"].contains(shared) else {
      throw .refused(
        "core.sharedRepository is \(shared): whoever can write the files can do anything to main",
        hint:
          "let one service user own the repository, then git --git-dir=\(repository.path) config core.sharedRepository umask"
      )
    }
  }

  private static func demandHookFolder(_ repository: ServerRepository, _ config: GitConfig) throws(CommandFailure) {
    guard let configured = config.value("core.hooksPath") else { return }
    let path = configured.hasPrefix("/") ? configured : "\(repository.path)/\(configured)"
    guard Disk.realPath(path) == Disk.realPath(repository.hooks) else {
      throw .refused(
        "core.hooksPath is \(configured), so git would never run hooks from \(repository.hooks)",
        hint: "git --git-dir=\(repository.path) config core.hooksPath \(repository.hooks)")
    }
  }
}

/// The line of `info/attributes` that takes every conversion and merge driver out of a pusher's hands.
enum AttributesLine {
  static let text = "* !filter !merge !diff !ident !working-tree-encoding !export-ignore !export-subst"
}
