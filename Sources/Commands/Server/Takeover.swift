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
      if setting.isAddition {
        try change.add(setting.key, setting.value)
      } else {
        try change.set(setting.key, to: [setting.value])
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
        steps.append(Step(did: "set", what: "\(setting.shown) (was \(before.joined(separator: ", ")))"))
      }
    }
    if new > 0 { steps.append(Step(did: "set", what: "\(new) git settings; 'sluice doctor' explains each")) }
    return steps
  }

  /// Gives back what `install` changed, all of it or one key; what somebody changed since then stays as it is.
  static func uninstall(
    _ baseline: Baseline, only key: String? = nil, in repository: ServerRepository
  ) throws(CommandFailure) -> [Step] {
    let own = try GitConfig.own(repository)
    let all = own.values("sluice.installed")
    let marks = all.filter { key == nil || $0 == key }
    guard !marks.isEmpty else { return [] }
    let change = try GitConfigChange(repository)
    var steps: [Step] = []
    var removed = 0
    for mark in marks where !mark.contains("=") {
      let saved = own.values(savedKey(mark))
      let now = own.values(mark)
      if let expected = baseline.settings.first(where: { $0.mark == mark }), !expected.isOurs(now) {
        steps.append(Step(did: "left", what: "\(mark), which was changed after the installation"))
      } else if now != saved {
        try change.set(mark, to: saved)
        removed += saved.isEmpty ? 1 : 0
        if !saved.isEmpty { steps.append(Step(did: "restored", what: "\(mark) = \(saved.joined(separator: ", "))")) }
      }
      if !saved.isEmpty { try change.set(savedKey(mark), to: []) }
    }
    removed += try removeAdditions(marks, own, change)
    try change.set("sluice.installed", to: all.filter { !marks.contains($0) })
    try change.commit()
    if removed > 0 { steps.append(Step(did: "removed", what: "\(removed) git setting\(removed == 1 ? "" : "s")")) }
    return steps
  }

  /// Takes out the values that were added to others (`key=value`) and returns their number.
  private static func removeAdditions(
    _ marks: [String], _ own: GitConfig, _ change: borrowing GitConfigChange
  ) throws(CommandFailure) -> Int {
    var added: [String: [String]] = [:]
    for mark in marks {
      let sides = mark.split(separator: "=", maxSplits: 1).map(String.init)
      if sides.count == 2 { added[sides[0], default: []].append(sides[1]) }
    }
    for (key, values) in added.sorted(by: { $0.key < $1.key }) {
      try change.set(key, to: own.values(key).filter { !values.contains($0) })
    }
    return added.values.reduce(0) { $0 + $1.count }
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
