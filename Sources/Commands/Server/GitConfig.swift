import Glibc
import Processes

/// The settings that git sees in a repository: every file that counts, or the repository's own alone.
struct GitConfig: Sendable {
  private let pairs: [(key: String, value: String?)]

  /// Reads all settings, the system's and the user's included.
  static func effective(_ repository: ServerRepository) throws(CommandFailure) -> GitConfig {
    try GitConfig(listing: ["config", "--null", "--list"], in: repository)
  }

  /// Reads the repository's own settings.
  static func own(_ repository: ServerRepository) throws(CommandFailure) -> GitConfig {
    try GitConfig(listing: ["config", "--file", "\(repository.path)/config", "--null", "--list"], in: repository)
  }

  private init(listing arguments: [String], in repository: ServerRepository) throws(CommandFailure) {
    let answer = try repository.run(arguments)
    guard answer.exit.isSuccess else {
      throw .unreachable("the configuration of \(repository.path) does not read: \(answer.complaint)")
    }
    pairs = answer.text.split(separator: "\0").map { entry in
      let sides = entry.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
      return (String(sides[0]), sides.count > 1 ? String(sides[1]) : nil)
    }
  }

  /// All settings in the order git reads them; keys are lower-case where git ignores case.
  var all: [(key: String, value: String?)] { pairs }

  /// The values of a key; a key without `=` counts as `true`.
  func values(_ key: String) -> [String] {
    let wanted = Self.normalized(key)
    return pairs.filter { $0.key == wanted }.map { $0.value ?? "true" }
  }

  /// The value that counts: the last one.
  func value(_ key: String) -> String? { values(key).last }

  /// git ignores case in the section and the name, and keeps it in between.
  static func normalized(_ key: String) -> String {
    guard let first = key.firstIndex(of: "."), let last = key.lastIndex(of: ".") else { return key.lowercased() }
    return key[..<first].lowercased() + key[first..<last] + key[last...].lowercased()
  }
}

/// Changes to a repository's own settings that become true together: written beside the file, then renamed over it.
///
/// The copy is git's own lock file, so no `git config` can write meanwhile; dropping the value drops the changes.
struct GitConfigChange: ~Copyable {
  private let repository: ServerRepository
  private let file: String
  private let lock: String
  private var isFinished = false

  init(_ repository: ServerRepository) throws(CommandFailure) {
    // Where `config` is a link, the file it points at is replaced, as git does.
    guard let file = Disk.realPath("\(repository.path)/config") else {
      throw .unreachable("\(repository.path)/config does not exist")
    }
    lock = try Self.copyToLock(file)
    self.file = file
    self.repository = repository
  }

  private static func copyToLock(_ file: String) throws(CommandFailure) -> String {
    let lock = "\(file).lock"
    let bytes = try Disk.read(file, max: 10 << 20)
    let number = open(lock, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, Disk.status(file)?.mode ?? 0o644)
    guard number >= 0 else {
      throw .unreachable(
        "cannot create \(lock): \(String(cString: strerror(errno)))",
        hint: errno == EEXIST ? "where no git config is running, remove \(lock)" : nil)
    }
    do { try Descriptor(owning: number).write(bytes) } catch {
      unlink(lock)
      throw .unreachable("\(lock): \(error)")
    }
    return lock
  }

  /// Gives a key these values in this order, in place of all it had; no values remove it.
  func set(_ key: String, to values: [String]) throws(CommandFailure) {
    let answer = try repository.run(["config", "--file", lock, "--unset-all", key])
    // 5: there was nothing to unset.
    guard answer.exit.isSuccess || answer.exit == .status(5) else {
      throw .unreachable("git config cannot unset \(key): \(answer.complaint)")
    }
    for value in values { try add(key, value) }
  }

  func add(_ key: String, _ value: String) throws(CommandFailure) {
    let answer = try repository.run(["config", "--file", lock, "--add", key, value])
    guard answer.exit.isSuccess else { throw .unreachable("git config cannot set \(key): \(answer.complaint)") }
  }

  /// Makes the changes true and durable.
  consuming func commit() throws(CommandFailure) {
    let descriptor = open(lock, O_RDONLY | O_CLOEXEC)
    fsync(descriptor)
    close(descriptor)
    try Disk.rename(lock, to: file)
    isFinished = true
    try Disk.sync(folder: repository.path)
  }

  deinit { if !isFinished { unlink(lock) } }
}
