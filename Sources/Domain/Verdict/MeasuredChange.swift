/// How one measured quantity of a check differs between base and candidate.
package struct MeasuredChange: Hashable, Sendable {
  package enum Quantity: Hashable, Sendable {
    /// Wall-clock seconds of the check.
    case time
    /// Highest resident bytes of its process tree.
    case memory
    /// What the check has measured itself.
    case metric(String, better: Metric.Better)
  }

  /// What the pairs say of the true change, where more is worse: 0.05 is five percent worse.
  package struct Estimate: Hashable, Sendable {
    package let change: Double
    package let lower: Double
    package let upper: Double
    /// What the interval covers the true change with, at least.
    package let confidence: Double
    package let pairs: Int

    package init(_ comparison: PairedComparison) {
      change = comparison.estimate
      lower = comparison.lower
      upper = comparison.upper
      confidence = comparison.confidence
      pairs = comparison.pairCount
    }

    fileprivate init?(json: JSONValue?) {
      guard let json, let change = json["change"]?.double, let confidence = json["confidence"]?.double,
        let pairs = json["pairs"]?.integer
      else { return nil }
      self.change = change
      lower = json["lower"]?.double ?? -.infinity
      upper = json["upper"]?.double ?? .infinity
      self.confidence = confidence
      self.pairs = Int(pairs)
    }
  }

  package let quantity: Quantity
  /// `s`, `B`, or what the check wrote.
  package let unit: String
  /// The medians of all runs; nil where nothing was measured.
  package let base: Double?
  package let candidate: Double?
  /// Nil where the runs have no ratio: what is measured is missing, or not above zero.
  package let estimate: Estimate?
  /// The share by which it may get worse; nil for what is told and not judged.
  package let budget: Double?

  package init(
    _ quantity: Quantity, unit: String, base: Double?, candidate: Double?, estimate: Estimate?, budget: Double?
  ) {
    self.quantity = quantity
    self.unit = unit
    self.base = base
    self.candidate = candidate
    self.estimate = estimate
    self.budget = budget
  }

  /// Whether it keeps to its budget; nil without one.
  package var answer: PairedComparison.Answer? {
    guard let budget else { return nil }
    guard let estimate else { return .undecided }
    return estimate.lower > budget ? .exceeded : estimate.upper <= budget ? .kept : .undecided
  }
}

/// The words.
extension MeasuredChange {
  /// What more of is worse.
  package var name: String {
    switch quantity {
    case .time: "time"
    case .memory: "memory"
    case .metric(let name, .lower): Printable.line(name, max: 60)
    case .metric(let name, .higher): "loss of \(Printable.line(name, max: 60))"
    }
  }

  /// `+1.2 % time (±0.8 %), budget +5 %`.
  package var line: String {
    var text = estimate.map { "\(Self.percent($0.change)) \(name) (\(Self.noise($0)))" } ?? "\(name) has no ratio"
    if let budget { text += ", budget \(Self.budget(budget))" }
    if answer == .undecided { text += ", undecided" }
    return text
  }

  /// `time +31.2 % (+29.8 % to +33.1 % with 98.3 % confidence, 7 pairs of runs; 0.040 s on the base, 0.052 s now), budget +5 %`.
  package var sentence: String {
    let values = "\(value(base)) on the base, \(value(candidate)) now"
    let limit = budget.map { ", budget \(Self.budget($0))" } ?? ""
    guard let estimate else { return "\(name) has no ratio (\(values))\(limit)" }
    let sure = Self.percent(estimate.confidence).dropFirst()
    return "\(name) \(Self.percent(estimate.change)) (\(Self.percent(estimate.lower)) to "
      + "\(Self.percent(estimate.upper)) with \(sure) confidence, \(estimate.pairs) pairs of runs; \(values))\(limit)"
  }

  private func value(_ value: Double?) -> String {
    guard let value, abs(value) < 1e15 else { return "nothing" }
    switch quantity {
    case .time: return "\(Event.decimal(value, places: 3)) s"
    case .memory: return "\(Event.decimal(value / 1_048_576, places: 1)) MiB"
    case .metric: return "\(Event.decimal(value, places: 3))\(unit.isEmpty ? "" : " \(Printable.line(unit, max: 20))")"
    }
  }

  /// Half of the interval: what the estimate may be off by.
  private static func noise(_ estimate: Estimate) -> String {
    let half = (estimate.upper - estimate.lower) / 2
    return half.isFinite ? "±\(percent(half).dropFirst())" : "noise unknown"
  }

  /// A share in percent with its sign; what is beyond all measure is cut.
  private static func percent(_ share: Double) -> String {
    guard abs(share) < 10_000 else { return share > 0 ? "over +1000000 %" : "any less" }
    return (share < 0 ? "" : "+") + "\(Event.decimal(share * 100, places: 1)) %"
  }

  /// As the policy writes it: `+5 %`, `+2.5 %`.
  private static func budget(_ share: Double) -> String {
    var digits = Event.decimal(share * 100, places: 3)
    while digits.hasSuffix("0") { digits.removeLast() }
    if digits.hasSuffix(".") { digits.removeLast() }
    return "+\(digits) %"
  }
}

/// The form in the ledger, in events and in `sluice show --json`.
extension MeasuredChange {
  package var json: JSONValue {
    var object: JSONObject = ["quantity": .string(quantityWord)]
    if case .metric(let name, let better) = quantity {
      object["name"] = .string(name)
      object["better"] = .string(better.rawValue)
    }
    object["unit"] = .string(unit)
    object["base"] = Self.number(base)
    object["candidate"] = Self.number(candidate)
    object["estimate"] =
      estimate.map {
        [
          "change": Self.number($0.change), "lower": Self.number($0.lower), "upper": Self.number($0.upper),
          "confidence": Self.number($0.confidence), "pairs": .integer($0.pairs),
        ]
      } ?? .null
    object["budget"] = Self.number(budget)
    object["answer"] = (answer?.rawValue).json
    return .object(object)
  }

  package init?(json: JSONValue) {
    switch json["quantity"]?.string {
    case "time"?: quantity = .time
    case "memory"?: quantity = .memory
    case "metric"?:
      guard let name = json["name"]?.string, let better = json["better"]?.string.flatMap(Metric.Better.init) else {
        return nil
      }
      quantity = .metric(name, better: better)
    default: return nil
    }
    unit = json["unit"]?.string ?? ""
    base = json["base"]?.double
    candidate = json["candidate"]?.double
    estimate = Estimate(json: json["estimate"])
    budget = json["budget"]?.double
  }

  private var quantityWord: String {
    switch quantity {
    case .time: "time"
    case .memory: "memory"
    case .metric: "metric"
    }
  }

  private static func number(_ value: Double?) -> JSONValue {
    value.flatMap { $0.isFinite ? .number(JSONNumber(literal: "\($0)")) : nil } ?? .null
  }
}
