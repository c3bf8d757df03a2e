import Domain
import Git
import GitProgram
import Processes
import Store

/// What has come to the upstream without this engine: others' commits, and landings of an engine that was ended.
extension Engine {
  /// Takes over what others pushed to the upstream: the target moves on, and the commits are entered as adopted from there.
  ///
  /// - Returns: false where the target or the notes are being written by others all the time.
  func follow(_ seen: ObjectID, from here: ObjectID?, _ target: String) throws -> Bool {
    let branch = SluiceRef.branch(target)
    let signature = Signature(name: settings.committerName, email: settings.committerEmail, time: clock.seconds)
    let text = Adoption.note(
      on: seen, of: target, by: "upstream", reason: "pushed to \(settings.upstream?.url ?? "") by others", from: here,
      at: clock.seconds)
    for _ in 0..<10 {
      var updates: [RefUpdate] = [here.map { .move(branch, from: $0, to: seen) } ?? .create(branch, seen)]
      let old = try objects.tip(of: SluiceRef.notes)
      // What is certified stays certified.
      if try old.flatMap({ try objects.note(on: seen, in: $0, sizeMax: 4 << 20) }) == nil {
        let new = try objects.commitNotes(
          [Note(on: seen, text.pretty + "\n")], onto: old, by: signature, message: "Adopt \(seen.hex)\n")
        updates.append(old.map { .move(SluiceRef.notes, from: $0, to: new) } ?? .create(SluiceRef.notes, new))
      }
      failpoint("deliver.before_follow")
      if case .committed = try refs.commit(updates) {
        try repositoryFolder.syncFileSystem()
        log("\(target) follows the upstream from \(here?.short ?? "nothing") to \(seen.short)")
        return true
      }
      guard try objects.tip(of: branch) == here else { return false }
    }
    return false
  }

  /// Finishes the landings of an engine before this one that came to the upstream, and gives up those that did not.
  func settleLandings(of target: String, by seen: ObjectID?) throws {
    var rest = unsettled.filter { open[$0.key]?.request.target == target }
    guard !rest.isEmpty else { return }
    let start = try objects.tip(of: SluiceRef.branch(target))
    var path: [(request: SubmissionRequest, integration: Integration, commit: CertifiedCommit)] = []
    var tip = start
    while let (id, integration) = rest.first(where: { $0.value.base == tip && $0.value.candidate != nil }),
      let request = open[id]?.request, let seen, let commit = try CertifiedCommit(integration, name: request.name),
      try commit.commit == seen || objects.isAncestor(commit.commit, of: seen)
    {
      path.append((request, integration, commit))
      tip = commit.commit
      rest[id] = nil
    }
    if !path.isEmpty {
      guard try move(target, from: start, path.map(\.commit), isFact: true) else { return }
      failpoint("deliver.after_settling")
      try repositoryFolder.syncFileSystem()
      for (request, integration, commit) in path {
        let landing = Landing(
          integration: integration.id, submission: request.id, target: target, old: integration.base,
          new: commit.commit, at: clock.seconds)
        recordLanding(integration, request, landing, isFastForward: commit.commit == request.pushed)
        try tellPostReceive(request, landing)
      }
      try flush()
      landingsSinceMaintenance += path.count
      for (request, _, _) in path {
        unsettled[request.id] = nil
        leave(request)
        tell(target, .ended(request.id, .landed))
      }
    }
    for (id, integration) in rest {
      giveUp(integration)
      unsettled[id] = nil
      for ref in [SluiceRef.staging(integration.id), SluiceRef.candidate(integration.id)] {
        if let tip = try objects.tip(of: ref) { unpins.append(.delete(ref, expecting: tip)) }
      }
      guard trains[target]?.order.contains(id) != true, let request = open[id]?.request else { continue }
      finishUnrecorded(request)
    }
  }
}
