/// What is known about whether a change fits what was there before: each answer with its source.
package struct Compatibility: Hashable, Sendable {
  /// The package's `documentation`, where it says something.
  package var breakingChanges: Bool?
  package var migrationRequired: Bool?
  package var apiChanges: [String]?
  /// Whether the checks of `kind: compatibility` hold, by their names.
  package var checks: [String: Bool] = [:]
  /// Manifests of dependencies that the change and the target have both changed since they parted; nil where nobody looked.
  package var sharedManifests: [String]?

  package init() {}

  package init(_ documentation: WorkPackage.Documentation) {
    breakingChanges = documentation.breakingChanges
    migrationRequired = documentation.migrationRequired
    apiChanges = documentation.apiChanges
  }

  /// A failing check outweighs what the package says, and what it says outweighs that checks found nothing.
  private var backward: Answer? {
    if let failed = checks.filter({ !$0.value }).keys.min() { return (false, "check \(failed)") }
    if let breakingChanges { return (!breakingChanges, "package documentation.breaking_changes") }
    return checks.keys.min().map { (true, "check \($0)") }
  }

  private var api: Answer? {
    if let failed = checks.filter({ !$0.value }).keys.min() { return (false, "check \(failed)") }
    if let apiChanges, let breakingChanges {
      return (!breakingChanges, "package documentation.api_changes (\(apiChanges.count)) and breaking_changes")
    }
    return checks.keys.min().map { (true, "check \($0)") }
  }

  private typealias Answer = (value: Bool, source: String)

  private var answers: [(name: String, answer: Answer?)] {
    let migration = migrationRequired.map { ($0, "package documentation.migration_required") }
    let conflicts = sharedManifests.map { shared -> Answer in
      guard !shared.isEmpty else { return (false, "no manifest was changed on both sides") }
      return (true, "changed on both sides: \(shared.joined(separator: ", "))")
    }
    return [
      ("backward_compatibility", backward), ("api_compatibility", api), ("database_migration_required", migration),
      ("dependency_conflicts", conflicts),
    ]
  }

  /// The seed document's four fields.
  package var json: JSONValue {
    var object: JSONObject = [:]
    for (name, answer) in answers { object[name] = answer.map { .bool($0.value) } ?? .null }
    return .object(object)
  }

  /// Where each field comes from.
  package var sources: JSONValue {
    var object: JSONObject = [:]
    for (name, answer) in answers { object[name] = (answer?.source).json }
    return .object(object)
  }
}

/// The files in which projects name what they depend on.
package enum DependencyManifest {
  private static let names: Set<String> = [
    "package.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "pyproject.toml", "poetry.lock", "Pipfile",
    "Pipfile.lock", "setup.py", "setup.cfg", "Cargo.toml", "Cargo.lock", "go.mod", "go.sum", "Package.swift",
    "Package.resolved", "pom.xml", "build.gradle", "build.gradle.kts", "Gemfile", "Gemfile.lock", "composer.json",
    "composer.lock", "mix.exs", "mix.lock", "pubspec.yaml", "pubspec.lock", "Podfile", "Podfile.lock", "uv.lock",
    "conanfile.txt", "vcpkg.json", "flake.nix", "flake.lock",
  ]

  package static func isOne(_ path: String) -> Bool {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return names.contains(name) || name.hasPrefix("requirements") && name.hasSuffix(".txt")
      || name.hasSuffix(".csproj") || name.hasSuffix(".gemspec")
  }
}
