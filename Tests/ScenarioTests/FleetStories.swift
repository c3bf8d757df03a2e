import Domain
import Foundation
import Glibc
import Testing

/// One worker for many repositories.
@Suite struct FleetStories {
  /// A second repository below the world's folder, and a client of it.
  private struct Other {
    let server: TestServer
    let client: TestClient

    init(_ name: String, in world: World, _ base: Base = Base()) async throws {
      let folder = "\(world.folder.path)/\(name)"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      server = try await TestServer(world.prepared(base), in: folder)
      let access = try await Transport.path.access(to: server, as: "alice", in: folder)
      client = try await TestClient(cloning: access.url, to: folder + "/client.git", environment: access.environment)
    }

    func expectLanded(_ work: Work, location: SourceLocation = #_sourceLocation) async throws {
      let push = try await client.submit(work)
      #expect(push.status == 0, "\(push)", sourceLocation: location)
    }
  }

  /// Starts the worker, and waits until it serves the world's own repository.
  private static func start(in world: World, _ more: String = "") async throws -> Program {
    let file = world.folder.path + "/worker.yml"
    try TestServer.write("version: 1\nroots: [\(world.folder.path)]\nscan: 1s\n\(more)", to: file)
    let fleet = try Program(Built.sluice, ["worker", "--config", file], in: "/")
    try await fleet.says("\(world.server.repository): served")
    return fleet
  }

  private static func end(_ fleet: Program) async throws {
    fleet.signal(SIGTERM)
    let output = try await fleet.ended()
    #expect(output.status == 0, "\(output.text)")
  }

  /// Waits until no engine works in a repository: its ledger is closed.
  private static func awaitIdle(_ server: TestServer, _ fleet: Program) async {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline,
      ProcessTable.openFiles(of: fleet.pid).contains(where: { $0.hasPrefix(server.repository + "/sluice/ledger") })
    {
      // There is no event to wait for: an engine with nothing to do says nothing when it ends.
      await Task.yield()
    }
  }

  /// Whether a push has started a worker of its own: it would write this log.
  private static func hasStartedOne(_ server: TestServer) -> Bool {
    FileManager.default.fileExists(atPath: server.repository + "/sluice/logs/worker.log")
  }

  @Test func `two repositories land by one worker, and no push starts another`() async throws {
    try await World.run { world in
      let other = try await Other("group/deep", in: world)
      let outside = try Folder()
      let stranger = try await TestServer(Base(), in: outside.path)
      symlink(outside.path, world.folder.path + "/a-link")
      let fleet = try await Self.start(in: world)
      try await fleet.says("\(other.server.repository): served")
      #expect(!fleet.said.contains("a-link"), "\(fleet.said)")
      #expect(stranger.workers() == [])
      for server in [world.server, other.server] { await Self.awaitIdle(server, fleet) }
      for round in 1...2 {
        _ = try await world.client.submit(Work("one\(round)", ["one\(round)": "x\n"])).expectLanded(in: world)
        try await other.expectLanded(Work("two\(round)", ["two\(round)": "x\n"]))
        #expect(world.server.workers() == [fleet.pid] && other.server.workers() == [fleet.pid])
      }
      // What is measured or asked of one repository is answered as ever.
      let status = try await other.server.sluice("status")
      #expect(status.status == 0 && status.out.contains("landed"), "\(status.text)")
      let second = try await other.server.sluice("worker")
      #expect(second.status == 1 && second.text.contains("another worker"), "\(second.text)")
      try await Self.end(fleet)
      #expect(!Self.hasStartedOne(world.server) && !Self.hasStartedOne(other.server))
    }
  }

  @Test func `a repository with twenty slow checks waiting lets another have its turn`() async throws {
    let slow = Base.policy(run: World.gatedTest, "queue: { workers: 4, batch: 1 }\n")
    try await World.run(.judged(by: slow)) { world in
      let other = try await Other("quick", in: world)
      let fleet = try await Self.start(in: world, "lanes: 1\n")
      try await fleet.says("\(other.server.repository): served")
      let start = try await world.client.fetch()
      func work(_ number: Int) -> Work {
        Work("slow\(number)", ["cases/slow\(number)": "fine\n"]).with { $0.parent = start }
      }
      // One has the lane, and another was there before the quick one came.
      let heads = [try await world.client.start(work(1)), try await world.client.start(work(2))]
      for head in heads { try await head.says("integrating on") }
      var waiting: [String] = []
      for number in 3...20 { waiting += try await world.client.submit(work(number), "nowait").submissions }
      let quick = try await other.client.start(Work("quick", ["quick.txt": "x\n"]))
      try await quick.says("integrating on")
      try world.release("slow1")
      // The second slow one is held still: the lane could only be had in between.
      let push = Push(try await quick.ended())
      #expect(push.status == 0, "\(push)")
      for number in 2...20 { try world.release("slow\(number)") }
      for head in heads { #expect(try await head.ended().status == 0) }
      for id in waiting {
        let watched = try await world.server.sluice("watch", id)
        #expect(watched.status == 0, "\(watched.text)")
      }
      #expect(try await world.server.history().count == 21)
      try await Self.end(fleet)
    }
  }

  @Test func `a repository that is installed later is found`() async throws {
    try await World.run { world in
      let fleet = try await Self.start(in: world)
      let later = try await Other("later", in: world)
      try await fleet.says("\(later.server.repository): served")
      try await later.expectLanded(Work("late", ["late.txt": "x\n"]))
      #expect(!Self.hasStartedOne(later.server))
      try await Self.end(fleet)
    }
  }

  @Test func `one that vanishes with a check running, or cannot be opened, takes nobody with it`() async throws {
    try await World.run { world in
      let doomed = try await Other("doomed", in: world, .judged(by: Base.policy(run: World.heldTest)))
      let broken = try await Other("broken", in: world)
      try await broken.expectLanded(Work("before", ["x": "x\n"]))
      try await broken.server.endWorker()
      let ledger = broken.server.repository + "/sluice/ledger.sqlite"
      try TestServer.write("this is no database, and long enough to be seen as none\n", to: ledger)
      let fleet = try await Self.start(in: world)
      try await fleet.says("\(broken.server.repository): left alone for 5 s")
      let push = try await doomed.client.start(Work("held", ["x": "x\n"]))
      try await push.says("integrating on")
      let removed = try await Program.run("/bin/rm", ["-rf", doomed.server.repository])
      #expect(removed.status == 0, "\(removed.text)")
      try await fleet.says("\(doomed.server.repository): no longer served: it is gone")
      push.signal(SIGKILL)
      _ = try await world.client.submit(Work("well", ["well.txt": "x\n"])).expectLanded(in: world)
      // A new one below the same folder is found.
      let again = try await Other("doomed/again", in: world)
      try await fleet.says("\(again.server.repository): served")
      try await again.expectLanded(Work("again", ["again.txt": "x\n"]))
      try await Self.end(fleet)
    }
  }

  @Test func `a worker that is killed is followed by one that carries on in every repository`() async throws {
    try await World.run(.judged(by: Base.policy(run: World.heldTest))) { world in
      let other = try await Other("other", in: world, .judged(by: Base.policy(run: World.heldTest)))
      let fleet = try await Self.start(in: world)
      try await fleet.says("\(other.server.repository): served")
      var ids: [String] = []
      for client in [world.client, other.client] {
        ids += try await client.submit(Work("killed", ["killed.txt": "x\n"]), "nowait").submissions
      }
      fleet.signal(SIGKILL)
      _ = try await fleet.ended()
      let next = try await Self.start(in: world)
      try await next.says("\(other.server.repository): served")
      try world.release()
      for (id, server) in zip(ids, [world.server, other.server]) {
        let watched = try await server.sluice("watch", id)
        #expect(watched.status == 0 && watched.text.contains("landed on main"), "\(watched.text)")
        #expect(!Self.hasStartedOne(server))
      }
      try await Self.end(next)
    }
  }

  @Test(.enabled(if: geteuid() == 0))
  func `root becomes the owner of what it serves, and cannot become two`() async throws {
    try await World.run(canary: false) { world in
      let folder = world.folder.path + "/owned"
      let other = try await Other("owned/one", in: world)
      _ = try await Other("owned/two", in: world)
      func give(_ name: String, to user: UInt32) async throws {
        let given = try await Program.run("/bin/chown", ["-R", "\(user):\(user)", "\(folder)/\(name)/server.git"])
        #expect(given.status == 0, "\(given.text)")
      }
      try await give("one", to: 12_345)
      try await give("two", to: 12_346)
      let refused = try await Program.run(Built.sluice, ["worker", "--root", folder], in: "/")
      #expect(refused.status == 1, "\(refused.text)")
      #expect(refused.text.contains("user 12345 owns \(folder)/one/server.git"), "\(refused.text)")
      #expect(refused.text.contains("one worker is one user"), "\(refused.text)")
      try await give("two", to: 12_345)
      let fleet = try Program(Built.sluice, ["worker", "--root", folder], in: "/")
      try await fleet.says("\(other.server.repository): served")
      let status = String(
        decoding: FileManager.default.contents(atPath: "/proc/\(fleet.pid)/status") ?? Data(), as: UTF8.self)
      #expect(status.contains("Uid:\t12345\t12345"), "\(status)")
      try await Self.end(fleet)
    }
  }

  @Test func `a configuration that does not read is refused with its lines and columns`() async throws {
    let folder = try Folder()
    let file = folder.path + "/worker.yml"
    for (text, status, words) in [
      ("version: 1\nroots: [/srv]\ncolour: blue\n", 1, "\(file):3:1: unknown key \"colour\""),
      ("version: 1\nlanes: many\n", 1, "\(file):2:8: lanes: expected an integer from 1 to 64, found many"),
      ("version: 1\nlanes: 2\n", 1, "names no roots"), ("version: 1\nroots: [/nowhere]\n", 4, "/nowhere is no folder"),
    ] {
      try TestServer.write(text, to: file)
      let output = try await Program.run(Built.sluice, ["worker", "--config", file], in: "/")
      #expect(output.status == status && output.text.contains(words), "\(output.status): \(output.text)")
    }
    let both = try await Program.run(Built.sluice, ["worker", "--detached", "--root", folder.path], in: "/")
    #expect(both.status == 2 && both.text.contains("--detached"), "\(both.text)")
  }
}
