import Domain

/// The whole trees that stand on disk below a folder of worktrees, newest last; who uses which.
struct Bases {
  struct Base {
    let tree: ObjectID
    let origin: Origin
    var fileCount: Int
    var useCount = 0

    /// `base-<tree>-<origin>-<files>`.
    var name: String { "base-\(tree.hex)-\(origin.text)-\(fileCount)" }

    init(tree: ObjectID, origin: Origin, fileCount: Int) {
      self.tree = tree
      self.origin = origin
      self.fileCount = fileCount
    }

    init?(name: String) {
      let parts = name.split(separator: "-", omittingEmptySubsequences: false)
      guard parts.count == 4, parts[0] == "base", let tree = ObjectID(hex: parts[1]), let origin = Origin(parts[2]),
        let fileCount = Int(parts[3]), fileCount >= 0
      else { return nil }
      self.init(tree: tree, origin: origin, fileCount: fileCount)
    }
  }

  static let countMax = 2
  private(set) var all: [Base] = []

  /// Enters a base that is complete on disk.
  mutating func add(_ base: Base) { all.append(base) }

  /// Marks a base as used, so that it is neither moved nor removed.
  mutating func retain(_ tree: ObjectID) -> Base? {
    guard let index = all.firstIndex(where: { $0.tree == tree }) else { return nil }
    all[index].useCount += 1
    return all[index]
  }

  mutating func release(_ tree: ObjectID) {
    guard let index = all.firstIndex(where: { $0.tree == tree }) else { return }
    precondition(all[index].useCount > 0, "a base is released that nobody uses")
    all[index].useCount -= 1
  }

  /// Takes a base out of the list, where nobody uses it: whoever gets it may change or remove it.
  mutating func take(_ tree: ObjectID) -> Base? {
    guard let index = all.firstIndex(where: { $0.tree == tree }), all[index].useCount == 0 else { return nil }
    return all.remove(at: index)
  }

  /// Takes out the oldest bases past the number that is kept, where nobody uses them.
  mutating func takeSurplus() -> [Base] {
    var surplus: [Base] = []
    for base in all where all.count > Self.countMax {
      if let taken = take(base.tree) { surplus.append(taken) }
    }
    return surplus
  }
}
