package import Domain
import Git
package import GitProgram

/// Enters a move of a target that an administrator made by hand, so that an audit knows that it was meant.
package struct Adoption {
  private let objects: Repository
  private let refs: RefTransactions
  private let settings: ServerSettings
  private let clock = Clock()

  package init(repository: String, git: GitProgram, settings: ServerSettings) throws {
    objects = try Repository(path: repository)
    refs = RefTransactions(git: git)
    self.settings = settings
  }

  /// Writes a note on the commit: who adopted it, why, and from where on the target's first-parent line.
  ///
  /// - Throws: a refusal where the commit is not on the target's first-parent line, or is certified already.
  package func adopt(_ commit: ObjectID, target: String, start: ObjectID?, by identity: String, reason: String) throws {
    let branch = SluiceRef.branch(target)
    for _ in 0..<10 {
      let notes = try objects.tip(of: SluiceRef.notes)
      guard try isOnFirstParentLine(commit, of: objects.tip(of: branch)) else {
        throw Refusal(.invalidPush, "\(commit.short) is not on the first-parent line of \(target)")
      }
      guard try note(on: commit, notes) == nil else {
        throw Refusal(.invalidPush, "\(commit.short) has a certificate already")
      }
      let text = Self.note(
        on: commit, of: target, by: identity, reason: reason,
        from: try lastCertified(before: commit, start: start, notes), at: clock.seconds)
      let signature = Signature(name: settings.committerName, email: settings.committerEmail, time: clock.seconds)
      let written = try objects.commitNotes(
        [Note(on: commit, text.pretty + "\n")], onto: notes, by: signature, message: "Adopt \(commit.hex)\n")
      let update =
        notes.map { RefUpdate.move(SluiceRef.notes, from: $0, to: written) } ?? .create(SluiceRef.notes, written)
      if case .committed = try refs.commit([update]) { return }
    }
    throw Refusal(.infrastructure, "\(SluiceRef.notes) is being written by others all the time", hint: "try again")
  }

  /// The note that enters the commits of a target from `base` to `commit` as meant.
  static func note(
    on commit: ObjectID, of target: String, by identity: String, reason: String, from base: ObjectID?, at time: Int64
  ) -> JSONValue {
    [
      "version": 1, "adopted_by": .string(identity), "reason": .string(reason), "commit": .string(commit.hex),
      "target": .string(target), "base_commit": (base?.hex).json, "time": .integer(time),
    ]
  }

  private func isOnFirstParentLine(_ commit: ObjectID, of tip: ObjectID?) throws -> Bool {
    var next = tip
    while let current = next {
      if current == commit { return true }
      next = try objects.commit(current).parents.first
    }
    return false
  }

  private func lastCertified(before commit: ObjectID, start: ObjectID?, _ notes: ObjectID?) throws -> ObjectID? {
    var next = try objects.commit(commit).parents.first
    while let current = next {
      if try current == start || note(on: current, notes) != nil { return current }
      next = try objects.commit(current).parents.first
    }
    return nil
  }

  private func note(on commit: ObjectID, _ notes: ObjectID?) throws -> [UInt8]? {
    try notes.flatMap { try objects.note(on: commit, in: $0, sizeMax: 4 << 20) }
  }
}
