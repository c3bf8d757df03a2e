import Domain
import Glibc
import Processes

/// Creates and moves Sluice's own refs by writing their files as git does, without starting git.
///
/// - Locks: `<ref>.lock` as git takes it, so that git and this keep each other out. A lock of a process that was killed is
///   told from others by `AbandonedLock`.
/// - Durable: each content is on the disk before its name is; the caller makes the file system durable afterwards.
/// - Unusual: whatever is not as expected is left to git, which also has the words for it.
struct RefFileTransaction {
  let repository: String
  private var place: StatePaths { StatePaths(repository: repository) }

  init(repository: String) { self.repository = repository }

  private struct Change {
    let intent: AbandonedLock.Intent
    let value: StagedFile

    var name: String { intent.ref }
    var old: ObjectID? { intent.old }

    /// Whether others may write the ref at the same time; a new id's is made by one, once.
    var isContended: Bool { !name.hasPrefix(SluiceRef.inboxSpace) }
  }

  /// Makes all changes, or none; false where nothing was done and git has to be asked.
  ///
  /// - Parameter object: an object that the refs point at, which gets its name before they do.
  func commit(_ updates: [RefUpdate], storing object: StagedObject?) throws(SystemError) -> Bool {
    guard access("\(repository)/reftable", F_OK) != 0 else { return false }
    for folder in [place.state, place.scratch] { mkdir(folder, 0o700) }
    var changes: [Change] = []
    for update in updates {
      guard let change = try stage(update) else { return false }
      changes.append(change)
    }
    let mark = try StagedFile("\(place.scratch)/lock-", AbandonedLock.text(changes.map(\.intent)), mode: 0o600)
    try mark.hold()
    // All are on their way to the disk: this waits once.
    try object?.finish()
    for file in changes.map(\.value) + [mark] { try file.settle(leavesSync: true) }
    var locks: [String] = []
    defer { for lock in locks { unlink(lock) } }
    for change in changes where change.isContended {
      guard let lock = lock(change.name, mark) else { return false }
      locks.append(lock)
    }
    failpoint("proc.refs_locked")
    guard isAsExpected(changes) else { return false }
    return try write(changes)
  }

  private func stage(_ update: RefUpdate) throws(SystemError) -> Change? {
    let (name, old, new): (String, ObjectID?, ObjectID)
    switch update {
    case .create(let ref, let id): (name, old, new) = (ref, nil, id)
    case .move(let ref, let from, let to): (name, old, new) = (ref, from, to)
    case .delete, .verify: return nil
    }
    // A new id's ref is made once and never moved.
    guard name.hasPrefix("refs/sluice/"), old == nil || !name.hasPrefix(SluiceRef.inboxSpace) else { return nil }
    return Change(
      intent: AbandonedLock.Intent(ref: name, old: old, new: new),
      value: try StagedFile("\(place.scratch)/ref-", Array("\(new.hex)\n".utf8), mode: 0o666))
  }

  /// Takes git's lock on a ref; nil where another has it, or where the ref cannot be.
  private func lock(_ name: String, _ mark: StagedFile) -> String? {
    let path = "\(repository)/\(name).lock"
    // git removes folders that are empty, also one that was just made.
    for _ in 0..<4 {
      do {
        try mark.add(at: path)
        return path
      } catch {
        switch error.code {
        case ENOENT: makeFolders(of: name)
        case EEXIST where AbandonedLock.remove(from: name, in: repository): break
        default: return nil
        }
      }
    }
    return nil
  }

  private func makeFolders(of name: String) {
    var path = repository
    for component in name.split(separator: "/").dropLast() {
      path += "/\(component)"
      mkdir(path, 0o777)
    }
  }

  /// Whether every ref is where it is expected, and every new name may be: no name is a folder of another.
  private func isAsExpected(_ changes: [Change]) -> Bool {
    let refs = RefFiles(repository: repository)
    var unseen: [Change] = []
    for change in changes where change.isContended {
      switch refs.loose(change.name) {
      case .missing: unseen.append(change)
      case .at(let id): guard id == change.old else { return false }
      case .unusual: return false
      }
    }
    // Read after the refs' own files: a ref that is packed meanwhile leaves its own file last.
    switch PackedRefs.open(repository) {
    case .missing: return unseen.allSatisfy { $0.old == nil }
    case .unusual: return false
    case .refs(let packed):
      for change in unseen {
        guard packed.place(of: change.name) == change.old.map(RefFiles.Place.at) ?? .missing else { return false }
        if change.old == nil, !isFree(change.name, packed) { return false }
      }
      return true
    }
  }

  private func isFree(_ name: String, _ packed: borrowing PackedRefs) -> Bool {
    guard packed.hasRef(beginning: name + "/") == false else { return false }
    var folder = "refs/sluice"
    for component in name.split(separator: "/").dropFirst(2).dropLast() {
      folder += "/\(component)"
      guard packed.place(of: folder) == .missing else { return false }
    }
    return true
  }

  private func write(_ changes: [Change]) throws(SystemError) -> Bool {
    for (number, change) in changes.enumerated() {
      if number > 0 { failpoint("proc.between_refs") }
      do throws(SystemError) { try write(change) } catch {
        guard number > 0 else { return false }
        // As where git is stopped here: what is entered already is taken up, and nobody has been told.
        throw error
      }
    }
    return true
  }

  private func write(_ change: Change) throws(SystemError) {
    let path = "\(repository)/\(change.name)"
    guard !change.isContended else { return try change.value.place(at: path) }
    do throws(SystemError) { try change.value.add(at: path) } catch {
      // No lock keeps its folder, which git removes while it is empty.
      guard error.code == ENOENT else { throw error }
      makeFolders(of: change.name)
      try change.value.add(at: path)
    }
  }
}
