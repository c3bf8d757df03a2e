import Domain
import Foundation
import Glibc
import Testing

/// Landings where main lives elsewhere.
@Suite struct UpstreamStories {
  @Test func `a landing is at the upstream, and here, and nothing else is left there`() async throws {
    try await World.run { world in
      let upstream = try await world.upstream()
      let push = try await world.client.submit(Work("one", ["a.txt": "one\n"]))
      let tip = try await push.expectLanded(in: world)
      #expect(try await upstream.tip() == tip)
      let together = try await [
        "b": world.client.make(Work("two", ["b.txt": "two\n"])), "c": world.client.make(Work("three", ["c.txt": "3\n"])),
      ]
      let both = try await world.client.push(together.map { "\($0.value):refs/heads/submit/\($0.key)" })
      #expect(both.status == 0, "\(both)")
      #expect(try await upstream.tip() == world.server.tip())
      // What was shown as staging goes with the next exchange.
      _ = try await world.client.submit(Work("last", ["a.txt": "last\n"])).expectLanded(in: world)
      #expect(try await upstream.refs() == ["refs/heads/main"])
    }
  }
}
