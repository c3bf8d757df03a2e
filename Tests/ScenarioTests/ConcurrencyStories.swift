import Domain
import Foundation
import Glibc
import Testing

@Suite struct ConcurrencyStories {
  @Test func `eight pushers land everything, once, in one line`() async throws {
    try await World.run { world in
      let rounds = 3
      var clients: [TestClient] = []
      for index in 0..<8 { clients.append(try await world.client("agent\(index)")) }
      let pushes = try await withThrowingTaskGroup(of: [Push].self) { group in
        for (index, client) in clients.enumerated() {
          group.addTask {
            var pushes: [Push] = []
            for round in 0..<rounds {
              pushes.append(try await client.submit(Work("w\(index)-\(round)", ["new/\(index)-\(round)": "x\n"])))
            }
            return pushes
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      for push in pushes { #expect(push.status == 0, "\(push)") }
      #expect(try await world.server.history().count == 1 + 8 * rounds)
      let names = Set(
        try await world.server.git("ls-tree", "-r", "--name-only", "refs/heads/main", "new/").split(separator: "\n"))
      #expect(names.count == 8 * rounds)
    }
  }

  @Test func `pushers that conflict are answered each for their own`() async throws {
    try await World.run { world in
      let base = try await world.client.fetch()
      var clients: [TestClient] = []
      for index in 0..<6 { clients.append(try await world.client("agent\(index)")) }
      let pushes = try await withThrowingTaskGroup(of: Push.self) { group in
        for (index, client) in clients.enumerated() {
          group.addTask {
            // Even ones change one line to different words, odd ones have a file of their own.
            let changes: [String: Work.Content] =
              index.isMultiple(of: 2) ? ["a.txt": .text("\(index)\n")] : ["own\(index)": "x\n"]
            return try await client.submit(Work("c\(index)", changes).with { $0.parent = base })
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(pushes.filter { $0.status == 0 }.count == 4, "\(pushes)")
      #expect(pushes.filter { $0.category == "merge_conflicts" }.count == 2, "\(pushes)")
    }
  }

  @Test func `a target that was moved meanwhile is never overwritten`() async throws {
    try await World.run(.judged(by: Base.policy(run: World.heldTest))) { world in
      let push = try await world.client.start(Work("work", ["a.txt": "work\n"]))
      try await push.says("integrating on")
      let direct = Work("direct", ["b.txt": "direct\n"])
      let commit = try await world.client.commit(direct.changes, parent: try await world.client.fetch(), direct)
      try await world.server.git("fetch", "-q", world.client.repository, "\(commit):refs/heads/main")
      let adopted = try await world.server.sluice("adopt", commit, "--reason", "by hand")
      #expect(adopted.status == 0, "\(adopted.text)")
      try world.release()
      let ended = Push(try await push.ended())
      let tip = try await ended.expectLanded(in: world)
      #expect(try await world.server.git("rev-parse", "\(tip)^") == commit)
      #expect(try await world.server.file("b.txt") == "direct\n")
    }
  }

  @Test func `a push that is killed changes nothing for the work`() async throws {
    try await World.run(.judged(by: Base.policy(run: World.heldTest))) { world in
      let work = Work("orphan", ["a.txt": "orphan\n"])
      let object = try await world.client.make(work)
      let push = try world.client.start(["\(object):\(work.pushedRef)"])
      try await push.says("integrating on")
      push.signal(SIGKILL)
      _ = try await push.ended()
      try world.release()
      let again = try await world.client.push(["\(object):\(work.pushedRef)"])
      #expect(again.status == 0, "\(again)")
      #expect(try await world.server.history() == ["base", "Work on orphan"])
    }
  }

  @Test(arguments: [true, false])
  func `a worker that is killed in a check is followed by another`(pusherStays: Bool) async throws {
    try await World.run(.judged(by: Base.policy(run: World.heldTest))) { world in
      let work = Work("survivor", ["a.txt": "survivor\n"])
      let object = try await world.client.make(work)
      let push = try world.client.start(["\(object):\(work.pushedRef)"])
      try await push.says("integrating on")
      if !pusherStays {
        push.signal(SIGKILL)
        _ = try await push.ended()
      }
      try await world.server.endWorker(by: SIGKILL)
      try world.release()
      if pusherStays { _ = try await Push(push.ended()).expectLanded(in: world) }
      let next = try await world.client.submit(Work("next", ["b.txt": "next\n"]))
      #expect(next.status == 0, "\(next)")
      #expect(try await world.server.history() == ["base", "Work on survivor", "Work on next"])
    }
  }
}
