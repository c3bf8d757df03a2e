import Domain

/// What checks say about one another: stages, needs, and one check for each of several values.
extension PolicyReader {
  /// Most checks that one entry stands for.
  private static let variantsMax = 64

  /// One check for each combination of the matrix's values: `tests` with `python: ["3.11", "3.12"]` makes `tests-3.11` and
  /// `tests-3.12`, and `${{ matrix.python }}` in its command is the value.
  mutating func variants(of check: Policy.Check, _ node: YAMLNode, _ path: String) -> [Policy.Check] {
    var variants = [check]
    for member in mapping(node, path, "lists of values by their names", max: 5) {
      let place = "\(path).\(Printable.line(member.name, max: 40))"
      guard PolicyText.isCheckName(member.name) else {
        fail(
          member.mark,
          "\(path): expected a name of letters, digits, '.', '_' and '-', found \(PolicyText.show(member.name))")
        continue
      }
      let pattern = "${{ matrix.\(member.name) }}"
      if !check.run.contains(pattern) {
        fail(member.mark, "\(place): expected \(pattern) in the check's command, found no use of it")
      }
      // A value becomes part of a command and of a name.
      let values = list(member.value, place, min: 1, max: 32, "values") { reader, node, path in
        reader.text(node, path, "a value of letters, digits, '.', '_' and '-'", where: PolicyText.isCheckName)
      }
      variants = variants.flatMap { variant in
        values.map { value in
          var made = variant
          made.name += "-\(value)"
          made.run = variant.run.replacing(pattern, with: value)
          return made
        }
      }
    }
    if variants.count > Self.variantsMax {
      fail(node.mark, "\(path): expected at most \(Self.variantsMax) combinations, found \(variants.count)")
      return Array(variants.prefix(Self.variantsMax))
    }
    for variant in variants where !PolicyText.isCheckName(variant.name) {
      fail(node.mark, "\(path): expected names of up to 64 characters, found \(PolicyText.show(variant.name))")
    }
    return variants
  }

  /// Whether an entry asks people and runs nothing.
  static func isReview(_ node: YAMLNode) -> Bool {
    guard case .mapping(let members) = node.content, let kind = members.first(where: { $0.name == "kind" }),
      case .scalar("review", _) = kind.value.content
    else { return false }
    return true
  }

  /// People take longer than programs: a month, in hours.
  private static let reviewHoursMax: Int64 = 720

  /// `{ kind: review, paths: [src/auth/**], timeout: 48h }`
  mutating func readReview(_ member: YAMLNode.Member, _ path: String) -> Policy.Review {
    var review = Policy.Review(name: member.name)
    guard let fields = fields(member.value, path, known: ["kind", "paths", "timeout"]) else { return review }
    if let node = fields["paths"] { review.paths = globs(node, "\(path).paths") }
    if let node = fields["timeout"] {
      review.timeout = duration(node, "\(path).timeout", hoursMax: Self.reviewHoursMax) ?? review.timeout
    }
    return review
  }

  /// Resolves what checks need to the names they were expanded to, and refuses what is not there and what waits for itself.
  mutating func resolveNeeds(of entries: [CheckEntry], _ path: String) -> [Policy.Check] {
    var names: [String: [String]] = [:]
    for entry in entries { names[entry.name] = entry.checks.map(\.name) }
    var checks: [Policy.Check] = []
    var seen: Set<String> = []
    for entry in entries {
      for var check in entry.checks {
        let place = "\(path).\(entry.name)"
        if !seen.insert(check.name).inserted {
          fail(entry.mark, "\(place): expected a name of its own, found \(PolicyText.show(check.name)) twice")
        }
        check.needs = check.needs.flatMap { need -> [String] in
          if let found = names[need] { return found }
          fail(entry.mark, "\(place).needs: expected the name of a check, found \(PolicyText.show(need))")
          return []
        }
        checks.append(check)
      }
    }
    if let circle = Self.circle(in: checks),
      let entry = entries.first(where: { $0.checks.contains { $0.name == circle } })
    {
      fail(
        entry.mark, "\(path).\(entry.name).needs: expected checks that can run before it, found one that waits for it")
    }
    return checks
  }

  /// A check that waits for itself, by needs and stages.
  private static func circle(in checks: [Policy.Check]) -> String? {
    var policy = Policy()
    policy.checks = checks
    var done: Set<String> = []
    while true {
      let ready = checks.filter { check in
        !done.contains(check.name) && policy.prerequisites(of: check).allSatisfy(done.contains)
      }
      if ready.isEmpty { return checks.first { !done.contains($0.name) }?.name }
      done.formUnion(ready.map(\.name))
    }
  }

  /// An entry of the policy with the checks it stands for.
  struct CheckEntry {
    let name: String
    let mark: YAMLMark
    let checks: [Policy.Check]
  }
}
