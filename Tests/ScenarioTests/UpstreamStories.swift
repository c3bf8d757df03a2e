import Domain
import Foundation
import Glibc
import Testing

/// Landings where main lives elsewhere.
@Suite struct UpstreamStories {
  @Test(arguments: Transport.possible)
  func `a landing is at the upstream, and here, and nothing else is left there`(transport: Transport) async throws {
    try await World.run { world in
      let upstream = try await world.upstream(over: transport)
      let tip = try await world.client.submit(Work("one", ["a.txt": "one\n"])).expectLanded(in: world)
      #expect(try await upstream.tip() == tip)
      let two = try await world.client.make(Work("two", ["b.txt": "two\n"]))
      let three = try await world.client.make(Work("three", ["c.txt": "three\n"]))
      let both = try await world.client.push(["\(two):refs/heads/submit/two", "\(three):refs/heads/submit/three"])
      #expect(both.status == 0, "\(both)")
      #expect(try await upstream.tip() == world.server.tip())
      // What was shown as staging goes with the next exchange.
      _ = try await world.client.submit(Work("last", ["a.txt": "last\n"])).expectLanded(in: world)
      #expect(try await upstream.refs() == ["refs/heads/main"])
      let doctor = try await world.server.sluice("doctor")
      #expect(doctor.out.contains("answers, its main is at"), "\(doctor.text)")
    }
  }

  @Test func `an ecdsa key opens the upstream too`() async throws {
    try await World.run { world in
      let upstream = try await world.upstream(over: .ssh, key: "ecdsa")
      let tip = try await world.client.submit(Work("one", ["a.txt": "one\n"])).expectLanded(in: world)
      #expect(try await upstream.tip() == tip)
    }
  }

  // MARK: Others push there too

  @Test(arguments: Transport.possible)
  func `what others pushed to the upstream is integrated on`(transport: Transport) async throws {
    try await World.run { world in
      let upstream = try await world.upstream(over: transport)
      try await upstream.push("foreign", ["a.txt": .text("foreign\n" + Base.lines(of: "a"))])
      try await upstream.push("and more", ["c.txt": "c\n"])
      let ours = Work("ours", ["a.txt": .text(Base.lines(of: "a") + "ours\n")])
      let tip = try await world.client.submit(ours).expectLanded(in: world)
      #expect(try await upstream.tip() == tip)
      #expect(try await upstream.history() == ["base", "foreign", "and more", "Work on ours"])
      #expect(try await world.server.file("a.txt") == "foreign\n" + Base.lines(of: "a") + "ours\n")
      let audit = try await world.server.sluice("audit")
      #expect(audit.status == 0 && audit.out.contains("1 landing proven"), "\(audit.text)")
      let adopted = try await world.server.certificate(of: "\(tip)^")
      #expect(adopted?["adopted_by"]?.string == "upstream", "\(String(describing: adopted))")
    }
  }

  /// Where somebody else's push comes in the very middle: while staging is shown, or while the landing is being received.
  @Test(arguments: ["refs/heads/staging/*", "refs/heads/main"], Transport.possible)
  func `a push in the middle is integrated on, and nothing is overwritten`(
    ref: String, transport: Transport
  ) async throws {
    try await World.run { world in
      let upstream = try await world.upstream(over: transport)
      let base = try await upstream.tip()
      let foreign = try await upstream.push("foreign", ["c.txt": "c\n"])
      try await upstream.git("update-ref", "refs/foreign", foreign)
      try await upstream.git("update-ref", "refs/heads/main", base)
      // The hook runs after the old value was looked at, and before the ref moves.
      try upstream.hook(
        "update",
        """
        case $1 in \(ref))
          if git rev-parse -q --verify refs/foreign >/dev/null; then
            git update-ref refs/heads/main refs/foreign && git update-ref -d refs/foreign
          fi
        esac

        """)
      let push = try await world.client.submit(Work("ours", ["a.txt": "ours\n"]))
      let tip = try await push.expectLanded(in: world)
      #expect(try await upstream.tip() == tip)
      #expect(try await upstream.history() == ["base", "foreign", "Work on ours"])
      #expect(push.text.contains("integrating again"), "\(push)")
    }
  }

  @Test func `an upstream that was taken back is not written over`() async throws {
    try await World.run { world in
      let upstream = try await world.upstream()
      let landed = try await world.client.submit(Work("one", ["a.txt": "one\n"])).expectLanded(in: world)
      try await world.server.endWorker()
      try await upstream.git("update-ref", "refs/heads/main", "\(landed)^")
      let push = try await world.client.start(Work("two", ["b.txt": "two\n"]))
      try await push.says("stands before \(landed.prefix(7))")
      #expect(try await upstream.history() == ["base"])
      try await upstream.git("update-ref", "refs/heads/main", landed)
      let ended = Push(try await push.ended())
      _ = try await ended.expectLanded(in: world)
      #expect(try await upstream.history() == ["base", "Work on one", "Work on two"])
    }
  }

  // MARK: The upstream does not answer

  @Test func `an outage parks what was pushed, and each lands once when it is over`() async throws {
    try await World.run { world in
      let upstream = try await world.upstream()
      let away = upstream.repository + ".away"
      rename(upstream.repository, away)
      let first = try await world.client.start(Work("one", ["a.txt": "one\n"]))
      let second = try await world.client.start(Work("two", ["b.txt": "two\n"]))
      try await first.says("cannot be reached")
      try await second.says("it waits and is tried again")
      let doctor = try await world.server.sluice("doctor")
      #expect(doctor.out.contains("cannot be reached"), "\(doctor.text)")
      rename(away, upstream.repository)
      #expect(try await first.ended().status == 0)
      #expect(try await second.ended().status == 0)
      let history = try await upstream.history()
      #expect(history.sorted() == ["Work on one", "Work on two", "base"], "\(history)")
    }
  }

  @Test func `a landing whose answer was lost has happened once`() async throws {
    try await World.run { world in
      let upstream = try await world.upstream()
      let before = try upstream.moves()
      // The connection breaks after the ref has moved.
      try upstream.hook(
        "post-receive", "grep -q refs/heads/main && [ ! -e lost ] && touch lost && kill -9 $PPID\nexit 0\n")
      let tip = try await world.client.submit(Work("one", ["a.txt": "one\n"])).expectLanded(in: world)
      #expect(FileManager.default.fileExists(atPath: upstream.repository + "/lost"))
      #expect(try await upstream.tip() == tip)
      #expect(try upstream.moves() == before + 1)
    }
  }

  @Test func `what the upstream refuses is told, and main stays where it was`() async throws {
    try await World.run(canary: false) { world in
      let upstream = try await world.upstream()
      try upstream.hook("update", "[ $1 != refs/heads/main ]\n")
      let push = try await world.client.submit(Work("one", ["a.txt": "one\n"]))
      push.expectRefused("deployment_failed", "the upstream refuses main", "hook declined")
      #expect(try await world.server.tip() == world.server.start)
      #expect(try await upstream.tip() == world.server.start)
    }
  }

  @Test func `a host key that has changed stops everything until somebody has looked`() async throws {
    try await World.run { world in
      let upstream = try await world.upstream(over: .ssh)
      let shell = try await SecureShell.shared.get()
      let file = world.folder.path + "/known_hosts"
      try TestServer.write(shell.knownHost(key: "stranger"), to: file)
      let push = try await world.client.start(Work("one", ["a.txt": "one\n"]))
      try await push.says("the host key of 127.0.0.1 has changed: it shows ssh-ed25519 SHA256:")
      #expect(try await upstream.tip() == world.server.start)
      try TestServer.write(shell.knownHost(), to: file)
      _ = try await Push(push.ended()).expectLanded(in: world)
    }
  }

  @Test func `a token that is refused is named, and never shown`() async throws {
    try await World.run { world in
      let upstream = try await world.upstream(over: .http)
      try world.token("alice:wrong-token")
      let push = try await world.client.start(Work("one", ["a.txt": "one\n"]))
      try await push.says("refuses the token in")
      #expect(try await upstream.tip() == world.server.start)
      try world.token("alice:secret-alice")
      let ended = Push(try await push.ended())
      _ = try await ended.expectLanded(in: world)
      #expect(!ended.text.contains("wrong-token"), "\(ended)")
    }
  }

  // MARK: Crashes

  @Test(arguments: [
    "deliver.before", "deliver.after_push", "prom.before_ref", "prom.after_ref", "prom.after_sync",
    "prom.before_commit",
    "prom.after_commit",
  ])
  func `a worker that dies on the way to the upstream is followed by one that pushes nothing twice`(
    point: String
  ) async throws {
    try await World.run { world in
      let upstream = try await world.upstream()
      let before = try upstream.moves()
      let object = try await world.client.make(Work("crash", ["a.txt": "crash\n"]))
      let refspec = "\(object):refs/heads/submit/crash"
      let accepted = try await world.client.push(
        [refspec], ["nowait"], environment: ["SLUICE_FAILPOINT": "recon.begin=kill9"])
      #expect(accepted.status == 0, "\(accepted)")
      let worker = try await world.server.worker(dyingAt: point)
      #expect(worker.status == 128 + SIGKILL, "\(point) was not passed: \(worker.text)")
      let again = try await world.client.push([refspec])
      #expect(again.status == 0, "\(point): \(again)")
      #expect(try await upstream.tip() == world.server.tip())
      #expect(try await upstream.history() == ["base", "Work on crash"])
      #expect(try upstream.moves() == before + 1, "\(point)")
    }
  }

  @Test(arguments: ["deliver.before_follow", "deliver.after_settling"])
  func `what came to the upstream meanwhile is taken over, whoever dies`(point: String) async throws {
    try await World.run { world in
      let upstream = try await world.upstream()
      let object = try await world.client.make(Work("crash", ["a.txt": "crash\n"]))
      let refspec = "\(object):refs/heads/submit/crash"
      _ = try await world.client.push([refspec], ["nowait"], environment: ["SLUICE_FAILPOINT": "recon.begin=kill9"])
      if point == "deliver.after_settling" { _ = try await world.server.worker(dyingAt: "deliver.after_push") }
      try await upstream.push("foreign", ["c.txt": "c\n"])
      let worker = try await world.server.worker(dyingAt: point)
      #expect(worker.status == 128 + SIGKILL, "\(point) was not passed: \(worker.text)")
      let again = try await world.client.push([refspec])
      #expect(again.status == 0, "\(point): \(again)")
      let tip = try await world.client.submit(Work("next", ["b.txt": "next\n"])).expectLanded(in: world)
      #expect(try await upstream.tip() == tip)
      #expect(try await upstream.history().sorted() == ["Work on crash", "Work on next", "base", "foreign"])
    }
  }
}
