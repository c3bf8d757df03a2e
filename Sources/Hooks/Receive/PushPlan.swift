import Domain
import GitProgram
import Glibc

/// What a push is about, every ref of it classified: submissions or ordinary refs, never both.
struct PushPlan: Sendable {
  struct Submission: Sendable {
    let name: SubmissionName
    let update: ReceivedUpdate
    /// The ref's name; it is well formed.
    let ref: String
  }

  private(set) var submissions: [Submission] = []
  private(set) var ordinary: [ReceivedUpdate] = []

  /// Refuses the push where any of its refs is not for pushers.
  init(_ updates: [ReceivedUpdate], in context: ReceiveContext) throws(Refusal) {
    let targets = context.targets
    // Most pushes have one ref; sets of our own types cost a hook's start more than the push they would look through.
    let isOne = updates.count == 1
    var seen: Set<[UInt8]> = []
    var names: Set<SubmissionName> = []
    for update in updates {
      guard isOne || seen.insert(update.name).inserted else {
        throw Refusal(.invalidPush, "\(update.shownName) stands twice in this push")
      }
      switch PushedRef(name: update.name, targets: targets) {
      case .submission(let name):
        guard isOne || names.insert(name).inserted else {
          throw Refusal(.invalidPush, "two refs of this push are the submission \(name)")
        }
        submissions.append(
          Submission(name: name, update: update, ref: String(decoding: update.name, as: UTF8.self)))
        guard submissions.count <= context.settings.limits.refs else {
          throw Refusal(
            .limitExceeded, "more than \(context.settings.limits.refs) submit refs in one push",
            hint: "push them in several pushes, or raise it: git config sluice.limit.refs N")
        }
      case .target(let branch): try addTarget(branch, update, in: context)
      case .refused(let refusal): throw refusal
      case .ordinary: try addOrdinary(update, in: context)
      }
    }
    guard submissions.isEmpty || ordinary.isEmpty else {
      throw Refusal(
        .invalidPush, "submit refs and other refs in one push: the others would wait for the whole integration",
        hint: "push \(ordinary.first?.shownName ?? "the others") by itself")
    }
  }

  /// A target may be pushed to while it does not exist: somebody has to begin.
  private mutating func addTarget(
    _ branch: String, _ update: ReceivedUpdate, in context: ReceiveContext
  ) throws(Refusal) {
    let ref = SluiceRef.branch(branch)
    guard update.change.new != nil else {
      throw Refusal(.protectedRef, "\(ref) is a target and cannot be deleted")
    }
    let exists: Bool
    do { exists = try ObjectQuestions(context.git).ref(ref) != nil } catch {
      throw Refusal(.infrastructure, "\(error)")
    }
    guard !exists else {
      throw Refusal(
        .protectedRef, "\(ref) moves only by a landing", hint: "git push <remote> HEAD:refs/heads/submit/<name>")
    }
    try addOrdinary(update, in: context)
  }

  private mutating func addOrdinary(_ update: ReceivedUpdate, in context: ReceiveContext) throws(Refusal) {
    guard !Self.isSymbolic(update.name, in: context) else {
      throw Refusal(
        .protectedRef, "\(update.shownName) is a symbolic ref on the server: the push would move another ref",
        hint: "push to the ref it names, or remove it: git symbolic-ref --delete <ref>")
    }
    ordinary.append(update)
  }

  /// git writes through a symbolic ref, which may name a target; they are loose files always.
  private static func isSymbolic(_ name: [UInt8], in context: ReceiveContext) -> Bool {
    let path = context.place.repository + "/" + String(decoding: name, as: UTF8.self)
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else { return errno == ELOOP }
    defer { close(file) }
    var start = [UInt8](repeating: 0, count: 4)
    return read(file, &start, 4) == 4 && start == Array("ref:".utf8)
  }
}
