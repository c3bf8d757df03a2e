import Domain
import Glibc
import Processes
import Testing

@testable import GitProgram

/// Refs that are written without git, beside git that writes the same ones.
@Suite struct RefFileTests {
  private let world: World
  private let one: ObjectID
  private let two: ObjectID

  init() throws {
    world = try World()
    one = try #require(ObjectID(hex: try world.git(["rev-parse", "HEAD"])))
    two = try #require(ObjectID(hex: try world.git(["rev-parse", "HEAD^{tree}"])))
  }

  private func commit(_ updates: [RefUpdate]) throws -> Bool {
    try RefFileTransaction(repository: world.server).commit(updates, storing: nil)
  }

  private func place(_ ref: String) throws -> String {
    try Shell.run(["git", "rev-parse", "--verify", "--quiet", ref], in: world.server).output.trimmed
  }

  private func expectNothingLeft() throws {
    let left = try Shell.run(["find", ".", "-name", "*.lock", "-o", "-path", "./sluice/scratch/*"], in: world.server)
    #expect(left.output == "")
  }

  @Test func `refs are made and moved together, as git reads them`() throws {
    let names = ["refs/sluice/inbox/sub-1", "refs/sluice/lineage/main/a/b"]
    #expect(try commit(names.map { .create($0, one) }))
    #expect(try names.map(place) == [one.hex, one.hex])
    #expect(try commit([.create("refs/sluice/inbox/sub-2", two), .move(names[1], from: one, to: two)]))
    #expect(try place(names[1]) == two.hex)
    try world.git(["pack-refs", "--all", "--prune"], in: world.server)
    #expect(try commit([.move(names[1], from: two, to: one)]))
    #expect(try place(names[1]) == one.hex)
    try world.git(["pack-refs", "--all", "--prune"], in: world.server)
    try expectNothingLeft()
  }

  @Test(arguments: [false, true])
  func `nothing is written where a ref is not as expected`(isPacked: Bool) throws {
    let lineage = "refs/sluice/lineage/main"
    for name in ["taken", "folder/below", "file"] {
      try world.git(["update-ref", "\(lineage)/\(name)", one.hex], in: world.server)
    }
    if isPacked { try world.git(["pack-refs", "--all", "--prune"], in: world.server) }
    let before = try world.refs()
    let wrong: [RefUpdate] = [
      .create("\(lineage)/taken", two), .move("\(lineage)/taken", from: two, to: one),
      .move("\(lineage)/none", from: one, to: two), .create("\(lineage)/folder", two),
      .create("\(lineage)/file/below", two), .create("refs/heads/other", two),
    ]
    for update in wrong {
      #expect(try !commit([.create("refs/sluice/inbox/sub-1", one), update]), "\(update)")
      #expect(try world.refs() == before)
    }
    #expect(try place("\(lineage)/taken") == one.hex)
    try expectNothingLeft()
  }

  @Test func `an inbox entry never takes another's place`() throws {
    #expect(try commit([.create("refs/sluice/inbox/sub-1", one)]))
    #expect(try !commit([.create("refs/sluice/inbox/sub-1", two)]))
    #expect(try place("refs/sluice/inbox/sub-1") == one.hex)
    try expectNothingLeft()
  }

  @Test func `of git and this one wins, never both`() throws {
    for round in 0..<40 {
      let ref = "refs/sluice/lineage/main/r\(round)"
      let git = try Running(["git", "update-ref", ref, two.hex, String(repeating: "0", count: 40)], in: world.server)
      // Somewhere in the life of the other: later each round, by as much work of our own.
      for file in 0..<round * 2 { try world.write("later/\(file)", "work\n", in: world.server) }
      let isOurs = try commit([.create(ref, one)])
      let isGits = try git.finish().isSuccess
      #expect(isOurs != isGits)
      #expect(try place(ref) == (isOurs ? one : two).hex)
    }
    try expectNothingLeft()
  }

  @Test func `a lock that a killed process has left is taken away, another's is not`() throws {
    let ref = "refs/sluice/lineage/main/x"
    let lock = "\(world.server)/\(ref).lock"
    let refs = RefTransactions(git: try GitProgram(repository: world.server))
    #expect(try commit([.create(ref, one)]))
    // Left by a process that was killed: nobody holds it.
    try world.write("\(ref).lock", "sluice\n", in: world.server)
    #expect(try commit([.move(ref, from: one, to: two)]))
    try world.write("\(ref).lock", "sluice\n", in: world.server)
    #expect(try refs.commit([.move(ref, from: two, to: one)]) == .committed)
    // Ours, alive.
    let held = try StagedFile(world.server + "/held", AbandonedLock.text([]), mode: 0o600)
    try held.hold()
    try held.add(at: lock)
    #expect(try !commit([.move(ref, from: one, to: two)]))
    unlink(lock)
    // git's.
    for content in ["", "\(two)\n"] {
      try world.write("\(ref).lock", content, in: world.server)
      #expect(try !commit([.move(ref, from: one, to: two)]))
      guard case .lost = try refs.commit([.move(ref, from: one, to: two)]) else {
        Issue.record("git's lock is passed by")
        return
      }
      #expect(access(lock, F_OK) == 0)
    }
    #expect(try place(ref) == one.hex)
  }

  @Test(arguments: [false, true])
  func `a transaction that was killed between its refs is finished by who finds its lock`(byGit: Bool) throws {
    let (inbox, ref) = ("refs/sluice/inbox/sub-1", "refs/sluice/lineage/main/x")
    let text = AbandonedLock.text([
      AbandonedLock.Intent(ref: inbox, old: nil, new: one), AbandonedLock.Intent(ref: ref, old: nil, new: one),
    ])
    let refs = RefTransactions(git: try GitProgram(repository: world.server), leavesSync: !byGit)
    // Killed before the first: nothing was entered.
    try world.write("\(ref).lock", String(decoding: text, as: UTF8.self), in: world.server)
    #expect(try refs.commit([.create(ref, two)]) == .committed)
    #expect(try refs.commit([.delete(ref, expecting: two)]) == .committed)
    // Killed after it: both were.
    try world.git(["update-ref", inbox, one.hex], in: world.server)
    try world.write("\(ref).lock", String(decoding: text, as: UTF8.self), in: world.server)
    guard case .lost = try refs.commit([.create(ref, two)]) else {
      Issue.record("what was entered is passed by")
      return
    }
    #expect(try place(ref) == one.hex)
    try expectNothingLeft()
  }

  @Test func `what killed processes have left is removed, what is new or another's is not`() throws {
    let old = ["sluice/admitted/77", "sluice/scratch/ref-abc", "sluice/scratch/tmp-xyz/index"]
    let new = ["sluice/admitted/78", "sluice/scratch/lock-abc"]
    let locks = ["refs/sluice/lineage/main/a/b.lock": "sluice\n", "refs/sluice/lineage/main/c.lock": "\(one)\n"]
    for path in old + new { try world.write(path, "x", in: world.server) }
    for (path, text) in locks { try world.write(path, text, in: world.server) }
    _ = try Shell.run(["touch", "-d", "2 hours ago"] + old + ["sluice/scratch/tmp-xyz"], in: world.server)
    #expect(Leftovers.remove(from: StatePaths(repository: world.server), at: .now()) == 4)
    let left = try Shell.run(
      ["find", "sluice/admitted", "sluice/scratch", "refs/sluice", "-type", "f"], in: world.server
    ).output.split(separator: "\n").map(String.init)
    #expect(left.sorted() == (new + ["refs/sluice/lineage/main/c.lock"]).sorted())
  }
}
