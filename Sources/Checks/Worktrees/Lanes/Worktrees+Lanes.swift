import Processes
import Synchronization

extension Worktrees {
  /// How many lanes are kept for later.
  static let lanesMax = 8

  /// Takes a lane that nobody uses and brings it to what layers show.
  ///
  /// - Parameter layers: folders below the folder of worktrees, the newest first.
  func takeLane(showing layers: [String]) throws(SystemError) -> Lane {
    let source = try MergedFolder(layers: layers.map { ($0, "\(folder)/\($0)") })
    let kept = lanes.withLock { lanes in
      // One that was over the same base has the least to change.
      let index = lanes.lastIndex { $0.base == layers.last } ?? lanes.indices.last
      return index.map { lanes.remove(at: $0) }
    }
    if var lane = kept {
      do throws(SystemError) {
        try LaneUpdate.bring(&lane, at: "\(folder)/\(lane.name)", owner: owner, to: source)
        lane.base = layers.last
        return lane
      } catch {
        // Whatever a command has left there to be in the way: a new one has nothing of it.
        discardLane(lane)
      }
    }
    var lane = Lane(name: "lane-\(laneCounter.add(1, ordering: .relaxed).newValue)")
    do throws(SystemError) {
      _ = try Folder(opening: folder, owner: owner).makeFolder(Array(lane.name.utf8))
      try LaneUpdate.bring(&lane, at: "\(folder)/\(lane.name)", owner: owner, to: source)
    } catch {
      discardLane(lane)
      throw error
    }
    lane.base = layers.last
    return lane
  }

  /// Gives a lane back.
  ///
  /// - Parameter isReusable: whether every process that ran in it is known to be gone.
  func giveBack(_ lane: Lane, isReusable: Bool) {
    guard isReusable else { return discardLane(lane) }
    let surplus = lanes.withLock { lanes in
      lanes.append(lane)
      return lanes.count > Self.lanesMax ? lanes.removeFirst() : nil
    }
    if let surplus { discardLane(surplus) }
  }

  private func discardLane(_ lane: Lane) {
    // What cannot be removed now is removed when the next worker starts.
    do { try remove(lane.name) } catch {}
  }
}
