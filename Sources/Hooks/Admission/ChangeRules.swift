import Domain
import GitProgram

/// What a change may be, before anything of it is checked out.
struct ChangeRules {
  let limits: AdmissionLimits
  let questions: ObjectQuestions

  /// Checks every new path, mode and file size.
  func check(_ changes: [TreeChange]) throws(Refusal) {
    var ids: [ObjectID] = []
    var paths: [ObjectID: TreePath] = [:]
    for change in changes {
      guard let new = change.new else { continue }
      let shown = Printable.line(change.path.description, max: 200)
      if change.old == nil, let objection = PathRule.objection(to: change.path, limits: limits) {
        throw Refusal(
          PathRule.exceeds(limits, change.path) ? .limitExceeded : .invalidPush,
          "\(shown) \(objection)")
      }
      switch new.mode {
      case .file, .executable, .symlink:
        if change.old?.id != new.id, paths.updateValue(change.path, forKey: new.id) == nil { ids.append(new.id) }
      case .submodule: break
      case .groupWritableFile, .tree:
        throw Refusal(.invalidPush, "\(shown) has the mode \(new.mode.octal), which git does not write")
      }
    }
    try checkSizes(of: ids, paths)
  }

  private func checkSizes(of ids: [ObjectID], _ paths: [ObjectID: TreePath]) throws(Refusal) {
    let infos: [ObjectInfo?]
    do { infos = try questions.infos(ids) } catch { throw Refusal(error) }
    var total = 0
    for (id, info) in zip(ids, infos) {
      let shown = Printable.line(paths[id]?.description ?? id.hex, max: 200)
      guard let info, info.kind == .blob else { throw Refusal(.invalidPush, "\(shown) is not in the push") }
      guard info.size <= limits.blob else {
        throw Refusal(.limitExceeded, "\(shown) has \(info.size) bytes, at most \(limits.blob) are taken")
      }
      total += info.size
    }
    guard total <= limits.total else {
      throw Refusal(.limitExceeded, "the new files have \(total) bytes together, at most \(limits.total) are taken")
    }
  }

  /// Checks the commits that the target has not.
  func check(_ commits: [(id: ObjectID, commit: Commit)]) throws(Refusal) {
    guard commits.count <= limits.commits else {
      throw Refusal(
        .limitExceeded, "the work has more than \(limits.commits) commits that the target has not",
        hint: "squash them, or push the history to the target before it exists")
    }
    for (id, commit) in commits {
      guard commit.message.count <= limits.message else {
        throw Refusal(
          .limitExceeded,
          "the message of \(id.short) has \(commit.message.count) bytes, at most \(limits.message) are taken")
      }
      guard commit.parents.count <= 2 else {
        throw Refusal(.invalidPush, "\(id.short) has \(commit.parents.count) parents, at most 2 are taken")
      }
      guard Set(commit.parents).count == commit.parents.count else {
        throw Refusal(.invalidPush, "\(id.short) names the same parent twice")
      }
      if let line = Self.reservedTrailer(in: commit.message) {
        throw Refusal(
          .invalidPush, "the message of \(id.short) has a trailer that only Sluice writes: \(line)",
          hint: "take it out: git commit --amend")
      }
    }
  }

  /// The first line that begins like `Sluice-Anything:`.
  private static func reservedTrailer(in message: [UInt8]) -> String? {
    for line in message.split(separator: UInt8(ascii: "\n")) {
      let text = String(decoding: line.prefix(100), as: UTF8.self)
      guard text.lowercased().hasPrefix("sluice-"), let colon = text.firstIndex(of: ":"),
        text[..<colon].allSatisfy({ $0.isLetter || $0 == "-" })
      else { continue }
      return Printable.line(text, max: 80)
    }
    return nil
  }
}
