import Domain
import Processes
import Testing

@Suite struct InboxTests {
  @Test func `the same commit to the same name while it is in flight is the same submission`() throws {
    let world = try World()
    try world.submit(adding: ["src/b.txt": "two\n"])
    #expect(try world.push("HEAD:refs/heads/submit/x").isSuccess)
    let again = try world.push("HEAD:refs/heads/submit/x")
    let requests = try world.submissions()
    #expect(requests.count == 1)
    #expect(again.errors.contains("\(try #require(requests.first).id) is in flight already"), "\(again.errors)")
  }

  @Test func `a newer push to a name takes the place of the one in flight`() throws {
    let world = try World()
    try world.submit(adding: ["src/b.txt": "two\n"])
    #expect(try world.push("HEAD:refs/heads/submit/x").isSuccess)
    let first = try #require(try world.submissions().first)
    try world.git(["commit", "--quiet", "--amend", "-m", "other"])
    #expect(try world.push("HEAD:refs/heads/submit/x").isSuccess)
    let second = try #require(try world.submissions().first { $0.id != first.id })
    #expect(second.supersedes == first.id)
    let lineage = try world.git(["rev-parse", "refs/sluice/lineage/main/x"], in: world.server)
    #expect(lineage == (try world.git(["rev-parse", SluiceRef.inbox(second.id)], in: world.server)))
  }

  @Test func `other options make another submission of the same commit`() throws {
    let world = try World()
    try world.submit(adding: ["src/b.txt": "two\n"])
    #expect(try world.push("HEAD:refs/heads/submit/x").isSuccess)
    #expect(try world.push("HEAD:refs/heads/submit/x", options: ["nowait", "dry-run"]).isSuccess)
    #expect(try world.submissions().map(\.options.isDryRun) == [false, true])
  }

  @Test func `nobody takes the place of another's submission but an administrator`() throws {
    let world = try World()
    try world.configure("sluice.admin", "root-admin")
    try world.submit(adding: ["src/b.txt": "two\n"])
    #expect(try world.push("HEAD:refs/heads/submit/x", environment: ["REMOTE_USER=ada"]).isSuccess)
    #expect(try world.submissions().map(\.identity) == ["ada"])
    try world.git(["commit", "--quiet", "--amend", "-m", "other"])
    let other = try world.push("HEAD:refs/heads/submit/x", environment: ["REMOTE_USER=bob"])
    #expect(other.errors.contains("unauthorized: submit/x is in flight for ada, you are bob"), "\(other.errors)")
    let deletion = try world.push(":refs/heads/submit/x", environment: ["REMOTE_USER=bob"])
    #expect(deletion.errors.contains("unauthorized: "), "\(deletion.errors)")
    #expect(try world.inbox().count == 1)
    #expect(try world.push("HEAD:refs/heads/submit/x", environment: ["REMOTE_USER=root-admin"]).isSuccess)
    #expect(try world.inbox().count == 2)
  }

  @Test func `the first part of a name is its owner where that is bound`() throws {
    let world = try World()
    try world.configure("sluice.bindOwner", "true")
    try world.submit(adding: ["src/b.txt": "two\n"])
    let other = try world.push("HEAD:refs/heads/submit/ada/x", environment: ["SLUICE_USER=bob"])
    #expect(other.errors.contains("unauthorized: submit/ada/x belongs to ada, you are bob"), "\(other.errors)")
    #expect(try world.push("HEAD:refs/heads/submit/ada/x", environment: ["SLUICE_USER=ada"]).isSuccess)
  }

  @Test func `a name that is a folder of another in flight is refused with both names`() throws {
    let world = try World()
    try world.submit(adding: ["src/b.txt": "two\n"])
    #expect(try world.push("HEAD:refs/heads/submit/a/x").isSuccess)
    let below = try world.push("HEAD:refs/heads/submit/a/x/y")
    #expect(below.errors.contains("submit/a/x/y and submit/a/x cannot be in flight together"), "\(below.errors)")
    let above = try world.push("HEAD:refs/heads/submit/a")
    #expect(above.errors.contains("submit/a and submit/a/x cannot be in flight together"), "\(above.errors)")
    #expect(try world.push("HEAD:refs/heads/submit/a/X").isSuccess)
    #expect(try world.submissions().count == 2)
  }

  @Test func `deleting a submit ref withdraws what is in flight under it`() throws {
    let world = try World()
    try world.submit(adding: ["src/b.txt": "two\n"])
    #expect(try world.push(":refs/heads/submit/x").errors.contains("nothing is in flight under submit/x"))
    #expect(try world.push("HEAD:refs/heads/submit/x").isSuccess)
    let request = try #require(try world.submissions().first)
    #expect(try world.push(":refs/heads/submit/x").isSuccess)
    #expect(try world.push("HEAD:refs/heads/submit/x", options: ["nowait", "cancel"]).isSuccess)
    let withdrawn = try world.inbox().compactMap { record in
      if case .cancel(_, let submission, _, _) = record { submission } else { nil }
    }
    #expect(withdrawn == [request.id, request.id])
  }

  @Test func `of many pushes to one name at once each is entered or attached, none is lost`() throws {
    let world = try World()
    try world.submit(adding: ["src/b.txt": "two\n"])
    var commits: [String] = []
    for index in 0..<6 {
      try world.git(["commit", "--quiet", "--amend", "-m", "version \(index)"])
      commits.append(try world.git(["rev-parse", "HEAD"]))
    }
    let running = try commits.map { try world.startPush(["\($0):refs/heads/submit/x"], options: ["nowait"]) }
    for push in running { #expect(try push.finish().isSuccess) }
    let requests = try world.submissions()
    #expect(Set(requests.map(\.pushed.hex)) == Set(commits))
    // Each but the first took the place of another, and nobody's place was taken twice.
    let places = requests.compactMap(\.supersedes)
    #expect(places.count == commits.count - 1)
    #expect(Set(places).count == places.count)
  }
}
