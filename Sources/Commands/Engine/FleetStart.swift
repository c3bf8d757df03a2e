import Domain
import Engine
import Glibc
import PolicyFile
import Processes

/// How one worker for many repositories begins: its configuration is read, its folders are found, and root becomes their owner.
struct FleetStart {
  let roots: [String]
  let config: String?

  func settings() throws(CommandFailure) -> FleetSettings {
    var settings = try read()
    var seen: Set<String> = []
    settings.roots = try (settings.roots + roots).map(Self.folder).filter { seen.insert($0).inserted }
    // Repositories are found by their paths without links.
    settings.repositories = settings.repositories.reduce(into: [:]) { $0[Disk.realPath($1.key) ?? $1.key] = $1.value }
    guard !settings.roots.isEmpty else {
      throw .refused("\(config ?? "the configuration") names no roots", hint: "roots: [/srv/git], or --root /srv/git")
    }
    if geteuid() == 0 { try Self.becomeOwner(of: settings) }
    return settings
  }

  private func read() throws(CommandFailure) -> FleetSettings {
    guard let config else { return FleetSettings() }
    let bytes = try Disk.read(config, max: FleetFile.bytesMax)
    do { return try FleetFile.read(bytes, name: config) } catch {
      throw .refused("the configuration does not read\n\(error)")
    }
  }

  /// A root without links, which can be looked into.
  private static func folder(_ name: String) throws(CommandFailure) -> String {
    guard let path = Disk.realPath(name), Disk.kind(path) == .folder else {
      throw .unreachable("the root \(name) is no folder")
    }
    guard access(path, R_OK | X_OK) == 0 else { throw Disk.failure("cannot look into the root \(path)") }
    return path
  }

  /// One process is one user, and a repository's files must stay its owner's.
  private static func becomeOwner(of settings: FleetSettings) throws(CommandFailure) {
    let repositories = settings.roots.flatMap { InstalledRepositories(below: $0, depth: settings.depth).paths }
    let owned = (repositories.isEmpty ? settings.roots : repositories).sorted()
    guard let first = owned.first, let owner = Disk.status(first)?.owner else { return }
    if let other = owned.first(where: { Disk.status($0)?.owner != owner }) {
      throw .refused(
        "\(name(of: owner)) owns \(first) and \(name(of: Disk.status(other)?.owner)) owns \(other), and one worker is one user",
        hint: "start one for each owner, with a root that holds that owner's repositories")
    }
    try ServerRepository.becomeOwner(of: first)
  }

  private static func name(of user: UInt32?) -> String {
    guard let user else { return "nobody" }
    return UnixUser(uid: user)?.name ?? "user \(user)"
  }
}
