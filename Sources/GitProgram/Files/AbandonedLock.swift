import Domain
import Glibc
import Processes

/// Lock files of refs that a killed process of ours has left.
///
/// A lock that we take is held by `flock` as long as we live and says what it was taken for; git's own locks are never
/// touched.
enum AbandonedLock {
  /// One ref of a transaction.
  struct Intent: Hashable {
    let ref: String
    /// Nil for a ref that is made.
    let old: ObjectID?
    let new: ObjectID
  }

  private static let title = "sluice"
  private static let bytesMax = 16_384

  /// What a lock file holds: a title, then `<ref> SP <old or none> SP <new> LF` for each ref of its transaction.
  static func text(_ intents: [Intent]) -> [UInt8] {
    let lines = intents.map { "\($0.ref) \($0.old?.hex ?? "none") \($0.new)\n" }
    return Array("\(title)\n\(lines.joined())".utf8)
  }

  /// Removes a ref's lock whose owner is gone; false where it is git's, or its owner lives.
  ///
  /// An owner that was killed between the first of its refs and this one wanted both: this one follows.
  static func remove(from ref: String, in repository: String) -> Bool {
    let path = "\(repository)/\(ref).lock"
    let number = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard number >= 0 else { return errno == ENOENT }
    let file = Descriptor(owning: number)
    guard let bytes = file.read(max: bytesMax, at: 0), let intents = intents(bytes),
      flock(file.number, LOCK_EX | LOCK_NB) == 0
    else { return false }
    // Whoever removes the name holds this lock: what stands there now is what was opened, or is somebody else's.
    var opened = stat()
    var present = stat()
    guard fstat(file.number, &opened) == 0, stat(path, &present) == 0 else { return true }
    guard opened.st_ino == present.st_ino, opened.st_dev == present.st_dev else { return false }
    do { try finish(intents, at: ref, in: repository) } catch { return false }
    return unlink(path) == 0
  }

  private static func intents(_ bytes: [UInt8]) -> [Intent]? {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.first.map({ $0 == title }) == true, lines.last?.isEmpty == true else { return nil }
    var intents: [Intent] = []
    for line in lines.dropFirst().dropLast() {
      let words = line.split(separator: " ")
      guard words.count == 3, let new = ObjectID(hex: words[2]) else { return nil }
      intents.append(Intent(ref: String(words[0]), old: ObjectID(hex: words[1]), new: new))
    }
    return intents
  }

  private static func finish(_ intents: [Intent], at ref: String, in repository: String) throws(SystemError) {
    let refs = RefFiles(repository: repository)
    guard let own = intents.first(where: { $0.ref == ref }), let first = intents.first, first.ref != ref,
      refs.place(of: first.ref) == .at(first.new),
      refs.place(of: ref) == own.old.map(RefFiles.Place.at) ?? .missing
    else { return }
    let place = StatePaths(repository: repository)
    for folder in [place.state, place.scratch] { mkdir(folder, 0o700) }
    let value = try StagedFile(
      "\(place.scratch)/ref-", Array("\(own.new.hex)\n".utf8), mode: 0o666)
    try value.settle(leavesSync: true)
    try value.place(at: "\(repository)/\(ref)")
  }
}
