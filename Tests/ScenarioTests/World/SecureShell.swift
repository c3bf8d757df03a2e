import Foundation
import Glibc

/// An sshd on loopback: each user has a key, whose forced command says who they are.
struct SecureShell: Sendable {
  static let shared = Once { try await SecureShell() }
  private static let users = ["alice", "bob", "canary", "ecdsa"]

  private let folder: Folder
  private let port: Int
  private let daemon: Daemon

  init() async throws {
    let folder = try Folder()
    self.folder = folder
    chmod(folder.path, 0o700)
    guard let keygen = Built.program("ssh-keygen"), let sshd = Built.program("sshd") else {
      throw Program.Failure(description: "no sshd here")
    }
    var authorized = ""
    for name in ["host", "stranger"] + Self.users {
      let type = name == "ecdsa" ? "ecdsa" : "ed25519"
      let made = try await Program.run(keygen, ["-q", "-t", type, "-N", "", "-f", "\(folder.path)/\(name)"])
      guard made.status == 0 else { throw Program.Failure(description: made.text) }
      guard name != "host", name != "stranger" else { continue }
      let key = try String(contentsOfFile: "\(folder.path)/\(name).pub", encoding: .utf8)
      authorized +=
        "restrict,command=\"SLUICE_USER=\(name) exec git-shell -c \\\"$SSH_ORIGINAL_COMMAND\\\"\" \(key)"
    }
    try TestServer.write(authorized, to: folder.path + "/authorized_keys")
    port = try Daemon.freePort()
    try TestServer.write(
      """
      ListenAddress 127.0.0.1:\(port)
      HostKey \(folder.path)/host
      AuthorizedKeysFile \(folder.path)/authorized_keys
      PidFile \(folder.path)/pid
      StrictModes no
      UsePAM no
      PasswordAuthentication no
      PermitRootLogin yes
      MaxStartups 100

      """, to: folder.path + "/config")
    if getuid() == 0 { mkdir("/run/sshd", 0o755) }
    let log = folder.path + "/log"
    daemon = try Daemon(sshd, ["-D", "-e", "-f", folder.path + "/config"], log: log)
    try await Daemon.awaitListener(on: port, log: log)
  }

  func access(to repository: String, as user: String) -> Transport.Access {
    let command =
      "ssh -F none -i \(folder.path)/\(user) -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR "
      + "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
    return Transport.Access(
      url: "ssh://\(NSUserName())@127.0.0.1:\(port)\(repository)", environment: ["GIT_SSH_COMMAND": command])
  }

  /// The private key of a user, or of a stranger.
  func keyFile(of user: String) -> String { "\(folder.path)/\(user)" }

  /// The line of known_hosts that names this server, with its own key or another one.
  func knownHost(key: String = "host") throws -> String {
    "[127.0.0.1]:\(port) \(try String(contentsOfFile: "\(folder.path)/\(key).pub", encoding: .utf8))"
  }
}
