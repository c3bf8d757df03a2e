import CLibGit2
import Domain

/// The library's state that all repositories of a process share.
enum LibGit2 {
  /// Starts the library on first use; it stays up until the process ends.
  static func start() throws(GitError) {
    guard isStarted else { throw .lastFailure(of: "start libgit2") }
  }

  private static let isStarted: Bool = {
    guard git_libgit2_init() > 0 else { return false }
    // Who may use the repository was settled by whoever started us; the owner of its folder is often another user.
    let options: [(git_libgit2_opt_t, Int32)] = [
      (GIT_OPT_SET_OWNER_VALIDATION, 0),
      // What we write was made from objects that we read; looking each of them up again costs more than the write.
      (GIT_OPT_ENABLE_STRICT_OBJECT_CREATION, 0),
      // Objects were hashed when git took them in; hashing again at each read doubles the cost of a read.
      (GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0),
      // One `syncfs` for everything that belongs together replaces a flush for each object.
      (GIT_OPT_ENABLE_FSYNC_GITDIR, 0),
    ]
    for (option, value) in options where sluice_libgit2_set_flag(Int32(option.rawValue), value) < 0 { return false }
    // The root of a large repository and its ancestry are read again and again; blobs are read once.
    guard sluice_libgit2_set_cache_max(cacheMax) == 0,
      sluice_libgit2_set_cached_object_max(GIT_OBJECT_TREE, cachedTreeMax) == 0
    else { return false }
    // Only the repository's own configuration counts: no file of the user's or the system's changes a merge.
    let levels = [GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_PROGRAMDATA]
    return levels.allSatisfy { sluice_libgit2_set_config_folder($0.rawValue, "") == 0 }
  }()

  private static let cacheMax = 16 * 1024 * 1024
  private static let cachedTreeMax = 64 * 1024
}

extension ObjectID {
  var oid: git_oid {
    var oid = git_oid()
    // Twenty bytes always fit; the function has no other way to fail.
    _ = git_oid_fromraw(&oid, bytes)
    return oid
  }

  /// The id that libgit2 gave; nil for the all-zero id.
  init?(_ oid: git_oid) {
    let bytes = withUnsafeBytes(of: oid) { Array($0.prefix(ObjectID.byteCount)) }
    self.init(bytes: bytes)
  }
}
