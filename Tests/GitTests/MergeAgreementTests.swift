import Domain
import Foundation
import Git
import Testing

/// Merges that a seed makes up, and merges of real histories: where we say clean, git has the same tree.
@Suite struct MergeAgreementTests {
  private static let batchSize: UInt64 = 40
  private static var batches: UInt64 {
    ProcessInfo.processInfo.environment["SLUICE_MERGE_BATCHES"].flatMap { UInt64($0) } ?? 12
  }

  @Test(arguments: 0..<batches)
  func `a generated merge that we call clean is git's, to the byte`(batch: UInt64) throws {
    let repository = try TestRepository()
    var tally = Tally()
    for number in batch * Self.batchSize..<(batch + 1) * Self.batchSize {
      var seed = Seed(number)
      let start = GeneratedFiles(from: &seed)
      var ours = start
      ours.change(with: &seed)
      // Both sides sometimes begin with the same change, as when one commit was picked onto another branch.
      var theirs = seed.chance(20) ? ours : start
      if seed.chance(20) { ours.change(with: &seed) }
      theirs.change(with: &seed)
      let root = try repository.commit(try repository.tree(start.files))
      let one = try repository.commit(try repository.tree(ours.files), [root], message: "ours")
      let two = try repository.commit(try repository.tree(theirs.files), [root], message: "theirs")
      let decision = try repository.objects.mergeCommits(ours: one, theirs: two)
      tally.count(decision, git: try repository.mergedByGit(one, two), merge: "seed \(number)")
    }
    #expect(tally.different == [])
    // An engine that asked git each time would agree as well: a good part must be decided here.
    #expect(tally.same * 4 >= tally.cleanForGit)
    tally.show("generated merges")
  }

  @Test(arguments: 0..<batches)
  func `lines that can be matched in many ways merge as git merges them`(batch: UInt64) throws {
    let repository = try TestRepository()
    var tally = Tally()
    for number in batch * Self.batchSize..<(batch + 1) * Self.batchSize {
      var seed = Seed(number)
      let start = GeneratedFiles.repetitive(&seed)
      let root = try repository.commit(try repository.tree(["f": start]))
      let ours = GeneratedFiles.edited(start, &seed)
      let one = try repository.commit(try repository.tree(["f": ours]), [root], message: "ours")
      let theirs = GeneratedFiles.edited(seed.chance(30) ? ours : start, &seed)
      let two = try repository.commit(try repository.tree(["f": theirs]), [root], message: "theirs")
      let decision = try repository.objects.mergeCommits(ours: one, theirs: two)
      tally.count(decision, git: try repository.mergedByGit(one, two), merge: "seed \(number)")
    }
    #expect(tally.different == [])
    #expect(tally.same * 10 >= tally.cleanForGit * 9)
    tally.show("repetitive lines")
  }

  @Test(arguments: UInt64(0)..<15)
  func `a merge in a generated history has git's bases and git's tree`(number: UInt64) throws {
    let repository = try TestRepository()
    var seed = Seed(number)
    var heads: [(id: ObjectID, files: GeneratedFiles)] = []
    var tally = Tally()
    for step in 0..<24 {
      guard let first = heads.randomElement(using: &seed), let second = heads.suffix(5).randomElement(using: &seed)
      else {
        let files = GeneratedFiles(from: &seed)
        heads.append((try repository.commit(try repository.tree(files.files)), files))
        continue
      }
      if first.id != second.id {
        let bases = try repository.git("merge-base", "--all", first.id.hex, second.id.hex).text
        #expect(
          Set(try repository.objects.mergeBases(first.id, second.id).map(\.hex))
            == Set(bases.split(separator: "\n").map(String.init)))
        let decision = try repository.objects.mergeCommits(ours: first.id, theirs: second.id)
        tally.count(decision, git: try repository.mergedByGit(first.id, second.id), merge: "step \(step)")
      }
      var files = first.files
      files.change(with: &seed)
      let parents = seed.chance(40) && first.id != second.id ? [first.id, second.id] : [first.id]
      let commit = try repository.commit(
        try repository.tree(files.files), parents, message: "step \(step)\n", time: Int64(step))
      heads.append((commit, files))
    }
    #expect(tally.different == [])
  }

  static let corpora = (ProcessInfo.processInfo.environment["SLUICE_MERGE_CORPUS"] ?? "")
    .split(separator: ":").map(String.init)

  @Test(.enabled(if: !corpora.isEmpty), arguments: corpora)
  func `every merge of a real history that we call clean is git's, to the byte`(path: String) throws {
    let scratch = FileManager.default.temporaryDirectory.appending(path: "objects-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    // What git's merges make goes elsewhere: the corpus is only read.
    var git = GitCommand(repository: path)
    git.environment["GIT_OBJECT_DIRECTORY"] = scratch
    git.environment["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = path + "/objects"
    let objects = try Repository(path: path)
    var tally = Tally()
    for line in try git("rev-list", "--all", "--merges", "--parents", "--max-count=5000").text.split(separator: "\n") {
      let ids = line.split(separator: " ").compactMap { ObjectID(hex: $0) }
      guard ids.count == 3 else { continue }
      var unstored = PendingObjects()
      let clock = ContinuousClock.now
      let decision = try objects.mergeCommits(ours: ids[1], theirs: ids[2], keepingIn: &unstored)
      tally.time += ContinuousClock.now - clock
      let answer = try git("merge-tree", "--write-tree", ids[1].hex, ids[2].hex)
      tally.count(decision, git: answer.status == 0 ? ObjectID(hex: answer.line) : nil, merge: ids[0].hex)
    }
    #expect(tally.different == [])
    #expect(tally.same > 0)
    tally.show(path)
  }
}

private struct Tally {
  var same = 0
  var different: [String] = []
  var cleanForGit = 0
  var total = 0
  var undecided: [MergeDoubt.Reason: (clean: Int, conflict: Int)] = [:]
  var time: Duration = .zero

  mutating func count(_ decision: MergeDecision, git: ObjectID?, merge: String) {
    total += 1
    if git != nil { cleanForGit += 1 }
    switch decision {
    case .clean(let tree) where tree == git: same += 1
    case .clean: different.append(merge)
    case .undecided(let doubt):
      undecided[doubt.reason, default: (0, 0)].clean += git == nil ? 0 : 1
      undecided[doubt.reason, default: (0, 0)].conflict += git == nil ? 1 : 0
    }
  }

  /// Prints the figures where somebody asked for more than the usual run.
  func show(_ title: String) {
    guard
      ProcessInfo.processInfo.environment["SLUICE_MERGE_CORPUS"] != nil
        || ProcessInfo.processInfo.environment["SLUICE_MERGE_BATCHES"] != nil
    else { return }
    print("\(title): \(total) merges in \(time), clean for git \(cleanForGit), same \(same), not \(different.count)")
    for (reason, counts) in undecided.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      print("  undecided \(reason.rawValue): clean for git \(counts.clean), conflict for git \(counts.conflict)")
    }
  }
}
