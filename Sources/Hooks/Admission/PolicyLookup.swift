import Domain
import GitProgram
import Glibc
import PolicyFile
import Processes

/// Finds the policy that a push is judged by at the door.
struct PolicyLookup {
  let context: ReceiveContext
  let questions: ObjectQuestions

  /// The policy of a target: the administrator's file, or `.sluice.yml` in the tree of the target's tip.
  ///
  /// - Parameter tree: the target's tip, or the work itself where there is no target yet to protect; nil where the work
  ///   cannot be looked into yet.
  func policy(in tree: ObjectID?) throws(Refusal) -> Policy {
    let policy: Policy
    if let path = context.settings.policyFile {
      policy = try Self.read(try file(path), name: path, category: .infrastructure)
    } else {
      guard let tree, let bytes = try file(in: tree) else { throw Self.missing() }
      policy = try Self.read(bytes, name: PolicySource.path.description, category: .notRun)
    }
    guard !policy.checks.isEmpty else { throw Self.missing() }
    return policy
  }

  /// Refuses a change that leaves a policy which does not read, or none, before it could bar everyone behind it.
  func check(_ change: TreeChange) throws(Refusal) {
    guard let new = change.new else {
      guard context.settings.policyFile == nil else { return }
      throw Refusal(
        .invalidPackage, "without \(PolicySource.path) nothing could be proven any more",
        hint: "an administrator can put a policy in its place: sluice install --policy FILE REPO.git")
    }
    let bytes: [UInt8]
    do { bytes = try questions.blob(new.id, max: PolicySource.bytesMax) } catch {
      throw Refusal(.invalidPackage, "\(PolicySource.path) is not read: \(error)")
    }
    _ = try Self.read(bytes, name: PolicySource.path.description, category: .invalidPackage)
  }

  private func file(in tree: ObjectID) throws(Refusal) -> [UInt8]? {
    try answering {
      guard let entry = try questions.entry(at: PolicySource.path, in: tree) else { return nil }
      guard entry.mode == .file || entry.mode == .executable else {
        throw Refusal(.notRun, "\(PolicySource.path) in the target is no file")
      }
      return try questions.blob(entry.id, max: PolicySource.bytesMax)
    }
  }

  private func file(_ path: String) throws(Refusal) -> [UInt8] {
    do {
      let file = try Descriptor(opening: path, O_RDONLY)
      guard let bytes = try file.readAll(max: PolicySource.bytesMax) else {
        throw Refusal(.infrastructure, "the policy \(path) has more than \(PolicySource.bytesMax) bytes")
      }
      return bytes
    } catch let error as Refusal { throw error } catch {
      throw Refusal(.infrastructure, "the server's policy is not readable: \(error)", hint: "git config sluice.policy")
    }
  }

  private static func read(_ bytes: [UInt8], name: String, category: FailureCategory) throws(Refusal) -> Policy {
    do { return try PolicyFile.read(bytes, name: name) } catch {
      var refusal = error.refusal
      refusal.category = category
      throw refusal
    }
  }

  private static func missing() -> Refusal {
    Refusal(
      .notRun, "there is no policy with checks, so there is nothing to prove",
      hint: "on the server: sluice install --policy FILE REPO.git; then land a \(PolicySource.path)")
  }
}
