import Domain
import Testing

@Suite struct LandingStories {
  @Test(arguments: [Embedding.file, .tag, .blob])
  func `a good submission lands in the push that brings it`(embedding: Embedding) async throws {
    try await World.run { world in
      let work = Work("greeting", ["a.txt": .text(Base.lines(of: "a") + "hello\n"), "cases/three": "fine\n"])
      let push = try await world.client.submit(work.with { $0.embedding = embedding })
      #expect(push.status == 0, "\(push)")
      let tip = try #require(try await world.server.tip())
      #expect(push.remote.contains("success: landed on main as \(tip.prefix(7))"), "\(push)")
      #expect(push.text.contains("-> refs/landed/"), "\(push)")
      #expect(try await world.server.file("cases/three") == "fine\n")
      #expect(try await world.server.file(".sluice/package.json") == nil)
      #expect(try await world.server.history() == ["base", embedding == .blob ? "Work on greeting" : "Work on greeting"])
    }
  }
}
