import Domain

/// The rules of a scanner's run, and what they say about its results.
///
/// Each is taken apart once: thousands of results may name the same rule, and it may be a large one.
struct SARIFRules {
  struct Rule {
    fileprivate let id: String?
    fileprivate let level: String?
    fileprivate let isEnabled: Bool
    fileprivate let score: Double?
    fileprivate let messages: [String: String]
    fileprivate let description: String

    fileprivate init(_ rule: JSONValue) {
      id = rule["id"]?.string
      level = rule["defaultConfiguration"]?["level"]?.string
      isEnabled = rule["defaultConfiguration"]?["enabled"]?.bool ?? true
      score = SARIFRules.score(rule)
      messages = Dictionary(
        (rule["messageStrings"]?.object?.members ?? []).map { member in
          (member.name, SARIFRules.short(member.value["text"]?.string ?? ""))
        }, uniquingKeysWith: { first, _ in first })
      description = SARIFRules.short(
        rule["shortDescription"]?["text"]?.string ?? rule["fullDescription"]?["text"]?.string ?? "")
    }
  }

  private let driver: [Rule]
  private let extensions: [[Rule]]
  private let byName: [String: Rule]
  /// Characters; more of a message is never shown.
  private static let textMax = 2_000

  init(_ run: JSONValue) {
    let tool = run["tool"]
    driver = (tool?["driver"]?["rules"]?.array ?? []).map(Rule.init)
    extensions = (tool?["extensions"]?.array ?? []).map { ($0["rules"]?.array ?? []).map(Rule.init) }
    byName = Dictionary(
      (driver + extensions.joined()).compactMap { rule in rule.id.map { ($0, rule) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// The rule of a result: by its index in the scanner or in one of its extensions, else by name.
  func rule(of result: JSONValue) -> Rule? {
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

  func name(of result: JSONValue, _ rule: Rule?) -> String? {
    result["ruleId"]?.string ?? result["rule"]?["id"]?.string ?? rule?.id
  }

  /// How bad a result is; nil for one that is no problem.
  func severity(of result: JSONValue, _ rule: Rule?) -> Finding.Severity? {
    let told = result["level"]?.string
    let isFailure = (result["kind"]?.string ?? "fail") == "fail"
    let level = told ?? (isFailure ? rule?.level ?? "warning" : "none")
    guard level != "none", rule?.isEnabled != false || told != nil else { return nil }
    if let score = Self.score(result) ?? rule?.score {
      return score >= 9 ? .critical : score >= 7 ? .high : score >= 4 ? .medium : .low
    }
    return level == "error" ? .high : level == "note" ? .low : .medium
  }

  /// The text of a result, with its arguments in the rule's words where it gives only these.
  func message(of result: JSONValue, _ rule: Rule?) -> String {
    let message = result["message"]
    let words = message?["text"]?.string ?? message?["markdown"]?.string
    guard var text = words.map(Self.short) ?? message?["id"]?.string.flatMap({ rule?.messages[$0] }) else {
      return rule?.description ?? ""
    }
    for (index, argument) in (message?["arguments"]?.array ?? []).prefix(20).enumerated() {
      text.replace("{\(index)}", with: (argument.string ?? "").prefix(300))
      text = Self.short(text)
    }
    return text
  }

  private static func short(_ text: String) -> String { String(text.unicodeScalars.prefix(textMax)) }

  private static func score(_ value: JSONValue) -> Double? {
    let score = value["properties"]?["security-severity"]
    return score?.double ?? score?.string.flatMap(Double.init)
  }

  private static func element<Element>(_ index: Int64?, of elements: [Element]) -> Element? {
    guard let index = index.flatMap(Int.init(exactly:)), elements.indices.contains(index) else { return nil }
    return elements[index]
  }
}
