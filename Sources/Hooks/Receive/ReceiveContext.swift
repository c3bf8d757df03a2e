import Domain
import GitProgram
import Glibc
import Processes

/// What a receive hook knows before it looks at the push: the repository, its settings, who pushes.
struct ReceiveContext {
  let place: StatePaths
  let git: GitProgram
  let settings: ServerSettings
  /// The branch that `HEAD` names; nil where `HEAD` is detached.
  let defaultTarget: String?
  let identity: String

  /// git on the repository that it runs the hook in: the current folder.
  ///
  /// - Parameter inQuarantine: whether the pushed objects are still in git's quarantine.
  static func git(inQuarantine: Bool) throws(Refusal) -> GitProgram {
    guard let folder = getcwd(nil, 0) else {
      throw Refusal(.infrastructure, "the repository's folder is unknown: \(SystemError("getcwd"))")
    }
    defer { free(folder) }
    let variables = inQuarantine ? GitProgram.quarantineVariables : []
    let quarantine = variables.compactMap { name in Self.variable(name).map { "\(name)=\($0)" } }
    return try answering { try GitProgram(repository: String(cString: folder), quarantine: quarantine) }
  }

  init(git: GitProgram) throws(Refusal) {
    self.git = git
    place = StatePaths(repository: git.repository)
    do { settings = try git.settings() } catch let error as SettingError {
      throw Refusal(
        .infrastructure,
        "git config \(error.key) is \(Printable.line(error.value, max: 60)), expected \(error.expected)")
    } catch { throw Refusal(.infrastructure, "\(error)") }
    defaultTarget = try Self.head(of: git.repository)
    identity = Self.identity()
  }

  /// Every branch that only a landing moves.
  var targets: Set<String> { Set(settings.targets + (defaultTarget.map { [$0] } ?? [])) }

  var isAdministrator: Bool { settings.administrators.contains(identity) }

  /// Where the repository's own hooks are: beside ours.
  var hooksFolder: String {
    guard let path = settings.hooksPath else { return place.hooks }
    return path.hasPrefix("/") ? path : "\(place.repository)/\(path)"
  }

  /// The push options, at most one more than are taken.
  static func pushOptions() -> [String] {
    let count = variable("GIT_PUSH_OPTION_COUNT").flatMap { Int($0) } ?? 0
    return (0..<min(max(count, 0), PushOptions.countMax + 1)).map { variable("GIT_PUSH_OPTION_\($0)") ?? "" }
  }

  private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// Who pushes, by the transport's word; the unix user where the transport has none.
  private static func identity() -> String {
    for name in ["REMOTE_USER", "GL_USER", "SLUICE_USER"] {
      if let value = variable(name), !value.isEmpty { return Printable.line(value, max: 200) }
    }
    return UnixUser(uid: getuid())?.name ?? "\(getuid())"
  }

  private static func head(of repository: String) throws(Refusal) -> String? {
    do {
      let file = try Descriptor(opening: repository + "/HEAD", O_RDONLY)
      let text = String(decoding: try file.readAll(max: 4_096) ?? [], as: UTF8.self)
      let prefix = "ref: refs/heads/"
      guard text.hasPrefix(prefix) else { return nil }
      return String(text.dropFirst(prefix.count).prefix { $0 != "\n" })
    } catch { throw Refusal(.infrastructure, "\(error)") }
  }
}
