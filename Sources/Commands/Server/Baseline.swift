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
      /// No value at all.
      case none
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
      + Self.hidden
  }

  private static func entrance(isFallback: Bool) -> [Setting] {
    [
      isFallback
        ? Setting(
          key: "receive.procReceiveRefs", demand: .none,
          reason: "pushes are handed to a proc-receive that is not Sluice's"
        )
        : Setting(
          key: "receive.procReceiveRefs", demand: .exactly("refs"),
          reason: "a push could pass Sluice by when a hook is missing"),
      Setting(key: "sluice.fallback", demand: isFallback ? .exactly("true") : .none, reason: "the hooks disagree"),
      Setting(
        key: "receive.advertisePushOptions", demand: .exactly("true"), reason: "git push -o is refused by the client"),
    ]
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
    Setting(key: "gc.auto", demand: .exactly("0"), reason: "git's housekeeping runs beside Sluice's"),
    Setting(key: "maintenance.auto", demand: .exactly("false"), reason: "git's housekeeping runs beside Sluice's"),
    Setting(
      key: "core.logAllRefUpdates", demand: .exactly("true"), reason: "moves of the target leave no trace in a reflog"),
  ]

  // The targets are not hidden: every push would send their history again.
  private static let hidden: [Setting] =
    [
      Setting(
        key: "transfer.hideRefs", demand: .including("refs/sluice"), reason: "internal refs can be seen and fetched")
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
    case .none: values.isEmpty
    }
  }

  /// How the demand reads in a line.
  var shown: String {
    switch demand {
    case .exactly(let value), .including(let value), .atLeast(let value): "\(key) = \(value)"
    case .none: "no \(key)"
    }
  }
}
