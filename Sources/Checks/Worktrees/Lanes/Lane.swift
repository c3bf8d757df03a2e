/// A folder in which commands run where overlays cannot be mounted: it is kept, and moved from one candidate to the next.
///
/// A command may do anything to its files. Before the next one they are compared with what was written, one by one, and
/// whatever differs is written anew.
struct Lane: Sendable {
  /// Below the folder of worktrees; commands reach what is in it, but not the folder itself.
  let name: String
  /// The base it was last brought to.
  var base: String?
  /// What was written, and is there unless a command has changed it.
  var content = LaneFolder()

  init(name: String) { self.name = name }
}

/// A folder of a lane as it was written.
struct LaneFolder: Sendable {
  enum Content: Sendable {
    /// A file or link, and the mark of the one it was copied from.
    case copy(of: FileMark)
    case folder(LaneFolder)
  }

  struct Child: Sendable {
    let name: [UInt8]
    /// As it was when it had been written.
    let mark: FileMark
    let content: Content
  }

  /// By name.
  var children: [Child] = []
  /// The layer that everything inside was copied from; nil where there were several.
  var layer: String?
}
