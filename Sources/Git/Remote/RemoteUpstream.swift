import CLibGit2
package import Domain
import Glibc

/// An upstream over ssh or https, by libgit2.
///
/// - Lease: what is sent as a ref's old value is what the server listed when this connection began. `push_negotiation` shows
///   it before anything is sent, and refuses unless it is what the lease says; the server compares it once more when it moves
///   the ref, as it does for everybody's push.
/// - Forward: no refspec has a plus, so that libgit2 refuses what is not a descendant.
package struct RemoteUpstream: ~Copyable {
  private let repository: Repository
  private let upstream: Upstream
  private let remote: OpaquePointer
  private let session: RemoteSession

  package init(_ upstream: Upstream, for repository: Repository) throws(UpstreamFailure) {
    let session = try RemoteSession(upstream)
    remote = try Self.make(upstream, for: repository)
    self.upstream = upstream
    self.repository = repository
    self.session = session
  }

  private static func make(_ upstream: Upstream, for repository: Repository) throws(UpstreamFailure) -> OpaquePointer {
    var options = git_remote_create_options()
    git_remote_create_options_init(&options, UInt32(GIT_REMOTE_CREATE_OPTIONS_VERSION))
    options.repository = repository.handle
    // No line of the configuration sends us elsewhere.
    options.flags =
      GIT_REMOTE_CREATE_SKIP_INSTEADOF.rawValue | GIT_REMOTE_CREATE_SKIP_DEFAULT_FETCHSPEC.rawValue
    var remote: OpaquePointer?
    guard git_remote_create_with_opts(&remote, upstream.url, &options) == 0, let remote else {
      throw UpstreamFailure("the upstream \(upstream.url) cannot be used: \(GitError.lastMessage)")
    }
    return remote
  }

  deinit { git_remote_free(remote) }

  /// Changes refs, each only from what its lease says, then looks at a branch and fetches it.
  package func exchange(_ request: UpstreamRequest) throws(UpstreamFailure) -> UpstreamAnswer {
    if !request.updates.isEmpty { try push(request.updates) }
    try connect(GIT_DIRECTION_FETCH)
    defer { git_remote_disconnect(remote) }
    let seen = try heads()
    var answer = UpstreamAnswer(tip: seen[SluiceRef.branch(request.branch)])
    // What counts is what is there, not what was answered.
    for update in request.updates where seen[update.ref] != update.new {
      answer.refused[update.ref] = session.refused[update.ref] ?? "it is not there"
    }
    if let tip = answer.tip { try fetch(request.branch, tip) }
    return answer
  }

  private func push(_ updates: [UpstreamUpdate]) throws(UpstreamFailure) {
    try connect(GIT_DIRECTION_PUSH)
    defer { git_remote_disconnect(remote) }
    let there = try heads()
    let wanted = updates.filter { there[$0.ref] != $0.new }
    guard !wanted.isEmpty else { return }
    let code = upload(wanted)
    // A lease that does not hold is an answer, and so is a commit that does not descend from what is there.
    if code == 0 || session.isStale { return }
    if code == GIT_ENONFASTFORWARD.rawValue {
      for update in wanted { session.refused[update.ref] = "it would not move forward" }
      return
    }
    throw failure()
  }

  /// Sends updates over the open connection; what libgit2 says of it.
  private func upload(_ updates: [UpstreamUpdate]) -> Int32 {
    session.expect(updates)
    var options = git_push_options()
    git_push_options_init(&options, UInt32(GIT_PUSH_OPTIONS_VERSION))
    options.callbacks = session.callbacks
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE
    return withStrings(updates.map { "\($0.source ?? ""):\($0.ref)" }) { git_remote_upload(remote, $0, &options) }
  }

  private func fetch(_ branch: String, _ tip: ObjectID) throws(UpstreamFailure) {
    let tracking = SluiceRef.tracking(branch)
    do throws(GitError) {
      if try repository.tip(of: tracking) == tip, repository.exists(tip) { return }
    } catch { throw UpstreamFailure("\(tracking) does not read: \(error)") }
    var options = git_fetch_options()
    git_fetch_options_init(&options, UInt32(GIT_FETCH_OPTIONS_VERSION))
    options.callbacks = session.callbacks
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE
    options.update_fetchhead = 0
    options.prune = GIT_FETCH_NO_PRUNE
    let code = withStrings(["+\(SluiceRef.branch(branch)):\(tracking)"]) {
      git_remote_fetch(remote, $0, &options, "fetch from the upstream")
    }
    guard code == 0 else { throw failure() }
  }

  private func connect(_ direction: git_direction) throws(UpstreamFailure) {
    session.begin()
    var options = git_remote_connect_options()
    git_remote_connect_options_init(&options, UInt32(GIT_REMOTE_CONNECT_OPTIONS_VERSION))
    options.callbacks = session.callbacks
    // A token is for this server alone.
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE
    guard git_remote_connect_ext(remote, direction, &options) == 0 else { throw failure() }
  }

  /// The refs that the server lists.
  private func heads() throws(UpstreamFailure) -> [String: ObjectID] {
    var list: UnsafeMutablePointer<UnsafePointer<git_remote_head>?>?
    var count = 0
    guard git_remote_ls(&list, &count, remote) == 0 else { throw failure() }
    var heads: [String: ObjectID] = [:]
    for head in UnsafeBufferPointer(start: list, count: count) {
      guard let head, let name = head.pointee.name else { continue }
      heads[String(cString: name)] = ObjectID(head.pointee.oid)
    }
    return heads
  }

  private func failure() -> UpstreamFailure {
    session.failure ?? UpstreamFailure("the upstream \(upstream.url) cannot be reached: \(GitError.lastMessage)")
  }

  private func withStrings(_ texts: [String], _ body: (UnsafePointer<git_strarray>) -> Int32) -> Int32 {
    var strings: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) }
    defer { for string in strings { free(string) } }
    return strings.withUnsafeMutableBufferPointer { buffer in
      var array = git_strarray(strings: buffer.baseAddress, count: buffer.count)
      return body(&array)
    }
  }
}
