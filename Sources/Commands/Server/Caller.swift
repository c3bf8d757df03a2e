import Domain
import Glibc

/// Who runs a command on the server.
struct Caller: Sendable {
  /// As for a push: the transport's word, else the unix user.
  let identity: String
  /// Whether nobody between us and the files has said who it is: then we are the repository's owner, who may do anything.
  private let isOwner: Bool

  init() {
    let told = ["REMOTE_USER", "GL_USER", "SLUICE_USER"].compactMap(Environment.value).first { !$0.isEmpty }
    identity = told.map { Printable.line($0, max: 200) } ?? Account.name(of: getuid())
    isOwner = told == nil
  }

  func isAdministrator(_ settings: ServerSettings) -> Bool {
    isOwner || settings.administrators.contains(identity)
  }
}
