import Domain
import Glibc
import Processes

/// How commands are kept away from the host: chosen once, when a worker starts.
package struct Sandbox: Sendable {
  /// How a candidate's files are made.
  package enum Mode: Hashable, Sendable {
    /// A layer over a tree that is kept, mounted for one command alone.
    case overlay
    /// Copies that are moved from candidate to candidate: where overlays cannot be mounted.
    case copy

    var whiteout: Folder.Whiteout { self == .overlay ? .device : .pipe }
  }

  package let settings: SandboxSettings
  package let mode: Mode
  /// Why nothing can be run; nil where commands can be tried.
  package let problem: String?
  let bubblewrap: String
  /// The user to become; nil where the worker runs as a user without privileges, who then is the user inside.
  let owner: FileOwner?
  let layout: SandboxLayout

  /// The user that files and processes of commands belong to.
  var uid: UInt32 { owner?.uid ?? geteuid() }
  var isRoot: Bool { geteuid() == 0 }

  /// Looks at the host, and tries once whether overlays can be mounted below `folder`.
  ///
  /// - Parameter folder: the folder of worktrees, which exists; nothing stays in it.
  package init(_ settings: SandboxSettings, folder: String) {
    self.settings = settings
    layout = SandboxLayout(readOnlyPaths: settings.readOnlyPaths)
    let found = settings.bubblewrapPaths.first { access($0, X_OK) == 0 }
    bubblewrap = found ?? ""
    var problem = found == nil ? "bubblewrap is not installed (apt-get install bubblewrap)" : nil
    var owner: FileOwner?
    if geteuid() == 0 {
      owner = Self.user(named: settings.user)
      if owner == nil { problem = "the user \(settings.user) (sluice.sandboxUser) does not exist or is root" }
    }
    if layout.stagePoint == nil { problem = "none of \(SandboxLayout.stagePoints.joined(separator: ", ")) exists" }
    self.owner = owner
    self.problem = problem
    mode =
      settings.usesOverlay && problem == nil && Self.canMountOverlay(below: folder, owner: owner, layout: layout)
      ? .overlay : .copy
  }

  /// The options of an overlay mount; paths are relative to the folder of worktrees.
  ///
  /// - Parameter isMovable: whether the upper layer holds everything that is moved itself, and never a word that it is to
  ///   be found elsewhere below.
  func overlayOptions(lower: [String], upper: String, work: String, isMovable: Bool) throws(SystemError) -> String {
    let options = Self.overlayOptions(lower: lower, upper: upper, work: work, isRoot: isRoot, isMovable: isMovable)
    // The kernel would cut longer ones short, and mount what is left.
    guard options.utf8.count < Self.optionsMax else {
      throw SystemError("there are too many steps of setup to mount", code: E2BIG)
    }
    return options
  }

  private static let optionsMax = 4_000

  /// A stage for a command.
  func stage(folder: String, root: Stage.Root, results: String, hasNetwork: Bool) -> Stage {
    Stage(
      folder: folder, point: layout.stagePoint ?? "/mnt", root: root,
      shown: [.init(results, as: "results")] + layout.shown(hasNetwork: hasNetwork), ownsUserNamespace: !isRoot)
  }

  private static func overlayOptions(
    lower: [String], upper: String, work: String, isRoot: Bool, isMovable: Bool = false
  ) -> String {
    // `volatile`: nothing is synced to disk when the mount ends; the files are thrown away after that.
    let layers = "lowerdir=\(lower.joined(separator: ":")),upperdir=\(upper),workdir=\(work),volatile"
    // `redirect_dir` lets a command rename a folder of the tree; a user namespace cannot have it.
    return layers + (isRoot ? ",redirect_dir=\(isMovable ? "follow" : "on")" : ",userxattr")
  }

  private static func canMountOverlay(below folder: String, owner: FileOwner?, layout: SandboxLayout) -> Bool {
    let name = "probe-\(getpid())"
    do {
      let top = try Folder(opening: folder, owner: owner)
      try FolderRemoval.remove(name, in: top)
      defer { do { try FolderRemoval.remove(name, in: top) } catch {} }
      let probe = try top.makeFolder(Array(name.utf8))
      for part in ["lower", "upper", "work"] { _ = try probe.makeFolder(Array(part.utf8)) }
      try probe.writeWhiteout(Array("whiteout".utf8), as: .device)
      let options = overlayOptions(
        lower: ["\(name)/lower"], upper: "\(name)/upper", work: "\(name)/work", isRoot: geteuid() == 0)
      var command = Command("/bin/sh", ["-c", ":"], environment: [])
      command.stage = Stage(
        folder: folder, point: layout.stagePoint ?? "/mnt", root: .overlay(options: options), shown: [],
        ownsUserNamespace: geteuid() != 0)
      command.hasOwnSession = true
      command.diesWithParent = true
      command.user = owner.map { ($0.uid, $0.gid) }
      var child = try ChildProcess(command, descriptors: [-1, -1, -1])
      return child.wait().isSuccess
    } catch {
      return false
    }
  }

  private static func user(named name: String) -> FileOwner? {
    var record = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16_384)
    guard getpwnam_r(name, &record, &buffer, buffer.count, &found) == 0, found != nil, record.pw_uid != 0 else {
      return nil
    }
    return FileOwner(uid: record.pw_uid, gid: record.pw_gid)
  }
}
