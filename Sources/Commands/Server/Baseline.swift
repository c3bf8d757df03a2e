/// What Sluice needs of a repository's git configuration: written by `install`, taken back by `uninstall`, looked at by
/// `doctor`.
struct Baseline: Sendable {
  /// One key and what it must hold.
  struct Setting: Hashable, Sendable {
    enum Demand: Hashable, Sendable {
      /// Exactly this value.
      case exactly(String)
      /// This value among others.
      case including(String)
      /// Any value; this one where there is none.
      case atLeast(String)
    }

    let key: String
    let demand: Demand
    /// What goes wrong without it, for `doctor`.
    let reason: String
  }

  let settings: [Setting]

  /// The settings for a git of this version; without `proc-receive` where the hook cannot be ours.
  init(git: GitVersion, isFallback: Bool) {
    settings =
      Self.entrance(isFallback: isFallback) + (git >= .fsync ? [Self.durability] : []) + Self.objects + Self.upkeep
      + Self.patience + Self.hidden
  }

  /// The keys by which every push comes to Sluice; where the host has a `proc-receive` of its own, that one keeps its key.
  private static func entrance(isFallback: Bool) -> [Setting] {
    let procReceive = Setting(
      key: "receive.procReceiveRefs", demand: .exactly("refs"), reason: "a push passes Sluice by when a hook is missing"
    )
    let options = Setting(
      key: "receive.advertisePushOptions", demand: .exactly("true"), reason: "git push -o is refused by the client")
    return isFallback ? [options] : [procReceive, options]
  }

  private static let durability = Setting(
    key: "core.fsync", demand: .exactly("all"), reason: "a power cut can lose refs and objects that were acknowledged")

  private static let objects: [Setting] =
    [
      Setting(
        key: "transfer.fsckObjects", demand: .exactly("true"), reason: "malformed objects are let in"),
      Setting(
        key: "receive.maxInputSize", demand: .atLeast("256m"), reason: "one push can fill the disk"),
      Setting(
        key: "core.useReplaceRefs", demand: .exactly("false"), reason: "refs/replace/* changes what main seems to hold"),
    ]
    + [
      "badFilemode", "gitmodulesParse", "gitattributesSymlink", "gitignoreSymlink", "mailmapSymlink",
      "zeroPaddedFilemode", "nullSha1",
    ].map {
      Setting(key: "receive.fsck.\($0)", demand: .exactly("error"), reason: "such objects are let in")
    }

  private static let upkeep: [Setting] = [
    Setting(
      key: "receive.autogc", demand: .exactly("false"), reason: "a push waits for git's housekeeping, which Sluice does"
    ),
    // Git takes the repository for an alternate of a push's quarantine and lists its refs once more; they are known anyway.
    Setting(
      key: "core.alternateRefsCommand", demand: .atLeast("true"), reason: "every push lists all refs a second time"),
    Setting(
      key: "receive.unpackLimit", demand: .atLeast("1"), reason: "every object of a push is synced to disk by itself"),
    Setting(key: "gc.auto", demand: .exactly("0"), reason: "git's housekeeping runs beside Sluice's"),
    Setting(key: "maintenance.auto", demand: .exactly("false"), reason: "git's housekeeping runs beside Sluice's"),
    Setting(
      key: "core.logAllRefUpdates", demand: .exactly("true"), reason: "moves of the target leave no trace in a reflog"),
  ]

  private static let patience: [Setting] = [
    Setting(
      key: "core.filesRefLockTimeout", demand: .atLeast("1000"),
      reason: "a ref that is locked for a moment fails a push"),
    Setting(
      key: "core.packedRefsTimeout", demand: .atLeast("10000"), reason: "packing refs makes pushes fail meanwhile"),
    Setting(key: "core.bigFileThreshold", demand: .atLeast("50m"), reason: "large files are read into memory whole"),
  ]

  // The targets are not hidden: every push would send their history again.
  private static let hidden: [Setting] =
    [
      Setting(
        key: "transfer.hideRefs", demand: .including("refs/sluice"), reason: "internal refs can be seen and fetched"),
      // Pushers are shown these: git need not send what is reachable from them.
      Setting(
        key: "uploadpack.hideRefs", demand: .including("refs/known"), reason: "internal refs can be seen and fetched"),
    ]
    + ["refs/landed", "refs/rebased", "refs/notes/sluice", "refs/heads/staging"].map {
      Setting(
        key: "receive.hideRefs", demand: .including($0), reason: "pushes grow slow with the number of landings")
    }
}

extension Baseline.Setting {
  /// Whether these values of the key are as demanded.
  func holds(for values: [String]) -> Bool {
    switch demand {
    case .exactly(let value): values == [value]
    case .including(let value): values.contains(value)
    case .atLeast: !values.isEmpty
    }
  }

  /// The value that is demanded.
  var value: String {
    switch demand {
    case .exactly(let value), .including(let value), .atLeast(let value): value
    }
  }

  /// How the demand reads in a line.
  var shown: String { "\(key) = \(value)" }
}
