import Domain
import Foundation
import Glibc
import Testing

@Suite struct StormStories {
  /// Moments of a submission at which something is killed, as the pusher reads them.
  private static let moments = ["accepted", "position", "integrating on", "merge ", "tests ", "ready", "success"]

  /// A seed's own sequence, the same in every run.
  private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  @Test(arguments: UInt64(1)...4)
  func `whatever is killed, whenever, everything lands once`(seed: UInt64) async throws {
    try await World.run { world in
      let landed = try await withThrowingTaskGroup(of: [String].self) { group in
        for agent in 0..<3 {
          let client = try await world.client("agent\(agent)")
          group.addTask {
            var random = Seeded(state: seed &* 1_000 &+ UInt64(agent))
            var names: [String] = []
            for step in 0..<4 {
              let name = "storm-\(agent)-\(step)"
              try await Self.push(Work(name, ["storm/\(name)": "x\n"]), by: client, in: world, &random)
              names.append(name)
            }
            return names
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      let history = try await world.server.history()
      #expect(history.dropFirst().sorted() == landed.map { "Work on \($0)" }.sorted())
    }
  }

  /// Pushes until it has landed, and kills something on the way each time but the last.
  private static func push(_ work: Work, by client: TestClient, in world: World, _ random: inout Seeded) async throws {
    let object = try await client.make(work)
    for attempt in 0..<3 {
      let push = try client.start(["\(object):\(work.pushedRef)"])
      let moment = moments.randomElement(using: &random) ?? ""
      let killsWorker = Bool.random(using: &random)
      if attempt < 2 {
        // It may have ended without saying so, when another agent's storm has ended it.
        do { try await push.says(moment) } catch is Program.Failure {}
        if killsWorker {
          for pid in world.server.workers() { kill(pid, SIGKILL) }
        } else {
          push.signal(SIGKILL)
        }
      }
      let ended = Push(try await push.ended())
      if ended.status == 0 { return }
      #expect(attempt < 2, "\(ended)")
    }
  }
}
