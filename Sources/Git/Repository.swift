import CLibGit2
package import Domain

/// A bare repository: its objects and where its refs stand.
///
/// - Fresh: what other processes add or move while we run is seen; a missing object makes libgit2 read the list of packs
///   once more.
/// - Isolated: no environment variable and no configuration outside the repository changes an answer.
/// - Use: by one task at a time; another task opens its own, which takes about 0.1 ms.
package final class Repository {
  package let path: String
  let handle: OpaquePointer
  let database: OpaquePointer

  /// Opens the repository whose folder is exactly `path`; no parent folder is searched.
  package init(path: String) throws(GitError) {
    try LibGit2.start()
    var repository: OpaquePointer?
    let flags =
      GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue | GIT_REPOSITORY_OPEN_NO_DOTGIT.rawValue
      | GIT_REPOSITORY_OPEN_BARE.rawValue
    let code = git_repository_open_ext(&repository, path, UInt32(flags), nil)
    guard code == 0, let repository else {
      throw code == GIT_ENOTFOUND.rawValue ? .notARepository(path: path) : .lastFailure(of: "open \(path)")
    }
    // A database opened apart from the repository does not take `core.fsyncObjectFiles` over from its configuration.
    var database: OpaquePointer?
    guard git_odb_open(&database, path + "/objects") == 0, let database,
      git_repository_set_odb(repository, database) == 0
    else {
      git_odb_free(database)
      git_repository_free(repository)
      throw .lastFailure(of: "open the objects of \(path)")
    }
    self.path = path
    self.handle = repository
    self.database = database
  }

  deinit {
    git_odb_free(database)
    git_repository_free(handle)
  }

  /// Where a ref stands now, by its full name, a symbolic one followed; nil where there is none.
  package func tip(of ref: String) throws(GitError) -> ObjectID? {
    var oid = git_oid()
    let code = git_reference_name_to_id(&oid, handle, ref)
    if code == GIT_ENOTFOUND.rawValue { return nil }
    guard code == 0 else { throw .lastFailure(of: "read \(ref)") }
    return ObjectID(oid)
  }
}
