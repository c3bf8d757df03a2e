import Domain
import Processes

/// Where a submission goes: the remote, the branch to land on, and the commit that both sides have.
struct Destination: Sendable {
  let remote: String
  let target: String
  /// Whether the target was named and must be told to the server.
  let isNamed: Bool
  /// The merge base with the target; nil where the target does not exist yet.
  let base: ObjectID?

  init(_ tree: WorkingTree, remote: String, target: String?, fetches: Bool) throws(CommandFailure) {
    self.remote = remote
    isNamed = target != nil
    guard try tree.run(["remote", "get-url", "--", remote]).exit.isSuccess else {
      throw .refused("there is no remote '\(remote)'", hint: "git remote add \(remote) URL, or give --remote NAME")
    }
    if fetches {
      let fetched = try tree.run(["fetch", "--quiet", "--end-of-options", remote])
      guard fetched.exit.isSuccess else {
        throw .unreachable("git fetch \(remote) failed: \(fetched.complaint)")
      }
    }
    self.target = if let target { target } else { try Self.head(of: remote, in: tree) }
    base = try Self.mergeBase(remote: remote, target: self.target, in: tree)
  }

  /// The branch that the remote's `HEAD` names, as this clone knows it, or the only guess that needs no question: `main`.
  private static func head(of remote: String, in tree: WorkingTree) throws(CommandFailure) -> String {
    let space = "refs/remotes/\(remote)/"
    let head = try tree.run(["symbolic-ref", "--quiet", "\(space)HEAD"]).line
    if head.hasPrefix(space) { return String(head.dropFirst(space.count)) }
    let answer = try tree.run(["ls-remote", "--symref", "--end-of-options", remote, "HEAD"])
    guard answer.exit.isSuccess else { throw .unreachable("git ls-remote \(remote) failed: \(answer.complaint)") }
    // `ref: refs/heads/main<tab>HEAD`; an empty repository says nothing.
    guard answer.line.hasPrefix("ref: refs/heads/") else { return "main" }
    return String(answer.line.dropFirst("ref: refs/heads/".count).prefix { $0 != "\t" })
  }

  private static func mergeBase(
    remote: String, target: String, in tree: WorkingTree
  ) throws(CommandFailure) -> ObjectID? {
    let tracking = "refs/remotes/\(remote)/\(target)"
    guard try tree.run(["rev-parse", "--verify", "--quiet", "\(tracking)^{commit}"]).exit.isSuccess else {
      // ls-remote ends with 2 where nothing matches.
      let asked = try tree.run(["ls-remote", "--exit-code", "--end-of-options", remote, "refs/heads/\(target)"])
      switch asked.exit {
      case .status(2): return nil
      case .status(0):
        throw .refused(
          "this clone does not know \(remote)/\(target)", hint: "git fetch \(remote), or submit with --fetch")
      default: throw .unreachable("git ls-remote \(remote) failed: \(asked.complaint)")
      }
    }
    let answer = try tree.run(["merge-base", tracking, tree.head.hex])
    guard let base = ObjectID(hex: answer.line) else {
      throw .refused(
        "HEAD and \(remote)/\(target) have no commit in common", hint: "start your branch from \(remote)/\(target)")
    }
    guard base != tree.head else {
      throw .refused("HEAD has nothing that \(remote)/\(target) lacks", hint: "git commit your work, then submit")
    }
    return base
  }
}
