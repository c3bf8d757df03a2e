import Domain

/// The rules of a scanner's run, and what they say about its results.
struct SARIFRules {
  private let driver: [JSONValue]
  private let extensions: [[JSONValue]]
  private let byName: [String: JSONValue]

  init(_ run: JSONValue) {
    let tool = run["tool"]
    driver = tool?["driver"]?["rules"]?.array ?? []
    extensions = (tool?["extensions"]?.array ?? []).map { $0["rules"]?.array ?? [] }
    byName = Dictionary(
      (driver + extensions.joined()).compactMap { rule in rule["id"]?.string.map { ($0, rule) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// The rule of a result: by its index in the scanner or in one of its extensions, else by name.
  func rule(of result: JSONValue) -> JSONValue? {
    let reference = result["rule"]
    var rules = driver
    if let index = reference?["toolComponent"]?["index"]?.integer {
      rules = Self.element(index, of: extensions) ?? []
    }
    if let found = Self.element(reference?["index"]?.integer ?? result["ruleIndex"]?.integer, of: rules) {
      return found
    }
    guard let name = result["ruleId"]?.string ?? reference?["id"]?.string else { return nil }
    // A result may name a rule below another, such as `CA1000/1`.
    return byName[name] ?? name.split(separator: "/").first.flatMap { byName[String($0)] }
  }

  func name(of result: JSONValue, _ rule: JSONValue?) -> String? {
    result["ruleId"]?.string ?? result["rule"]?["id"]?.string ?? rule?["id"]?.string
  }

  /// How bad a result is; nil for one that is no problem.
  func severity(of result: JSONValue, _ rule: JSONValue?) -> Finding.Severity? {
    let isFailure = (result["kind"]?.string ?? "fail") == "fail"
    let configuration = rule?["defaultConfiguration"]
    let configured = isFailure ? configuration?["level"]?.string ?? "warning" : "none"
    let level = result["level"]?.string ?? configured
    guard level != "none", configuration?["enabled"]?.bool != false || result["level"] != nil else { return nil }
    if let score = Self.score(result) ?? rule.flatMap(Self.score) {
      return score >= 9 ? .critical : score >= 7 ? .high : score >= 4 ? .medium : .low
    }
    return level == "error" ? .high : level == "note" ? .low : .medium
  }

  /// The text of a result, with its arguments in the rule's words where it gives only these.
  func message(of result: JSONValue, _ rule: JSONValue?) -> String {
    let message = result["message"]
    var text = message?["text"]?.string ?? message?["markdown"]?.string
    if text == nil, let id = message?["id"]?.string { text = rule?["messageStrings"]?[id]?["text"]?.string }
    guard var text else {
      return rule?["shortDescription"]?["text"]?.string ?? rule?["fullDescription"]?["text"]?.string ?? ""
    }
    for (index, argument) in (message?["arguments"]?.array ?? []).prefix(20).enumerated() {
      text.replace("{\(index)}", with: (argument.string ?? "").prefix(300))
      text = String(text.prefix(2_000))
    }
    return text
  }

  private static func score(_ value: JSONValue) -> Double? {
    let score = value["properties"]?["security-severity"]
    return score?.double ?? score?.string.flatMap(Double.init)
  }

  private static func element<Element>(_ index: Int64?, of elements: [Element]) -> Element? {
    guard let index = index.flatMap(Int.init(exactly:)), elements.indices.contains(index) else { return nil }
    return elements[index]
  }
}
