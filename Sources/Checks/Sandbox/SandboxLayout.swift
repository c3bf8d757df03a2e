import Glibc
import Processes

/// What a command sees of the host, and where: worked out once, as arguments of bubblewrap.
struct SandboxLayout: Sendable {
  /// Where the candidate's files stand inside.
  static let tree = "/build"
  static let home = "/sluice/home"
  static let results = "/sluice/results"
  /// Folders of the host that the stage may cover; the first that exists is taken.
  static let stagePoints = ["/mnt", "/media", "/srv"]

  let stagePoint: String?
  /// What the stage shows: the host's configuration as one folder, and the administrator's folders, which the user
  /// inside may not reach otherwise.
  private let shownPaths: [Stage.Shown]
  /// The administrator's folders that are not there.
  let missingPaths: [String]
  private let path: String
  private let host: [String]
  private let shown: [String]

  init(readOnlyPaths: [String]) {
    stagePoint = Self.stagePoints.first { Self.kind(of: $0) == S_IFDIR }
    missingPaths = readOnlyPaths.filter { !$0.hasPrefix("/") || access($0, F_OK) != 0 }
    let present = readOnlyPaths.filter { $0.hasPrefix("/") && access($0, F_OK) == 0 }
    let tools = present.enumerated().map { index, path in Stage.Shown(path, as: "shown-\(index)") }
    let point = stagePoint ?? ""
    shown = zip(present, tools).flatMap { path, shown in ["--ro-bind", "\(point)/\(shown.name)", Self.inside(path)] }
    // One folder for bubblewrap to bind: each bind of its own costs it a fifth of a millisecond.
    shownPaths = Self.configuration() + tools
    let folders: [String] = present.map { $0 + "/bin" }.filter { (folder: String) in access(folder, F_OK) == 0 }
    path = (folders + ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]).joined(
      separator: ":")
    host = Self.hostArguments()
  }

  /// Where a folder stands inside: bubblewrap follows no link that it has made itself.
  private static func inside(_ path: String) -> String {
    path.hasPrefix("/var/tmp/") ? String(path.dropFirst("/var".count)) : path
  }

  /// What the stage shows; name resolution only where there is a network.
  func shown(hasNetwork: Bool) -> [Stage.Shown] {
    let resolver = "/etc/resolv.conf"
    return hasNetwork && access(resolver, R_OK) == 0
      ? shownPaths + [Stage.Shown(resolver, as: "etc/resolv.conf")] : shownPaths
  }

  /// The whole environment of a command.
  func environment(attempt: Int) -> [String] {
    [
      "PATH=\(path)", "HOME=\(Self.home)", "LANG=C.UTF-8", "TMPDIR=/tmp", "CI=true", "SLUICE_RESULTS=\(Self.results)",
      "SLUICE_ATTEMPT=\(attempt)",
    ]
  }

  /// The arguments of bubblewrap.
  func arguments(running command: String, hasNetwork: Bool, memoryMax: Int64) -> [String] {
    let point = stagePoint ?? "/mnt"
    var arguments = [
      "--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL", "--die-with-parent", "--new-session",
      "--hostname", "sluice", "--as-pid-1", "--json-status-fd", "3",
    ]
    if hasNetwork { arguments += ["--share-net"] }
    arguments += host + ["--ro-bind", "\(point)/etc", "/etc"]
    arguments += [
      "--proc", "/proc", "--dev", "/dev", "--size", "\(memoryMax)", "--tmpfs", "/dev/shm", "--remount-ro", "/dev",
      "--size", "\(memoryMax)", "--perms", "1777", "--tmpfs", "/tmp", "--dir", "/run", "--symlink", "/tmp", "/var/tmp",
    ]
    // After the temporary folders, which would cover a folder of the administrator's that lies in one.
    arguments += shown
    arguments += [
      "--bind", "\(point)/tree/tree", Self.tree, "--bind", "\(point)/tree/home", Self.home,
      "--bind", "\(point)/results", Self.results, "--remount-ro", "/", "--chdir", Self.tree, "--", "/bin/sh", "-c",
      Self.first, "sh", command,
    ]
    return arguments
  }

  /// The first process inside: it starts the command and buries the orphans.
  ///
  /// Bubblewrap's own would do too, but bubblewrap does not wait for that one, and so never knows what was used inside.
  /// What a shell says about a command that a signal ended is none of the command's output.
  private static let first = #"exec 3>&2 2>/dev/null; (exec /bin/sh -c "$1" 2>&3 3>&-); exit $?"#

  private static let systemFolders = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"]
  private static let configurationFiles = [
    "alternatives", "ca-certificates", "group", "host.conf", "hosts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d",
    "localtime", "mime.types", "nsswitch.conf", "passwd", "pki", "protocols", "services", "ssl/certs",
    "ssl/openssl.cnf",
    "timezone",
  ]

  private static func hostArguments() -> [String] {
    var arguments = ["--ro-bind", "/usr", "/usr"]
    for folder in systemFolders {
      switch kind(of: folder) {
      case S_IFLNK: arguments += ["--symlink", linkTarget(folder), folder]
      case S_IFDIR: arguments += ["--ro-bind", folder, folder]
      default: break
      }
    }
    return arguments
  }

  private static func configuration() -> [Stage.Shown] {
    let folders = [Stage.Shown(emptyFolder: "etc"), Stage.Shown(emptyFolder: "etc/ssl")]
    return folders
      + configurationFiles.filter { (name: String) in access("/etc/" + name, R_OK) == 0 }
      .map { (name: String) in Stage.Shown("/etc/" + name, as: "etc/" + name) }
  }

  private static func kind(of path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
  }

  private static func linkTarget(_ path: String) -> String {
    var buffer = [CChar](repeating: 0, count: 4_096)
    let count = readlink(path, &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(count, 0)).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
