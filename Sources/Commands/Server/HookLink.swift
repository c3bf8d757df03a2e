import Glibc

/// One of a repository's hooks: what stands there now, and the way to ours and back.
struct HookLink: Sendable {
  enum State: Hashable, Sendable {
    case missing
    /// A link to a program of this installation.
    case ours
    /// A link to a Sluice program elsewhere; the text of the link.
    case otherInstallation(String)
    case foreign
  }

  let hook: Hook
  private let folder: String
  private let program: String

  init(_ hook: Hook, in repository: ServerRepository, programs: Programs) {
    self.hook = hook
    folder = repository.hooks
    program = programs.path(hook)
  }

  var path: String { "\(folder)/\(hook.rawValue)" }
  /// Where scripts stand that Sluice's program runs after its own work.
  var chain: String { "\(path).d" }
  private var original: String { "\(chain)/50-original" }

  var state: State {
    guard Disk.status(path) != nil else { return .missing }
    guard let text = Disk.linkText(path) else { return .foreign }
    if text == program { return .ours }
    return text.hasSuffix("/sluice/\(hook.rawValue)") || text.hasSuffix("/debug/\(hook.rawValue)")
      || text.hasSuffix("/release/\(hook.rawValue)") ? .otherInstallation(text) : .foreign
  }

  /// Links the program, keeping a foreign hook in the chain. There is no moment without a hook.
  func install() throws(CommandFailure) -> [Takeover.Step] {
    var steps: [Takeover.Step] = []
    let state = state
    guard state != .ours else { return [] }
    if state == .foreign {
      try keepForeign()
      steps.append(.init(did: "kept", what: "\(name) as \(name).d/50-original, which Sluice's hook runs"))
    }
    let temporary = "\(path).new"
    try Disk.remove(temporary)
    guard symlink(program, temporary) == 0 else { throw Disk.failure("cannot create \(temporary)") }
    try Disk.rename(temporary, to: path)
    try Disk.sync(folder: folder)
    steps.append(.init(did: "linked", what: "\(name) -> \(program)"))
    return steps
  }

  /// Takes our link away and brings back what stood there before.
  func uninstall() throws(CommandFailure) -> [Takeover.Step] {
    switch state {
    case .missing, .foreign: return []
    case .ours, .otherInstallation: break
    }
    guard Disk.status(original) != nil else {
      try Disk.remove(path)
      try Disk.sync(folder: folder)
      return [.init(did: "removed", what: name)]
    }
    if let text = Disk.linkText(original), text.hasPrefix("../") {
      try relink(String(text.dropFirst(3)), at: path)
      try Disk.remove(original)
    } else {
      try Disk.rename(original, to: path)
    }
    // Other scripts of the administrator keep the folder.
    rmdir(chain)
    try Disk.sync(folder: folder)
    return [.init(did: "restored", what: "\(name), which was there before")]
  }

  private var name: String { "hooks/\(hook.rawValue)" }

  private func keepForeign() throws(CommandFailure) {
    if mkdir(chain, 0o755) != 0, errno != EEXIST { throw Disk.failure("cannot create \(chain)") }
    guard Disk.status(original) == nil else {
      throw .refused(
        "\(path) is not Sluice's, and \(original) is already taken",
        hint: "give \(original) another name in that folder")
    }
    if let text = Disk.linkText(path), !text.hasPrefix("/") {
      // One folder deeper, a relative link needs one step up.
      try relink("../\(text)", at: original)
    } else {
      guard link(path, original) == 0 else { throw Disk.failure("cannot link \(path) to \(original)") }
    }
    try Disk.sync(folder: chain)
  }

  private func relink(_ text: String, at path: String) throws(CommandFailure) {
    let temporary = "\(path).new"
    try Disk.remove(temporary)
    guard symlink(text, temporary) == 0 else { throw Disk.failure("cannot create \(temporary)") }
    try Disk.rename(temporary, to: path)
  }
}
