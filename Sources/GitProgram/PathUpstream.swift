package import Domain
import Processes

/// An upstream that is a path of this machine, by the `git` program.
///
/// libgit2 would write the other repository's refs itself: without its hooks, and without looking at what they were.
package struct PathUpstream {
  private let git: GitProgram
  private let path: String

  package init(_ path: String, for git: GitProgram) {
    self.path = path
    self.git = git
  }

  /// Changes refs, each only from what its lease says, then looks at a branch and fetches it.
  package func exchange(_ request: UpstreamRequest) throws(UpstreamFailure) -> UpstreamAnswer {
    var refused: [String: String] = [:]
    if !request.updates.isEmpty { refused = try push(request.updates) }
    let branch = "refs/heads/\(request.branch)"
    let seen = try refs([branch] + request.updates.map(\.ref))
    for update in request.updates {
      // What counts is what is there, not what was answered.
      if seen[update.ref] == update.new {
        refused[update.ref] = nil
      } else if refused[update.ref] == nil {
        refused[update.ref] = "it is not there"
      }
    }
    var answer = UpstreamAnswer(tip: nil, refused: refused)
    guard seen[branch] != nil else { return answer }
    let tracking = SluiceRef.tracking(request.branch)
    try run([
      "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-gc", "--", path, "+\(branch):\(tracking)",
    ])
    // It may have moved since it was listed: what was fetched is what was seen.
    answer.tip = ObjectID(hex: try run(["rev-parse", "--verify", tracking]).text.prefix(40))
    return answer
  }

  private func push(_ updates: [UpstreamUpdate]) throws(UpstreamFailure) -> [String: String] {
    var leases: [String] = []
    for update in updates {
      if case .exactly(let old) = update.lease { leases.append("--force-with-lease=\(update.ref):\(old?.hex ?? "")") }
    }
    let there = try refs(updates.map(\.ref))
    let specs = updates.filter { there[$0.ref] != $0.new }.map { update in
      // A plus would let a lease of ours rewind what others pushed.
      "\(update.new?.hex ?? ""):\(update.ref)"
    }
    guard !specs.isEmpty else { return [:] }
    let result = try run(["push", "--porcelain"] + leases + ["--", path] + specs, mayFail: true)
    var refused: [String: String] = [:]
    // Shape: `<flag> TAB <from>:<to> TAB <summary>`, the flag `!` for what was refused.
    for line in result.text.split(separator: "\n") where line.hasPrefix("!") {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard fields.count > 2, let ref = fields[1].split(separator: ":").last else { continue }
      refused[String(ref)] = String(fields[2])
    }
    guard result.exit.isSuccess || !refused.isEmpty else { throw failure(result) }
    return refused
  }

  private func refs(_ names: [String]) throws(UpstreamFailure) -> [String: ObjectID] {
    let result = try run(["ls-remote", "--", path] + names)
    var found: [String: ObjectID] = [:]
    for line in result.text.split(separator: "\n") {
      let fields = line.split(separator: "\t")
      // A pattern also finds names that end in it.
      if fields.count == 2, names.contains(String(fields[1])) { found[String(fields[1])] = ObjectID(hex: fields[0]) }
    }
    return found
  }

  @discardableResult
  private func run(_ arguments: [String], mayFail: Bool = false) throws(UpstreamFailure) -> GitResult {
    let result: GitResult
    do throws(GitProgramError) {
      result = try git.run(arguments, environment: ["GIT_ALLOW_PROTOCOL=file"])
    } catch { throw UpstreamFailure("the upstream \(path) cannot be reached: \(error)") }
    guard mayFail || result.exit.isSuccess else { throw failure(result) }
    return result
  }

  private func failure(_ result: GitResult) -> UpstreamFailure {
    UpstreamFailure("the upstream \(path) cannot be reached: \(result.messages)")
  }
}
