import Foundation
import Glibc

/// A plain bare repository where main really lives, and somebody who pushes to it past Sluice.
struct UpstreamRepository: Sendable {
  let repository: String

  /// Makes one that holds the server's main, in a world's folder.
  init(of world: World) async throws {
    repository = world.folder.path + "/upstream.git"
    try await Git.run(in: "/", "init", "-q", "--bare", "-b", "main", repository)
    if try await world.server.tip() != nil {
      try await Git.run(in: world.server.repository, "push", "-q", repository, "refs/heads/main")
    }
  }

  @discardableResult
  func git(_ arguments: String...) async throws -> String { try await Git.run(in: repository, arguments) }

  func tip() async throws -> String { try await git("rev-parse", "refs/heads/main") }

  /// The subjects of main's first-parent line, oldest first.
  func history() async throws -> [String] {
    try await git("log", "--first-parent", "--reverse", "--format=%s", "refs/heads/main").split(separator: "\n")
      .map(String.init)
  }

  func refs() async throws -> [String] {
    try await git("for-each-ref", "--format=%(refname)").split(separator: "\n").map(String.init)
  }

  /// Somebody's commit on main, pushed past Sluice; its id.
  @discardableResult
  func push(_ subject: String, _ changes: [String: Work.Content]) async throws -> String {
    let local = TestClient(repository: repository, url: repository, environment: [:], target: "main")
    let commit = try await local.commit(
      changes, parent: tip(), Work(subject, changes).with { $0.message = subject })
    try await git("update-ref", "refs/heads/main", commit)
    return commit
  }

  /// A hook of the upstream.
  func hook(_ name: String, _ script: String) throws {
    try TestServer.write("#!/bin/sh\n" + script, to: "\(repository)/hooks/\(name)", executable: true)
  }

  /// How often the reflog says that main moved.
  func moves() throws -> Int {
    let log = FileManager.default.contents(atPath: repository + "/logs/refs/heads/main") ?? Data()
    return String(decoding: log, as: UTF8.self).split(separator: "\n").count
  }
}

extension World {
  /// Names an upstream that holds what the server's main holds.
  func upstream(over transport: Transport = .path, key: String = "alice") async throws -> UpstreamRepository {
    let upstream = try await UpstreamRepository(of: self)
    try await upstream.git("config", "core.logAllRefUpdates", "true")
    switch transport {
    case .path: break
    case .ssh:
      let shell = try await SecureShell.shared.get()
      try TestServer.write(shell.knownHost(), to: folder.path + "/known_hosts")
      try await server.git("config", "sluice.upstreamKnownHosts", folder.path + "/known_hosts")
      try await server.git("config", "sluice.upstreamKey", shell.keyFile(of: key))
    case .http:
      try token("alice:secret-alice")
      try await server.git("config", "sluice.upstreamCredential", folder.path + "/token")
    }
    let url =
      switch transport {
      case .path: upstream.repository
      case .ssh: try await SecureShell.shared.get().access(to: upstream.repository, as: key).url
      case .http: try await WebServer.shared.get().address(of: upstream.repository)
      }
    try await server.git("config", "sluice.upstream", url)
    return upstream
  }

  /// Writes the credential file of the upstream.
  func token(_ text: String) throws {
    try TestServer.write(text + "\n", to: folder.path + "/token")
    chmod(folder.path + "/token", 0o600)
  }
}
