package import Domain

/// The configuration of one worker for many repositories, as it is written.
package enum FleetFile {
  package static let bytesMax = 1 << 20

  /// Reads a configuration file.
  ///
  /// - Shape: `version: 1`, `roots`, `lanes`, `lanes_per_repository`, `depth`, `scan`, and `repositories` by absolute path with
  ///   `weight` and `lanes`.
  /// - Throws: everything that is wrong, each with its line and column; where the file is not YAML, the first.
  package static func read(_ bytes: [UInt8], name: String) throws(PolicyError) -> FleetSettings {
    try PolicyReader.read(bytes, name: name, max: bytesMax, expecting: "a configuration with version and roots") {
      $0.readFleet($1)
    }
  }
}

extension PolicyReader {
  mutating func readFleet(_ root: YAMLNode) -> FleetSettings {
    var settings = FleetSettings()
    let known = ["version", "roots", "lanes", "lanes_per_repository", "depth", "scan", "repositories"]
    guard let fields = fields(root, "", known: known, required: ["version"]) else { return settings }
    let lanes = 1...FleetSettings.lanesMax
    if let node = fields["version"] { _ = integer(node, "version", in: 1...1) }
    if let node = fields["roots"] {
      settings.roots = list(node, "roots", min: 1, max: 100, "folders") { $0.folder($1, $2) }
    }
    if let node = fields["lanes"] { settings.lanes = integer(node, "lanes", in: lanes) }
    if let node = fields["lanes_per_repository"] {
      settings.lanesOfOne = integer(node, "lanes_per_repository", in: lanes)
    }
    if let node = fields["depth"] { settings.depth = integer(node, "depth", in: 1...10) ?? settings.depth }
    if let node = fields["scan"] {
      settings.scanSeconds = duration(node, "scan")?.components.seconds ?? settings.scanSeconds
    }
    if let node = fields["repositories"] {
      for member in mapping(node, "repositories", "repositories by their paths", max: 10_000) {
        let path = "repositories.\(Printable.line(member.name, max: 60))"
        guard Self.isFolder(member.name) else {
          fail(
            member.mark,
            "repositories: expected an absolute path without . and .., found \(PolicyText.show(member.name))"
          )
          continue
        }
        settings.repositories[member.name] = readRepository(member.value, path)
      }
    }
    return settings
  }

  private mutating func readRepository(_ node: YAMLNode, _ path: String) -> FleetSettings.Repository {
    var repository = FleetSettings.Repository()
    guard let fields = fields(node, path, known: ["weight", "lanes"]) else { return repository }
    if let node = fields["weight"] {
      repository.weight = integer(node, "\(path).weight", in: 1...LaneShares.weightMax) ?? repository.weight
    }
    if let node = fields["lanes"] { repository.lanes = integer(node, "\(path).lanes", in: 1...FleetSettings.lanesMax) }
    return repository
  }

  private mutating func folder(_ node: YAMLNode, _ path: String) -> String? {
    text(node, path, "an absolute path without . and ..", where: Self.isFolder)
  }

  private static func isFolder(_ path: String) -> Bool {
    path == "/"
      || path.hasPrefix("/") && !path.utf8.contains(0)
        && path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
          .allSatisfy { !["", ".", ".."].contains($0) }
  }
}
