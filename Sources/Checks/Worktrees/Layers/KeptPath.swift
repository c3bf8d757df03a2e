import Processes

/// Takes one kept path from a layer to another; nothing on the way is followed.
enum KeptPath {
  /// Moves what stands at the path, with the folders above it made anew; false where nothing stands there.
  static func move(
    _ components: ArraySlice<[UInt8]>, from source: borrowing Folder, to target: borrowing Folder
  ) throws(SystemError) -> Bool {
    guard let name = components.first, exists(components, in: source) else { return false }
    guard components.count > 1 else {
      try source.forcedMove(name, to: name, in: target)
      return true
    }
    guard let inner = source.existingFolder(name) else { return false }
    return try move(components.dropFirst(), from: inner, to: target.folder(name))
  }

  private static func exists(_ components: ArraySlice<[UInt8]>, in folder: borrowing Folder) -> Bool {
    guard let name = components.first, folder.kind(of: name) != nil else { return false }
    if components.count == 1 { return true }
    guard let inner = folder.existingFolder(name) else { return false }
    return exists(components.dropFirst(), in: inner)
  }
}
