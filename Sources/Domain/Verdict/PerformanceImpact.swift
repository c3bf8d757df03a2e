/// What a performance check has shown beside the base.
package enum PerformanceImpact: Hashable, Sendable {
  /// Base and candidate have the same inputs: nothing ran, since nothing can have changed.
  case unchanged
  /// There was nothing to compare with, and why: the check's own exit status decides.
  case alone(reason: String)
  /// Budgeted quantities in the order of the policy, and time and memory in any case.
  case compared([MeasuredChange])

  package var changes: [MeasuredChange] { if case .compared(let changes) = self { changes } else { [] } }

  package func changes(_ answer: PairedComparison.Answer) -> [MeasuredChange] {
    changes.filter { $0.answer == answer }
  }

  /// How much longer the check takes; nil where that is not known.
  package var timeChange: Double? { change(of: .time) }
  /// How much more memory it takes; nil where that is not known.
  package var memoryChange: Double? { change(of: .memory) }

  private func change(of quantity: MeasuredChange.Quantity) -> Double? {
    self == .unchanged ? 0 : changes.first { $0.quantity == quantity }?.estimate?.change
  }
}

/// The words.
extension PerformanceImpact {
  /// The words of the report for the whole, the worst first.
  package enum Word: String, Hashable, Sendable, CaseIterable, Comparable {
    /// Beyond its budget and beyond the noise.
    case degraded
    /// The noise hides whether it keeps to its budget.
    case undecided
    /// Measurably worse, and within its budget.
    case withinBudget = "within_budget"
    /// No change beyond the noise.
    case negligible
    /// Measurably better in something, and in nothing worse.
    case improved

    package static func < (left: Word, right: Word) -> Bool { left.weight < right.weight }
    private var weight: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// Nil where nothing was compared.
  package var word: Word? {
    switch self {
    case .alone: return nil
    case .unchanged: return .negligible
    case .compared:
      if !changes(.exceeded).isEmpty { return .degraded }
      if !changes(.undecided).isEmpty { return .undecided }
      let estimates = changes.filter { $0.budget != nil }.compactMap(\.estimate)
      if estimates.contains(where: { $0.lower > 0 }) { return .withinBudget }
      return estimates.contains { $0.upper < 0 } ? .improved : .negligible
    }
  }

  /// What stands beside the check's name in the push output.
  package var summary: String {
    switch self {
    case .unchanged: "no change: same inputs as the base"
    case .alone(let reason): "not compared: \(reason)"
    case .compared: leading?.line ?? "nothing measured"
    }
  }

  /// The budgets that the summary has no room for.
  package var furtherLines: [String] {
    let leading = leading
    return changes.filter { $0.budget != nil && $0 != leading }.map(\.line)
  }

  /// Why the candidate is refused; nil where no budget is exceeded.
  package var objection: String? {
    let exceeded = changes(.exceeded)
    return exceeded.isEmpty ? nil : "is beyond its budget: \(exceeded.map(\.sentence).joined(separator: "; "))"
  }

  /// What a verdict that holds leaves open; nil where it leaves nothing.
  package var caveat: String? {
    switch self {
    case .unchanged: return nil
    case .alone(let reason): return "its performance was not compared: \(reason)"
    case .compared:
      let open = changes(.undecided)
      return open.isEmpty ? nil : "undecided, so not refused: \(open.map(\.sentence).joined(separator: "; "))"
    }
  }

  /// What matters most.
  private var leading: MeasuredChange? {
    changes(.exceeded).first ?? changes(.undecided).first ?? changes.first { $0.budget != nil }
  }
}

/// The form in the ledger, in events and in `sluice show --json`.
extension PerformanceImpact {
  package var json: JSONValue {
    switch self {
    case .unchanged: ["compared": false, "reason": .null, "impact": "negligible", "changes": []]
    case .alone(let reason): ["compared": false, "reason": .string(reason), "impact": .null, "changes": []]
    case .compared(let changes):
      ["compared": true, "reason": .null, "impact": (word?.rawValue).json, "changes": .array(changes.map(\.json))]
    }
  }

  package init?(json: JSONValue) {
    guard let isCompared = json["compared"]?.bool else { return nil }
    if isCompared {
      guard let array = json["changes"]?.array else { return nil }
      let changes = array.compactMap(MeasuredChange.init)
      guard changes.count == array.count else { return nil }
      self = .compared(changes)
    } else {
      self = json["reason"]?.string.map { .alone(reason: $0) } ?? .unchanged
    }
  }

  /// Reads what the ledger keeps; nil where that is something else.
  package init?(text: String) {
    guard case .success(let json) = Result(catching: { try JSONValue.parse(Array(text.utf8)) }) else { return nil }
    self.init(json: json)
  }
}
