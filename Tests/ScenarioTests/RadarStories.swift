import Domain
import Testing

/// What a pusher is told, at once, of the work that is ahead in the queue.
@Suite struct RadarStories {
  private static let held = Base.judged(by: Base.policy(run: World.heldTest))

  /// The lines of a.txt, some of them changed.
  private static func a(_ changes: [Int: String]) -> Work.Content {
    .text((1...20).map { "\(changes[$0] ?? "a line \($0)")\n" }.joined())
  }

  private static func radar(_ push: Push, in world: World) throws -> [JSONValue] {
    try world.server.events(of: try #require(push.submissions.first)).filter { $0["event"] == "conflict_radar" }
  }

  @Test func `who collides with work ahead is told so while that is still being tested`() async throws {
    try await World.run(Self.held) { world in
      let base = try await world.client.fetch()
      let first = try await world.client.start(Work("first", ["a.txt": Self.a([4: "first"])]).with { $0.parent = base })
      try await first.says("integrating on")
      let bob = try await world.client("bob")
      let second = try await bob.start(
        Work("second", ["a.txt": Self.a([4: "second"]), "new.txt": "new\n"]).with { $0.parent = base })
      try await second.says("once that has landed: git fetch origin main && git rebase FETCH_HEAD")
      #expect(try await world.server.history() == ["base"], "the first one is held")
      try world.release()
      let landed = Push(try await first.ended())
      #expect(landed.status == 0, "\(landed)")
      let refused = Push(try await second.ended())
      refused.expectRefused("merge_conflicts")
      let ahead = try #require(landed.submissions.first)
      let warning = "warning: sluice: it collides with \(ahead) ahead of it (task first) in a.txt"
      #expect(refused.remote.contains(warning), "\(refused)")
      #expect(try Self.radar(landed, in: world) == [])
      let events = try world.server.events(of: try #require(refused.submissions.first)).map { $0["event"]?.string }
      let told = try #require(events.firstIndex(of: "conflict_radar"))
      #expect(told < events.firstIndex(of: "integration_started") ?? 0, "\(events)")
    }
  }

  @Test func `as JSON the collision is one event with the other's ids and paths`() async throws {
    try await World.run(Self.held) { world in
      let base = try await world.client.fetch()
      let first = try await world.client.start(
        Work("first", ["a.txt": Self.a([4: "first"]), "b.txt": .removed]).with { $0.parent = base })
      try await first.says("integrating on")
      let second = try await world.client("bob").start(
        Work("second", ["a.txt": Self.a([4: "second"]), "b.txt": "second\n"]).with { $0.parent = base }, "format=json")
      try await second.says("conflict_radar")
      try world.release()
      let ahead = try #require(Push(try await first.ended()).submissions.first)
      let push = Push(try await second.ended())
      let line = try #require(push.remote.first { $0.contains("conflict_radar") })
      let event = try JSONValue.parse(Array(line.utf8))
      #expect(
        event["collisions"] == [
          [
            "submission_id": .string(ahead), "task_id": "first", "agent_id": "1703123456-a1b2c3d4",
            "paths": ["a.txt", "b.txt"], "path_count": 2,
          ]
        ], "\(event.pretty)")
      #expect(event["ahead"] == 1 && event["looked_at"] == 1 && event["hot_paths"] == [])
    }
  }

  @Test func `who merges with everything ahead is told nothing`() async throws {
    let policy = Base.policy(run: World.heldTest, "resolve:\n  CHANGELOG.md: union\n  lock: cat lock\n")
    let files: [String: Work.Content] = [
      "CHANGELOG.md": "# Changes\n", "lock": "0\n", "old/name": .text(Base.lines(of: "n")),
    ]
    try await World.run(.judged(by: policy, adding: files)) { world in
      let base = try await world.client.fetch()
      let first = try await world.client.start(
        Work(
          "first",
          [
            "a.txt": Self.a([4: "first"]), "b.txt": "same\n", "CHANGELOG.md": "# Changes\n- first\n", "lock": "1\n",
            "old/name": .removed, "moved/name": .text(Base.lines(of: "n")),
          ]
        ).with { $0.parent = base })
      try await first.says("integrating on")
      var pushes: [Program] = []
      let rows: [(String, [String: Work.Content])] = [
        ("other lines of the file", ["a.txt": Self.a([15: "second"])]), ("another file", ["new.txt": "new\n"]),
        ("the same change", ["b.txt": "same\n", "more.txt": "more\n"]),
        ("what the policy settles", ["CHANGELOG.md": "# Changes\n- second\n", "lock": "2\n"]),
        ("a file that was renamed", ["old/name": .text(Base.lines(of: "n") + "more\n")]),
      ]
      for (number, row) in rows.enumerated() {
        let push = try await world.client("bob").start(Work("w\(number)", row.1).with { $0.parent = base })
        try await push.says("position")
        pushes.append(push)
      }
      try world.release()
      _ = try await first.ended()
      for (push, row) in zip(pushes, rows) {
        let push = Push(try await push.ended())
        #expect(!push.text.contains("warning:") && !push.text.contains("collides"), "\(row.0): \(push)")
        #expect(try Self.radar(push, in: world).allSatisfy { $0["collisions"] == [] }, "\(row.0)")
      }
    }
  }

  @Test func `who stands on the work ahead does not collide with it`() async throws {
    let base = Base.judged(by: Base.policy(merge: "merge", run: World.heldTest))
    try await World.run(base) { world in
      let base = try await world.client.fetch()
      let work = Work("first", ["a.txt": Self.a([4: "first"])]).with {
        $0.parent = base
        $0.embedding = .tag
      }
      let tag = try await world.client.make(work)
      let first = try world.client.start(["\(tag):\(work.pushedRef)"])
      try await first.says("integrating on")
      let below = try await Git.run(in: world.client.repository, "rev-parse", "\(tag)^{commit}")
      let second = try await world.client.start(
        Work("second", ["a.txt": Self.a([4: "second"])]).with {
          $0.parent = below
          $0.embedding = .tag
        }, "depends-on=first")
      try await second.says("position")
      try world.release()
      #expect(Push(try await first.ended()).status == 0)
      let push = Push(try await second.ended())
      #expect(push.status == 0 && !push.text.contains("collides"), "\(push)")
    }
  }

  @Test func `a path that several ahead change is called hot`() async throws {
    try await World.run(Self.held) { world in
      let base = try await world.client.fetch()
      var pushes: [Program] = []
      for (number, line) in [3, 9, 15].enumerated() {
        let push = try await world.client("agent\(number)").start(
          Work("w\(number)", ["a.txt": Self.a([line: "changed"])]).with { $0.parent = base })
        try await push.says(number < 2 ? "position" : "changed by several ahead of it: a.txt (2 others)")
        pushes.append(push)
      }
      try world.release()
      for push in pushes {
        let push = Push(try await push.ended())
        #expect(push.status == 0 && !push.text.contains("collides"), "\(push)")
      }
    }
  }

  @Test func `a worker that starts in the middle still knows who is ahead`() async throws {
    try await World.run(Self.held) { world in
      let base = try await world.client.fetch()
      let first = try await world.client.start(Work("first", ["a.txt": Self.a([4: "first"])]).with { $0.parent = base })
      try await first.says("integrating on")
      try await world.server.endWorker(by: 9)
      let second = try await world.client("bob").start(
        Work("second", ["a.txt": Self.a([4: "second"])]).with { $0.parent = base })
      try await second.says("collides with")
      try world.release()
      #expect(Push(try await first.ended()).status == 0)
      Push(try await second.ended()).expectRefused("merge_conflicts")
    }
  }
}
