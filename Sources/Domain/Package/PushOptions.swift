/// What a pusher asked for with `git push -o`.
package struct PushOptions: Hashable, Sendable {
  /// Whether the push stays until the verdict is known.
  package var waits = true
  /// The branch to land on; nil for the one that `HEAD` names.
  package var target: String?
  package var isCancel = false
  /// Whether each line of output is one JSON event.
  package var isJSON = false
  package var submission = SubmissionOptions()

  package static let countMax = 8
  package static let bytesMax = 1024
  /// The options, as an error or a manual lists them.
  package static let known = [
    "wait", "nowait", "priority=<low|normal|high|urgent>", "target=<branch>", "dry-run",
    "depends-on=<task id or submission id>", "cancel", "format=json", "retry",
  ]

  package init() {}

  /// Reads the options in the order they were given.
  ///
  /// - Throws: `invalid_push` for an unknown option (naming the known ones), a value that is not one, an option given
  ///   twice, and options that contradict one another.
  package static func parse(_ options: [String]) throws(Refusal) -> PushOptions {
    guard options.count <= countMax else {
      throw refusal("\(options.count) push options, at most \(countMax) are taken")
    }
    var parsed = PushOptions()
    var seen: Set<String> = []
    for option in options {
      guard option.utf8.count <= bytesMax else { throw refusal("a push option of more than \(bytesMax) bytes") }
      let name = String(option.prefix { $0 != "=" })
      let value = name.utf8.count == option.utf8.count ? nil : String(option.dropFirst(name.count + 1))
      try parsed.apply(name, value, shown: Printable.line(option, max: 60))
      guard seen.insert(name).inserted || name == "depends-on" else { throw refusal("push option \(name) given twice") }
    }
    try parsed.refuseContradictions(seen)
    return parsed
  }

  private mutating func apply(_ name: String, _ value: String?, shown: String) throws(Refusal) {
    switch (name, value) {
    case ("wait", nil): waits = true
    case ("nowait", nil): waits = false
    case ("dry-run", nil): submission.isDryRun = true
    case ("cancel", nil): isCancel = true
    case ("retry", nil): submission.isRetry = true
    case ("priority", let value?):
      guard let priority = Priority(rawValue: value) else {
        throw Self.refusal("push option \(shown): expected low, normal, high or urgent")
      }
      submission.priority = priority
    case ("target", let value?):
      let isHidden = value.unicodeScalars.contains { $0.isControl || $0.isBidiControl }
      guard BranchName.isValid(value), !isHidden else {
        throw Self.refusal("push option \(shown): expected the name of a branch")
      }
      guard !value.hasPrefix("refs/") else {
        throw Self.refusal("push option \(shown): expected the name of a branch, without refs/heads/")
      }
      target = value
    case ("depends-on", let value?):
      guard PackageText.isIdentifier(value) else {
        throw Self.refusal("push option \(shown): expected a task id or a submission id")
      }
      guard !submission.dependsOn.contains(value) else { throw Self.refusal("push option \(shown) given twice") }
      submission.dependsOn.append(value)
    case ("format", let value?):
      guard value == "json" else { throw Self.refusal("push option \(shown): expected format=json") }
      isJSON = true
    case ("wait", _), ("nowait", _), ("dry-run", _), ("cancel", _), ("retry", _):
      throw Self.refusal("push option \(shown): \(name) takes no value")
    case ("priority", nil), ("target", nil), ("depends-on", nil), ("format", nil):
      throw Self.refusal("push option \(name) needs a value: \(Self.known.first { $0.hasPrefix(name) } ?? name)")
    default:
      throw Self.refusal("unknown push option \(shown), known are \(Self.known.joined(separator: ", "))")
    }
  }

  private func refuseContradictions(_ seen: Set<String>) throws(Refusal) {
    if seen.contains("wait"), seen.contains("nowait") { throw Self.refusal("push options wait and nowait contradict") }
    guard isCancel else { return }
    if let other = ["retry", "dry-run", "priority", "depends-on"].first(where: seen.contains) {
      throw Self.refusal("push options cancel and \(other) contradict")
    }
  }

  private static func refusal(_ reason: String) -> Refusal { Refusal(.invalidPush, reason) }
}
