import CLibGit2
package import Domain

extension Repository {
  /// All best common ancestors of two commits: none for unrelated histories, several after criss-cross merges.
  package func mergeBases(_ one: ObjectID, _ two: ObjectID) throws(GitError) -> [ObjectID] {
    guard one != two else { return [one] }
    var bases = git_oidarray()
    var left = one.oid
    var right = two.oid
    let code = git_merge_bases(&bases, handle, &left, &right)
    if code == GIT_ENOTFOUND.rawValue { return [] }
    guard code == 0 else { throw .lastFailure(of: "find the merge base of \(one.short) and \(two.short)") }
    defer { git_oidarray_dispose(&bases) }
    return UnsafeBufferPointer(start: bases.ids, count: bases.count).compactMap { ObjectID($0) }
  }

  /// Whether `descendant` is `ancestor` or has it in its history.
  package func isAncestor(_ ancestor: ObjectID, of descendant: ObjectID) throws(GitError) -> Bool {
    guard ancestor != descendant else { return true }
    var old = ancestor.oid
    var new = descendant.oid
    let code = git_graph_descendant_of(handle, &new, &old)
    guard code >= 0 else { throw .lastFailure(of: "walk from \(descendant.short) to \(ancestor.short)") }
    return code == 1
  }

  /// The commits that `tip` has and `base` has not, children before their parents.
  ///
  /// - Bound: more than `countMax` throws `.tooManyCommits`.
  package func commits(
    from tip: ObjectID, notIn base: ObjectID?, countMax: Int
  ) throws(GitError) -> [ObjectID] {
    let commits = try newestCommits(from: tip, notIn: base, limit: countMax + 1)
    guard commits.count <= countMax else { throw .tooManyCommits(max: countMax) }
    return commits
  }

  /// At most `limit` of the commits that `tip` has and `base` has not, children before their parents.
  package func newestCommits(
    from tip: ObjectID, notIn base: ObjectID?, limit: Int
  ) throws(GitError) -> [ObjectID] {
    var walk = try HistoryWalk(of: self)
    try walk.start(at: tip, hiding: base)
    var commits: [ObjectID] = []
    while commits.count < limit, let commit = try walk.next() { commits.append(commit) }
    return commits
  }
}

/// A walk over commits, ended when this value ends.
private struct HistoryWalk: ~Copyable {
  private let handle: OpaquePointer

  init(of repository: Repository) throws(GitError) {
    var walk: OpaquePointer?
    guard git_revwalk_new(&walk, repository.handle) == 0, let walk else { throw .lastFailure(of: "start a walk") }
    handle = walk
    git_revwalk_sorting(walk, GIT_SORT_TOPOLOGICAL.rawValue | GIT_SORT_TIME.rawValue)
  }

  mutating func start(at tip: ObjectID, hiding base: ObjectID?) throws(GitError) {
    var first = tip.oid
    guard git_revwalk_push(handle, &first) == 0 else { throw .lastFailure(of: "walk from \(tip.short)") }
    guard let base else { return }
    var hidden = base.oid
    guard git_revwalk_hide(handle, &hidden) == 0 else { throw .lastFailure(of: "walk down to \(base.short)") }
  }

  mutating func next() throws(GitError) -> ObjectID? {
    var oid = git_oid()
    let code = git_revwalk_next(&oid, handle)
    if code == GIT_ITEROVER.rawValue { return nil }
    guard code == 0 else { throw .lastFailure(of: "walk the history") }
    return ObjectID(oid)
  }

  deinit { git_revwalk_free(handle) }
}
