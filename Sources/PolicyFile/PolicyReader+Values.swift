import Domain

/// Values of one kind each: nil and a problem where the node is another.
extension PolicyReader {
  /// The members of a mapping by their names.
  mutating func fields(
    _ node: YAMLNode, _ path: String, known: [String], required: [String] = []
  ) -> [String: YAMLNode]? {
    guard case .mapping(let members) = node.content else {
      expect("a mapping of \(known.joined(separator: ", "))", node, path)
      return nil
    }
    var fields: [String: YAMLNode] = [:]
    for member in members {
      if path == "deliver", member.name == "upstream" {
        // A policy is written by those who submit: where main goes, and by whose credentials, is not theirs to say.
        fail(
          member.mark, "deliver.upstream: the upstream is the administrator's to name: git config sluice.upstream URL")
      } else if known.contains(member.name) {
        fields[member.name] = member.value
      } else {
        let place = path.isEmpty ? "" : "\(path): "
        let shown = PolicyText.show(member.name)
        fail(member.mark, "\(place)unknown key \(shown), known are \(known.joined(separator: ", "))")
      }
    }
    for name in required where fields[name] == nil {
      fail(node.mark, "\(path.isEmpty ? name : "\(path).\(name)"): expected a value, found nothing")
    }
    return fields
  }

  /// The members of a mapping whose names are the user's; at least one.
  mutating func mapping(_ node: YAMLNode, _ path: String, _ what: String, max: Int) -> [YAMLNode.Member] {
    guard case .mapping(let members) = node.content, (1...max).contains(members.count) else {
      expect("a mapping of 1 to \(max) \(what)", node, path)
      return []
    }
    return members
  }

  mutating func list<Element>(
    _ node: YAMLNode, _ path: String, min: Int = 0, max: Int, _ what: String,
    _ read: (inout PolicyReader, YAMLNode, String) -> Element?
  ) -> [Element] {
    guard case .sequence(let nodes) = node.content, (min...max).contains(nodes.count) else {
      expect("a list of \(min) to \(max) \(what)", node, path)
      return []
    }
    var elements: [Element] = []
    for (index, node) in nodes.enumerated() {
      if let element = read(&self, node, "\(path)[\(index)]") { elements.append(element) }
    }
    return elements
  }

  /// A text that is not empty, can be an argument of a program and keeps `rule`.
  mutating func text(
    _ node: YAMLNode, _ path: String, _ what: String, where rule: (String) -> Bool = { _ in true }
  ) -> String? {
    guard case .scalar(let text, _) = node.content, !node.isNothing, !PackageText.isBlank(text), !text.utf8.contains(0),
      rule(text)
    else {
      expect(what, node, path)
      return nil
    }
    return text
  }

  mutating func command(_ node: YAMLNode, _ path: String) -> String? { text(node, path, "a command") }

  mutating func globs(_ node: YAMLNode, _ path: String) -> [String] {
    list(node, path, min: 1, max: 100, "patterns") { reader, node, path in
      reader.text(node, path, "a relative path or pattern such as src/**", where: PolicyText.isGlob)
    }
  }

  mutating func integer(_ node: YAMLNode, _ path: String, in range: ClosedRange<Int>) -> Int? {
    if case .scalar(let text, isPlain: true) = node.content, let value = PolicyText.integer(text),
      range.contains(Int(value))
    {
      return Int(value)
    }
    let isOne = range.lowerBound == range.upperBound
    expect(isOne ? "\(range.lowerBound)" : "an integer from \(range.lowerBound) to \(range.upperBound)", node, path)
    return nil
  }

  mutating func boolean(_ node: YAMLNode, _ path: String) -> Bool? {
    if case .scalar(let text, isPlain: true) = node.content, text == "true" || text == "false" { return text == "true" }
    expect("true | false", node, path)
    return nil
  }

  mutating func choice<Choice: CaseIterable & RawRepresentable<String>>(_ node: YAMLNode, _ path: String) -> Choice? {
    if case .scalar(let text, _) = node.content, let choice = Choice(rawValue: text) { return choice }
    expect(Choice.allCases.map(\.rawValue).joined(separator: " | "), node, path)
    return nil
  }

  mutating func duration(_ node: YAMLNode, _ path: String, hoursMax: Int64 = 24) -> Duration? {
    if case .scalar(let text, _) = node.content, let seconds = PolicyText.seconds(text),
      (1...hoursMax * 3600).contains(seconds)
    {
      return .seconds(seconds)
    }
    expect("a time from 1s to \(hoursMax)h such as 90s, 20m or 1h", node, path)
    return nil
  }

  mutating func size(_ node: YAMLNode, _ path: String, in range: ClosedRange<Int64>) -> Int64? {
    if case .scalar(let text, _) = node.content, let bytes = PolicyText.bytes(text), range.contains(bytes) {
      return bytes
    }
    let bounds = "\(Self.sizeText(range.lowerBound)) to \(Self.sizeText(range.upperBound))"
    expect("a size from \(bounds) such as 10KiB, 32MiB or 4GiB", node, path)
    return nil
  }

  mutating func percent(_ node: YAMLNode, _ path: String) -> Double? {
    if case .scalar(let text, _) = node.content, let percent = PolicyText.percent(text) { return percent }
    expect("a percentage above 0% and up to 1000% such as +5%", node, path)
    return nil
  }

  private static func sizeText(_ bytes: Int64) -> String {
    let units: [(String, Int64)] = [("GiB", 1 << 30), ("MiB", 1 << 20)]
    let unit = units.first { bytes % $0.1 == 0 } ?? ("KiB", 1 << 10)
    return "\(bytes / unit.1)\(unit.0)"
  }

  private mutating func expect(_ what: String, _ node: YAMLNode, _ path: String) {
    fail(node.mark, "\(path.isEmpty ? "" : "\(path): ")expected \(what), found \(describe(node))")
  }

  private func describe(_ node: YAMLNode) -> String {
    switch node.content {
    case .sequence(let nodes): nodes.isEmpty ? "an empty list" : "a list of \(nodes.count)"
    case .mapping(let members): members.isEmpty ? "an empty mapping" : "a mapping of \(members.count)"
    case .scalar(let text, let isPlain): node.isNothing ? "nothing" : PolicyText.show(text, isPlain: isPlain)
    }
  }
}
