import Glibc
import Processes

/// A folder that a lane is to show; it is opened where something of it is needed.
final class LaneSource {
  /// The layer that everything inside comes from; nil where there are several.
  let layer: String?
  private let parent: LaneSource?
  private let name: [UInt8]
  private var opened: MergedFolder?

  init(_ folder: MergedFolder) {
    layer = folder.layer
    parent = nil
    name = []
    opened = folder
  }

  /// A folder inside a folder that comes from one layer.
  init(_ name: [UInt8], in parent: LaneSource) {
    layer = parent.layer
    self.parent = parent
    self.name = name
  }

  func folder() throws(SystemError) -> MergedFolder {
    if let opened { return opened }
    guard let folder = try parent?.folder().folder(name) else {
      throw SystemError("a folder of a layer is gone", code: ENOENT)
    }
    opened = folder
    return folder
  }
}
