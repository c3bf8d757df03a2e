import Domain
import Foundation
import Glibc
import Testing

/// Every failpoint in the sources is a crash here: a new one brings its own story, and one that is never passed fails it.
@Suite struct CrashStories {
  static let hookPoints = Built.failpoints.filter { name in ["pre.", "proc.", "post."].contains { name.hasPrefix($0) } }
  /// Passed where a landing is taken back.
  static let rollbackPoints = Built.failpoints.filter { $0.hasPrefix("rollback.") }
  /// Those on the way to an upstream are in the stories of that.
  static let workerPoints = Built.failpoints.filter {
    !hookPoints.contains($0) && !rollbackPoints.contains($0) && !$0.hasPrefix("deliver.")
  }

  @Test func `the crash points of acceptance and landing are in the sources`() {
    for space in ["proc.", "recon.", "merge.", "prom.", "clean.", "rollback."] {
      #expect(Built.failpoints.contains { $0.hasPrefix(space) }, "no failpoint \(space)*")
    }
  }

  @Test(arguments: workerPoints)
  func `a worker that dies at any step is followed by one that carries on`(point: String) async throws {
    let told = "#!/bin/sh\ncat >> \"$GIT_DIR/../told\"\n"
    let base = Base.judged(by: Base.policy("staging:\n  smoke: { run: 'true' }\n")).with {
      $0.hooks = ["post-receive": told]
      $0.config = [("sluice.notify", "notes")]
    }
    try await World.run(base) { world in
      let work = Work("crash", ["a.txt": "crash\n"])
      let object = try await world.client.make(work)
      // The worker that this push starts dies before it does anything.
      let accepted = try await world.client.push(
        ["\(object):\(work.pushedRef)"], ["nowait"], environment: ["SLUICE_FAILPOINT": "recon.begin=kill9"])
      #expect(accepted.status == 0, "\(accepted)")
      let worker = try await world.server.worker(dyingAt: point)
      #expect(worker.status == 128 + SIGKILL, "\(point) was not passed: \(worker.text)")
      let again = try await world.client.push(["\(object):\(work.pushedRef)"])
      #expect(again.status == 0, "\(point): \(again)")
      #expect(try await world.server.history() == ["base", "Work on crash"], "\(point)")
      let tip = try await world.server.tip() ?? ""
      try await world.server.endWorker()
      let lines = String(
        decoding: FileManager.default.contents(atPath: world.folder.path + "/told") ?? Data(), as: UTF8.self)
      #expect(lines.contains(" \(tip) refs/heads/main"), "\(point): post-receive was not told: \(lines)")
    }
  }

  @Test(arguments: 1...3)
  func `whoever watches is told the end, though the worker dies between writing it down and saying it`(
    passage: Int
  ) async throws {
    try await World.run { world in
      let work = Work("crash", ["a.txt": "crash\n"])
      let object = try await world.client.make(work)
      let accepted = try await world.client.push(
        ["\(object):\(work.pushedRef)"], ["nowait"], environment: ["SLUICE_FAILPOINT": "recon.begin=kill9"])
      let id = try #require(accepted.submissions.first)
      let worker = try await world.server.worker(dyingAt: "journal.before", passage: passage)
      #expect(worker.status == 128 + SIGKILL, "passage \(passage) was not reached: \(worker.text)")
      _ = try await world.client.submit(Work("next", ["b.txt": "next\n"]))
      let watched = try await world.server.sluice("watch", id)
      #expect(watched.status == 0 && watched.text.contains("landed on main"), "\(watched.text)")
    }
  }

  @Test(arguments: hookPoints)
  func `a hook that dies at any step leaves a push that can be made again`(point: String) async throws {
    try await World.run { world in
      let work = Work("crash", ["a.txt": "crash\n"])
      let object = try await world.client.make(work)
      let first = try await world.client.push(
        ["\(object):\(work.pushedRef)"], environment: ["SLUICE_FAILPOINT": "\(point)=kill9"])
      // Once the report is on its way the pusher may have read it all.
      let mayBeTold = point.hasPrefix("post.") || point == "proc.during_report"
      if !mayBeTold { #expect(first.status != 0, "\(point) was not passed: \(first)") }
      let again = try await world.client.push(["\(object):\(work.pushedRef)"])
      #expect(again.status == 0, "\(point): \(again)")
      #expect(try await world.server.history() == ["base", "Work on crash"], "\(point)")
    }
  }

  @Test func `an acknowledgement comes after the work is safe`() async throws {
    try await World.run { world in
      #expect(try await world.server.sluice("pause").status == 0)
      let push = try await world.client.submit(Work("safe", ["a.txt": "safe\n"]), "nowait")
      let id = try #require(push.submissions.first)
      let record = try await world.server.git("cat-file", "-p", "refs/sluice/inbox/\(id)")
      #expect(record.contains("\"\(id)\""), "\(record)")
      try await world.server.endWorker(by: SIGKILL)
      #expect(try await world.server.sluice("resume").status == 0)
      _ = try await world.client.submit(Work("next", ["b.txt": "next\n"]))
      #expect(try await world.server.file("a.txt") == "safe\n")
    }
  }

  @Test func `a ledger from before a landing is noticed, and nothing lands on it`() async throws {
    try await World.run(canary: false) { world in
      _ = try await world.client.submit(Work("one", ["a.txt": "one\n"])).expectLanded(in: world)
      try await world.server.endWorker()
      let ledger = world.server.repository + "/sluice/ledger.sqlite"
      let old = try #require(FileManager.default.contents(atPath: ledger))
      let tip = try await world.client.submit(Work("two", ["b.txt": "two\n"])).expectLanded(in: world)
      try await world.server.endWorker()
      let new = try #require(FileManager.default.contents(atPath: ledger))
      try old.write(to: URL(filePath: ledger))
      let push = try await world.client.submit(Work("three", ["c.txt": "three\n"]), "nowait")
      let worker = try await world.server.sluice("worker")
      #expect(worker.status == 4, "\(worker.text)")
      #expect(worker.text.contains("ledger"), "\(worker.text)")
      #expect(try await world.server.tip() == tip)
      try new.write(to: URL(filePath: ledger))
      let watched = try await world.server.sluice("watch", push.submissions.first ?? "")
      #expect(watched.status == 0, "\(watched.text)")
    }
  }
}
