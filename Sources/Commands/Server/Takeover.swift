/// The change from a repository's settings to Sluice's, and back.
///
/// - Shape: `sluice.installed` lists what was changed (`key`, or `key=value` where a value was added to others);
///   `sluice.saved.<key>` holds the values that were there before. Both live in the same file as the settings, so one
///   rename makes all of it true.
enum Takeover {
  /// One line about what was done.
  struct Step: Hashable, Sendable {
    let did: String
    let what: String
  }

  /// Sets what is not as demanded and remembers what it was.
  static func install(_ baseline: Baseline, in repository: ServerRepository) throws(CommandFailure) -> [Step] {
    let own = try GitConfig.own(repository)
    let effective = try GitConfig.effective(repository)
    let taken = Set(own.values("sluice.installed"))
    let wrong = baseline.settings.filter { setting in
      // A single value counts last; a value from the system's file cannot be taken out here, only overridden.
      switch setting.demand {
      case .exactly(let value): own.values(setting.key) != [value] || !taken.contains(setting.mark)
      case .including: !setting.holds(for: own.values(setting.key))
      case .atLeast: !setting.holds(for: effective.values(setting.key))
      case .none: !own.values(setting.key).isEmpty
      }
    }
    guard !wrong.isEmpty else { return [] }
    let change = try GitConfigChange(repository)
    for setting in wrong {
      let before = own.values(setting.key)
      if !taken.contains(setting.mark) {
        try change.add("sluice.installed", setting.mark)
        if !setting.isAddition, !before.isEmpty { try change.set(savedKey(setting.key), to: before) }
      }
      switch setting.demand {
      case .exactly(let value), .atLeast(let value): try change.set(setting.key, to: [value])
      case .including(let value): try change.add(setting.key, value)
      case .none: try change.set(setting.key, to: [])
      }
    }
    try change.commit()
    return report(wrong.filter { !$0.holds(for: own.values($0.key)) }, before: own)
  }

  /// New settings are counted; those that replace something are told one by one.
  private static func report(_ settings: [Baseline.Setting], before own: GitConfig) -> [Step] {
    var new = 0
    var steps: [Step] = []
    for setting in settings {
      let before = own.values(setting.key)
      if setting.isAddition || before.isEmpty {
        new += 1
      } else {
        let was = "was \(before.joined(separator: ", "))"
        steps.append(
          setting.demand == .none
            ? Step(did: "unset", what: "\(setting.key) (\(was))") : Step(did: "set", what: "\(setting.shown) (\(was))"))
      }
    }
    if new > 0 { steps.append(Step(did: "set", what: "\(new) git settings; 'sluice doctor' explains each")) }
    return steps
  }

  /// Gives back what `install` changed; what somebody changed since then stays as it is.
  static func uninstall(_ baseline: Baseline, in repository: ServerRepository) throws(CommandFailure) -> [Step] {
    let own = try GitConfig.own(repository)
    let marks = own.values("sluice.installed")
    guard !marks.isEmpty else { return [] }
    let change = try GitConfigChange(repository)
    var steps: [Step] = []
    var additions: [String: [String]] = [:]
    var removed = 0
    for mark in marks {
      let sides = mark.split(separator: "=", maxSplits: 1).map(String.init)
      if sides.count == 2 {
        additions[sides[0], default: []].append(sides[1])
        continue
      }
      let saved = own.values(savedKey(mark))
      let now = own.values(mark)
      let expected = baseline.settings.first { $0.mark == mark }
      if let expected, !expected.isOurs(now) {
        steps.append(Step(did: "left", what: "\(mark), which was changed after the installation"))
      } else if now != saved {
        try change.set(mark, to: saved)
        if saved.isEmpty {
          removed += 1
        } else {
          steps.append(Step(did: "restored", what: "\(mark) = \(saved.joined(separator: ", "))"))
        }
      }
      if !saved.isEmpty { try change.set(savedKey(mark), to: []) }
    }
    for (key, added) in additions.sorted(by: { $0.key < $1.key }) {
      try change.set(key, to: own.values(key).filter { !added.contains($0) })
      removed += added.count
    }
    try change.set("sluice.installed", to: [])
    try change.set("sluice.start", to: [])
    try change.commit()
    if removed > 0 { steps.append(Step(did: "removed", what: "\(removed) git settings")) }
    return steps
  }

  static func savedKey(_ key: String) -> String { "sluice.saved.\(key)" }
}

extension Baseline.Setting {
  fileprivate var isAddition: Bool { if case .including = demand { true } else { false } }

  /// How `sluice.installed` names this setting.
  fileprivate var mark: String { if case .including(let value) = demand { "\(key)=\(value)" } else { key } }

  /// Whether the values are what `install` left.
  fileprivate func isOurs(_ values: [String]) -> Bool {
    if case .atLeast(let value) = demand { values == [value] } else { holds(for: values) }
  }
}
