import Domain
import Glibc
import Processes
import Synchronization

extension Worktrees {
  /// Asks for what a step keeps; a layer that is there is marked as used now.
  func askKept(_ place: KeptLayer.Place) throws(SystemError) -> KeptLayers.Answer {
    let answer = kept.withLock { $0.ask(place) }
    if case .there(let layer) = answer {
      do {
        try Folder(opening: "\(folder)/\(layer.name)", owner: nil).touch()
      } catch {
        releaseKept(layer)
        throw error
      }
    }
    return answer
  }

  /// Ends the making of a kept layer that did not come about.
  func giveUpKept(_ place: KeptLayer.Place) { kept.withLock { $0.endMaking(place, as: nil) } }

  func releaseKept(_ layer: KeptLayer) { kept.withLock { $0.release(layer) } }

  /// Takes the kept paths out of what a step has written, and makes a layer of them that whoever asked uses.
  ///
  /// - Parameter written: the layer that the step alone wrote into. What is kept leaves it.
  /// - Returns: nil where the step has written none of the paths.
  func keep(
    _ paths: [TreePath], at place: KeptLayer.Place, from written: borrowing Folder
  ) throws(SystemError) -> KeptLayer? {
    let layer = KeptLayer(place: place, stamp: kept.withLock { $0.newStamp() }, origin: origin)
    let top = try Folder(opening: folder, owner: owner)
    let unfinished = Array("unfinished-\(layer.name)".utf8)
    try FolderRemoval.remove(unfinished, in: top)
    do throws(SystemError) {
      let new = try top.makeFolder(unfinished)
      _ = try new.makeFolder(Self.homeName)
      let files = try new.makeFolder(Self.treeName)
      var isEmpty = true
      if let source = written.existingFolder(Self.treeName) {
        // An outer path comes first, and brings the inner ones along.
        for path in paths.sorted() where try KeptPath.move(path.components[...], from: source, to: files) {
          isEmpty = false
        }
      }
      if isEmpty {
        try FolderRemoval.remove(unfinished, in: top)
        return nil
      }
      try top.move(unfinished, to: Array(layer.name.utf8), in: top)
    } catch {
      do { try FolderRemoval.remove(unfinished, in: top) } catch {}
      throw error
    }
    kept.withLock { $0.endMaking(place, as: layer) }
    removeSurplusKept(now: lastUse(of: layer))
    return layer
  }

  /// Removes kept layers past the number and age that is kept, the longest unused first.
  ///
  /// - Parameter now: by the clock of the file system; nil compares no ages.
  func removeSurplusKept(now: FileMark.Moment?) {
    let unused = kept.withLock { $0.unused }.map { (layer: $0, used: lastUse(of: $0) ?? FileMark.Moment(timespec())) }
    for (layer, used) in unused.sorted(by: { $0.used < $1.used }) {
      let isOld = now.map { $0.seconds - used.seconds > KeptLayers.ageMax } ?? false
      let isTaken = kept.withLock { kept in (isOld || kept.count > KeptLayers.countMax) && kept.take(layer) }
      guard isTaken else { continue }
      // What cannot be removed now is removed when the next worker starts, which does not know it.
      do { try discardKept(layer) } catch {}
    }
  }

  /// Removes a layer under another name, so that half of one is never found.
  private func discardKept(_ layer: KeptLayer) throws(SystemError) {
    let top = try Folder(opening: folder, owner: nil)
    let name = Array("discarded-\(layer.name)".utf8)
    try top.move(Array(layer.name.utf8), to: name, in: top)
    try FolderRemoval.remove(name, in: top)
  }

  /// When a layer was last used.
  private func lastUse(of layer: KeptLayer) -> FileMark.Moment? {
    do { return try Folder(opening: "\(folder)/\(layer.name)", owner: nil).modificationTime() } catch { return nil }
  }
}
