import Domain
import Foundation
import Glibc
import Testing

/// One scenario's server, its first client, and what must be true when it is over.
struct World: Sendable {
  let folder: Folder
  let server: TestServer
  let client: TestClient
  let transport: Transport
  /// A folder that checks can see: a check that waits for the file `go` in it is held until `release()`.
  let gate: String
  private let gateFolder: Folder

  /// Runs a scenario; then a canary lands, and the invariants hold.
  ///
  /// - Parameter moved: the target's moves that were made past Sluice, which no certificate covers.
  static func run(
    _ base: Base = Base(), over transport: Transport = .path, canary: Bool = true, audited: Bool = true,
    location: SourceLocation = #_sourceLocation, _ story: (World) async throws -> Void
  ) async throws {
    await Turnstile.scenarios.enter()
    do {
      let world = try await World(base, over: transport)
      do {
        try await story(world)
        if canary { try await world.canary(location) }
        try await world.server.endWorker()
        try await world.check(audited: audited, location)
      } catch {
        try await world.server.endWorker(by: SIGKILL)
        throw error
      }
    } catch {
      await Turnstile.scenarios.leave()
      throw error
    }
    await Turnstile.scenarios.leave()
  }

  private init(_ base: Base, over transport: Transport) async throws {
    folder = try Folder()
    gateFolder = try Folder(in: Built.folder)
    let gate = gateFolder.path
    self.gate = gate
    self.transport = transport
    server = try await TestServer(Self.prepared(base, gate: gate), in: folder.path)
    let access = try await transport.access(to: server, as: "alice", in: folder.path)
    client = try await TestClient(
      cloning: access.url, to: folder.path + "/client.git", environment: access.environment)
  }

  /// A second agent with a clone of their own.
  func client(_ name: String) async throws -> TestClient {
    let access = try await transport.access(to: server, as: name, in: folder.path)
    return try await TestClient(
      cloning: access.url, to: "\(folder.path)/\(name)-\(UUID().uuidString).git", environment: access.environment)
  }

  /// The command of a check that waits for `release()`, then judges by the project's test.
  static let heldTest = "until [ -e GATE/go ]; do sleep 0.05; done; sh test.sh"

  /// Lets held checks go on.
  func release() throws { try TestServer.write("", to: gate + "/go") }

  /// The command of a check that waits, for each file in cases/ beside the first two, until that file's gate is open.
  static let gatedTest =
    "for f in cases/*; do n=${f#cases/}; case $n in one|two) ;; *) until [ -e GATE/$n ]; do sleep 0.02; done;; esac; done; sh test.sh"

  /// Opens the gates of test cases.
  func release(_ names: String...) throws { for name in names { try TestServer.write("", to: "\(gate)/\(name)") } }

  /// Holds checks again.
  func hold() throws { try FileManager.default.removeItem(atPath: gate + "/go") }

  /// A good submission must land, whatever has happened before.
  func canary(_ location: SourceLocation) async throws {
    let path = "canary-\(UUID().uuidString.prefix(8)).txt"
    let client = try await client("canary")
    let push = try await client.submit(Work(String(path.dropLast(4)), [path: "sings\n"]))
    #expect(push.status == 0, "the canary does not land: \(push)", sourceLocation: location)
    let landed = try await server.file(path)
    #expect(landed == "sings\n", "the canary is not on main", sourceLocation: location)
  }

  /// A base whose checks see this world's gate, for a repository beside the server's.
  func prepared(_ base: Base) -> Base { Self.prepared(base, gate: gate) }

  private static func prepared(_ base: Base, gate: String) -> Base {
    base.with { base in
      base.config.append(("sluice.sandboxReadOnly", gate))
      base.files = base.files.map { files in files.mapValues { fill($0, gate: gate) } }
      base.policyFile = base.policyFile?.replacing("GATE", with: gate)
    }
  }

  private static func fill(_ content: Work.Content, gate: String) -> Work.Content {
    switch content {
    case .text(let text): .text(text.replacing("GATE", with: gate))
    case .executable(let text): .executable(text.replacing("GATE", with: gate))
    default: content
    }
  }
}
