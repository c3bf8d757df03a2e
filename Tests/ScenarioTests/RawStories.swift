import Foundation
import Testing

@Suite struct RawStories {
  private typealias Command = (old: String, new: String, ref: String)

  @Test func `a client that lies byte by byte brings nothing`() async throws {
    try await World.run { world in
      let tip = try #require(try await world.server.tip())
      let object = try await self.uploaded(to: world)
      let before = try await world.snapshot()
      let zero = RawPush.zero
      let missing = String(repeating: "1234567890", count: 4)
      let rows: [(String, [Command])] = [
        ("a forged line", [(zero, object, "refs/heads/submit/x\n\(tip) \(object) refs/heads/main")]),
        ("a forged line of an ordinary ref", [(zero, object, "refs/heads/topic\n\(tip) \(object) refs/heads/main")]),
        ("a path out of submit", [(zero, object, "refs/heads/submit/../../x")]),
        ("a path to main", [(zero, object, "refs/heads/submit/../main")]), ("a file", [(zero, object, "config")]),
        ("HEAD", [(tip, zero, "HEAD")]), ("a bare name", [(zero, object, "main")]),
        ("no name", [(zero, object, "refs/")]),
        ("an escape", [(zero, object, "refs/heads/submit/\u{1b}[31mx")]),
        ("a carriage return", [(zero, object, "refs/heads/submit/x\r")]),
        ("a space", [(zero, object, "refs/heads/submit/x y")]), ("a tab", [(zero, object, "refs/heads/submit/x\ty")]),
        ("an object that is not there", [(zero, missing, "refs/heads/submit/x")]),
        ("one name twice", [(zero, object, "refs/heads/submit/x"), (zero, object, "refs/heads/submit/x")]),
        ("main by its old and new id", [(tip, object, "refs/heads/main")]),
        ("main with a stale old id", [(object, tip, "refs/heads/main")]),
        ("the inbox", [(zero, object, "refs/sluice/inbox/sub-1-a")]),
      ]
      for (row, commands) in rows {
        let answer = try await RawPush(commands).send(to: world.server)
        #expect(!answer.text.contains("ok refs"), "\(row): \(answer.text)")
        let isRefused = answer.text.contains("ng ") || answer.status != 0
        #expect(isRefused, "\(row): \(answer.status) \(answer.text)")
        #expect(!answer.text.contains("Fatal error") && answer.status < 128, "\(row): \(answer.text)")
        let after = try await world.snapshot()
        #expect(after == before, "\(row) changed something")
      }
      try await world.server.git("update-ref", "-d", "refs/sluice-test/object")
    }
  }

  @Test func `names that are no text are shown escaped`() async throws {
    try await World.run { world in
      let object = try await self.uploaded(to: world)
      var push = RawPush([(RawPush.zero, object, "")])
      push.commands[0].ref = Array("refs/heads/submit/".utf8) + [0xFF, 0xFE]
      let answer = try await push.send(to: world.server)
      #expect(answer.text.contains("invalid_push"), "\(answer.text)")
      try await world.server.git("update-ref", "-d", "refs/sluice-test/object")
    }
  }

  @Test func `broken protocol and packs leave nothing behind`() async throws {
    try await World.run { world in
      let tip = try #require(try await world.server.tip())
      let before = try await world.snapshot()
      let pack = RawPush.emptyPack
      var huge = Array("PACK".utf8) + [0, 0, 0, 2, 0, 0, 0, 1, 0xBF, 0xFF, 0xFF, 0x7F]
      huge += [UInt8](repeating: 7, count: 1_000)
      for (row, bytes) in [
        ("garbage", [UInt8](repeating: 65, count: 5_000)), ("cut off", Array(pack.dropLast(5))),
        ("a wrong sum", pack.dropLast() + [0]), ("a bad object", huge), ("nothing", []),
      ] {
        var push = RawPush([(RawPush.zero, tip, "refs/heads/submit/x")])
        push.pack = bytes
        let answer = try await push.send(to: world.server)
        #expect(!answer.text.contains("ok refs"), "\(row): \(answer.text)")
        let after = try await world.snapshot()
        #expect(after == before, "\(row) changed something")
      }
      for (row, text) in [
        ("a bad length", "zzzz"), ("three digits of an id", "0033abc abc refs/heads/submit/x\0 report-status\n0000"),
      ] {
        let answer = try await RawPush.send(Array(text.utf8), to: world.server)
        #expect(answer.status != 0 || answer.text.contains("fatal"), "\(row): \(answer.text)")
        let after = try await world.snapshot()
        #expect(after == before, "\(row) changed something")
      }
    }
  }

  @Test func `too many refs and options are refused at once`() async throws {
    try await World.run { world in
      let object = try await self.uploaded(to: world)
      let before = try await world.snapshot()
      let clock = ContinuousClock()
      let many = RawPush((0..<20_000).map { (RawPush.zero, object, "refs/heads/submit/n\($0)") })
      let took = try await clock.measure {
        let answer = try await many.send(to: world.server)
        #expect(answer.text.contains("limit_exceeded"), "\(answer.text.prefix(2_000))")
      }
      #expect(took < .seconds(10))
      for (row, options) in [
        ("70 of 60 kB", (0..<70).map { _ in [UInt8](repeating: 120, count: 60_000) }),
        ("100,000", (0..<100_000).map { Array("o\($0)".utf8) }),
        ("9 options", (0..<9).map { Array("depends-on=t\($0)".utf8) }),
        ("one of 2 kB", [Array(("depends-on=" + String(repeating: "x", count: 2_000)).utf8)]),
        ("a line break", [Array("priority=low\ncancel".utf8)]),
      ] {
        var push = RawPush([(RawPush.zero, object, "refs/heads/submit/x")])
        push.options = options
        let answer = try await push.send(to: world.server)
        #expect(!answer.text.contains("ok refs"), "\(row): \(answer.text.prefix(2_000))")
        let after = try await world.snapshot()
        #expect(after == before, "\(row) changed something")
      }
      try await world.server.git("update-ref", "-d", "refs/sluice-test/object")
    }
  }

  /// An object that the server has, so that an empty pack is enough.
  private func uploaded(to world: World) async throws -> String {
    let object = try await world.client.make(Work("raw", ["a.txt": "raw\n"]))
    try await world.server.git("fetch", "-q", world.client.repository, "+\(object):refs/sluice-test/object")
    return object
  }
}
