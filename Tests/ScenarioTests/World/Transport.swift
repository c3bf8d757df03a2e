/// How pushes reach the server.
enum Transport: String, Sendable, CaseIterable {
  case path, ssh, http

  /// What a client needs to reach a server.
  struct Access: Sendable {
    let url: String
    let environment: [String: String]
  }

  /// Whether this machine has the programs.
  var isPossible: Bool {
    switch self {
    case .path: true
    case .ssh: Built.program("sshd") != nil && Built.program("ssh-keygen") != nil
    case .http: Built.program("nginx") != nil && Built.program("fcgiwrap") != nil
    }
  }

  static var possible: [Transport] { allCases.filter(\.isPossible) }

  /// Opens the way to a server for somebody.
  func access(to server: TestServer, as user: String, in folder: String) async throws -> Access {
    // What the transport brings into the hooks' environment must not reach a check, a log or a row.
    let planted = ["SLUICE_TEST_SECRET": server.secret, "GITHUB_TOKEN": server.secret]
    switch self {
    case .path:
      return Access(url: server.repository, environment: planted.merging(["SLUICE_USER": user]) { $1 })
    case .ssh: return try await SecureShell.shared.get().access(to: server.repository, as: user)
    case .http: return try await WebServer.shared.get().access(to: server.repository, as: user)
    }
  }
}

/// A thing that is made once, by whoever needs it first.
actor Once<Value: Sendable> {
  private let make: @Sendable () async throws -> Value
  private var task: Task<Value, any Error>?

  init(_ make: @escaping @Sendable () async throws -> Value) { self.make = make }

  func get() async throws -> Value {
    let task = task ?? Task(name: "make once") { [make] in try await make() }
    self.task = task
    return try await task.value
  }
}
