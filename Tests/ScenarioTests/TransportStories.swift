import Domain
import Testing

@Suite struct TransportStories {
  @Test(arguments: Transport.possible)
  func `a submission lands, is refused and is known by its pusher over every transport`(transport: Transport)
    async throws
  {
    try await World.run(over: transport) { world in
      let push = try await world.client.submit(Work("good", ["a.txt": "good\n"]))
      let tip = try await push.expectLanded(in: world)
      #expect(try await world.server.certificate(of: tip)?["pushed_by"]?.string == "alice")
      try await world.client.submit(Work("bad", ["cases/one": "FAIL\n"])).expectRefused("regression_detected", "one")
      try await world.client.submit(Work("odd", ["b.txt": "x\n"]).with { $0.adjust = { $0.set("status", to: "x") } })
        .expectRefused("invalid_package", "/status")
      let later = try await world.client.submit(Work("later", ["b.txt": "later\n"]), "nowait")
      #expect(later.status == 0 && later.text.contains("-> refs/queued/sub-"), "\(later)")
      _ = try await world.server.sluice("watch", later.submissions.first ?? "")
      let blob = try await world.client.submit(Work("blob", ["c.txt": "blob\n"]).with { $0.embedding = .blob })
      _ = try await blob.expectLanded(in: world)
      let commit = try await world.client.fetch() ?? ""
      let ordinary = try await world.client.push(["\(commit):refs/heads/topic"])
      #expect(ordinary.status == 0, "\(ordinary)")
      let bob = try await world.client("bob")
      let second = try await bob.submit(Work("bobs", ["d.txt": "bob\n"]))
      let bobs = try await second.expectLanded(in: world)
      #expect(try await world.server.certificate(of: bobs)?["pushed_by"]?.string == "bob")
    }
  }
}
