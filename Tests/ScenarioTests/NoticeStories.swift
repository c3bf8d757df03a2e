import Domain
import Foundation
import Glibc
import Testing

/// Who is told what became of a submission, whatever the receivers do.
@Suite struct NoticeStories {
  private static let landing = [
    "submission_received", "integration_started", "integration_success", "deployment_started", "deployment_success",
  ]

  private func types(_ requests: [JSONValue]) -> [String] { requests.compactMap { $0["body"]?["type"]?.string } }
  private func ids(_ requests: [JSONValue]) -> [String] { requests.compactMap { $0["id"]?.string } }

  @Test func `a webhook is told of a landing and of a refusal, in order and signed`() async throws {
    let receiver = try await Receiver()
    try await World.run(receiver.base(receiver.settings())) { world in
      let push = try await world.client.submit(Work("good", ["a.txt": "good\n"]))
      let tip = try await push.expectLanded(in: world)
      try await receiver.hears("Successfully deployed good to main branch")
      let told = receiver.requests(of: push.submissions.first ?? "")
      #expect(types(told) == Self.landing)
      #expect(told.allSatisfy { $0["verified"] == true && $0["path"] == "/hook" }, "\(told)")
      #expect(Set(ids(told)).count == told.count)
      let data = try #require(told.last?["body"]?["data"])
      #expect(data["repository"] == "server.git" && data["landed_commit"]?.string == tip)
      #expect(told.first?["body"]?["data"]?["message"] == "Agent work received: good")

      let bad = try await world.client.submit(Work("bad", ["cases/three": "FAIL\n"]))
      #expect(bad.status == 1, "\(bad)")
      try await receiver.hears("integration_failed")
      let last = try #require(receiver.requests(of: bad.submissions.first ?? "").last)
      #expect(last["body"]?["type"] == "integration_failed")
      #expect(last["body"]?["data"]?["message"]?.string?.hasPrefix("Integration failed for bad: ") == true, "\(last)")
      try await world.eventually("all taken") {
        try await world.server.sluice("notices").out == "every notification was taken\n"
      }
    }
  }

  @Test func `a receiver hears only of the events that are named`() async throws {
    let receiver = try await Receiver()
    try await World.run(receiver.base(events: "deployment_success", receiver.settings())) { world in
      _ = try await world.client.submit(Work("good", ["a.txt": "good\n"])).expectLanded(in: world)
      try await receiver.hears("deployment_success")
      #expect(types(receiver.requests) == ["deployment_success"])
    }
  }

  @Test func `a server that fails is tried again, with the same id, before what came after`() async throws {
    let receiver = try await Receiver("503", "500")
    try await World.run(receiver.base(receiver.settings())) { world in
      let push = try await world.client.submit(Work("good", ["a.txt": "good\n"]))
      _ = try await push.expectLanded(in: world)
      try await receiver.hears("deployment_success")
      let told = receiver.requests(of: push.submissions.first ?? "")
      #expect(types(told) == ["submission_received", "submission_received"] + Self.landing)
      #expect(Set(ids(Array(told.prefix(3)))).count == 1, "\(ids(told))")
      #expect(told.allSatisfy { $0["verified"] == true }, "\(told)")
    }
  }

  @Test func `nothing goes to a private address before the administrator allows it`() async throws {
    let receiver = try await Receiver()
    let settings = try receiver.settings().filter { $0.key != "sluice.allowPrivateUrls" }
    try await World.run(receiver.base(events: "deployment_success", settings)) { world in
      _ = try await world.client.submit(Work("good", ["a.txt": "good\n"])).expectLanded(in: world)
      let dead = try await deadLetters(1, in: world)
      #expect(
        dead[0]["error"]?.string?.contains("nothing allows it (git config --add sluice.allowPrivateUrls)") == true)
      #expect(receiver.requests == [])
      let mallory = try await world.server.sluice(
        "notices", "retry", "--dead", environment: ["SLUICE_USER": "mallory"])
      #expect(mallory.status == 1 && mallory.text.contains("unauthorized"), "\(mallory.text)")

      try await world.server.git("config", "--add", "sluice.allowPrivateUrls", "127.0.0.1")
      let id = dead[0]["id"]?.string ?? ""
      #expect(try await world.server.sluice("notices", "retry", id).status == 0)
      try await receiver.hears(id)
      #expect(types(receiver.requests) == ["deployment_success"])
      #expect(try await world.server.sluice("notices", "retry", "msg-1-a").status == 1)
    }
  }

  @Test func `no redirect is followed`() async throws {
    let receiver = try await Receiver("302:http://127.0.0.1:PORT/stolen")
    try await World.run(receiver.base(receiver.settings())) { world in
      _ = try await world.client.submit(Work("good", ["a.txt": "good\n"])).expectLanded(in: world)
      try await receiver.hears("deployment_success")
      #expect(receiver.requests.allSatisfy { $0["path"] == "/hook" }, "\(receiver.requests)")
      let dead = try await deadLetters(1, in: world)
      #expect(dead[0]["event"] == "submission_received")
      #expect(dead[0]["error"] == "it answered 302, and no redirect is followed")
    }
  }

  @Test func `a receiver that says 410 is left alone`() async throws {
    let receiver = try await Receiver("410", "410", "410", "410", "410")
    try await World.run(receiver.base(receiver.settings()), canary: false) { world in
      _ = try await world.client.submit(Work("good", ["a.txt": "good\n"])).expectLanded(in: world)
      let dead = try await deadLetters(Self.landing.count, in: world)
      #expect(dead.compactMap { $0["event"]?.string } == Self.landing)
      #expect(dead.allSatisfy { $0["error"]?.string?.hasPrefix("it answered 410") == true }, "\(dead)")
      try await world.server.endWorker()
      let again = try world.server.start("worker")
      try await world.eventually("a worker") { !world.server.workers().isEmpty }
      again.signal(SIGTERM)
      _ = try await again.ended()
      #expect(receiver.requests.count <= Self.landing.count)
    }
  }

  @Test func `a receiver that never answers delays nothing, and the next worker tries again`() async throws {
    let receiver = try await Receiver("hang")
    try await World.run(receiver.base(events: "submission_received", receiver.settings())) { world in
      let push = try await world.client.submit(Work("good", ["a.txt": "good\n"]))
      _ = try await push.expectLanded(in: world)
      try await receiver.hears("submission_received")
      let before = ContinuousClock.now
      try await world.server.endWorker()
      #expect(ContinuousClock.now - before < .seconds(10), "the worker waits for a receiver")
      _ = try await world.client.submit(Work("next", ["b.txt": "next\n"])).expectLanded(in: world)
      try await receiver.hears("Agent work received: next")
      let told = receiver.requests(of: push.submissions.first ?? "")
      #expect(told.count == 2 && Set(ids(told)).count == 1, "\(told)")
    }
  }

  @Test(arguments: ["notice.send_before", "notice.send_after", "notice.mark_before"])
  func `a worker that dies while it sends is followed by one that sends the same again`(point: String) async throws {
    let receiver = try await Receiver()
    try await World.run(receiver.base(receiver.settings())) { world in
      let work = Work("good", ["a.txt": "good\n"])
      let object = try await world.client.make(work)
      let push = try await world.client.push(
        ["\(object):\(work.pushedRef)"], ["nowait"], environment: ["SLUICE_FAILPOINT": "\(point)=kill9"])
      _ = try await world.client.push(["\(object):\(work.pushedRef)"])
      try await receiver.hears("deployment_success")
      let told = receiver.requests(of: push.submissions.first ?? "")
      let seen = ids(told)
      let firsts = told.enumerated().filter { !seen.prefix($0.offset).contains(seen[$0.offset]) }.map(\.element)
      // The integration that died with the worker is begun again.
      let kinds = types(firsts).reduce(into: [String]()) { if $0.last != $1 { $0.append($1) } }
      #expect(kinds == Self.landing, "\(point): \(types(told))")
      #expect((firsts.count == told.count) == (point == "notice.send_before"), "\(point): \(types(told))")
    }
  }

  @Test func `a secret that others can read is not used, and nothing is sent unsigned instead`() async throws {
    let receiver = try await Receiver()
    try await World.run(receiver.base(events: "deployment_success", receiver.settings())) { world in
      chmod(receiver.folder.path + "/secrets", 0o644)
      _ = try await world.client.submit(Work("good", ["a.txt": "good\n"])).expectLanded(in: world)
      try await world.eventually("a failure") {
        let waiting = try await world.server.json("notices").array?.first
        return waiting?["error"]?.string?.contains("others may read or write it (chmod 600)") == true
      }
      #expect(receiver.requests == [])
      chmod(receiver.folder.path + "/secrets", 0o600)
      #expect(try await world.server.sluice("notices", "retry", waitingID(in: world)).status == 0)
      try await receiver.hears("\"verified\": true")
    }
  }

  @Test func `programs, mail, notes and chats are told by the administrator's settings`() async throws {
    let receiver = try await Receiver()
    let scripts = try Folder()
    chmod(scripts.path, 0o777)
    let tell = "#!/bin/sh\n{ echo \"$1 $SLUICE_EVENT $SLUICE_NOTICE_ID\"; cat; } >> \(scripts.path)/told\n"
    let sendmail = "#!/bin/sh\n{ echo \"args: $*\"; cat; } >> \(scripts.path)/mail\n"
    try TestServer.write(tell, to: scripts.path + "/tell", executable: true)
    try TestServer.write(sendmail, to: scripts.path + "/sendmail", executable: true)
    func file(_ name: String) -> String {
      String(decoding: FileManager.default.contents(atPath: "\(scripts.path)/\(name)") ?? Data(), as: UTF8.self)
    }
    let base = Base().with {
      $0.config += [
        ("sluice.allowPrivateUrls", "127.0.0.1"), ("sluice.sendmail", scripts.path + "/sendmail"),
        ("sluice.notify", "command \(scripts.path)/tell first events=freeze,recovery,deployment_success"),
        ("sluice.notify", "mail ops@example.org events=deployment_success"), ("sluice.notify", "notes"),
        ("sluice.notify", "slack \(receiver.url) events=submission_received"),
      ]
    }
    try await World.run(base) { world in
      let push = try await world.client.submit(
        Work("a<b>&c", ["a.txt": "good\n"]).with { $0.ref = "refs/heads/submit/abc" })
      let tip = try await push.expectLanded(in: world)
      try await receiver.hears("{\"text\": \"server.git: Agent work received: a&lt;b&gt;&amp;c\"}")
      #expect(try await world.server.sluice("freeze").status == 0)
      try await world.eventually("told of the freeze") { file("told").contains("main is frozen by") }
      #expect(try await world.server.sluice("resume").status == 0)
      try await world.eventually("told") {
        file("told").contains("main is open again") && file("mail").contains("deployed")
      }
      #expect(file("told").contains("first deployment_success msg-"))
      let mail = file("mail")
      #expect(mail.contains("args: -i -f sluice@localhost -- ops@example.org\n"), "\(mail)")
      #expect(mail.contains("Subject: [server.git] Successfully deployed a<b>&c to main branch\n"), "\(mail)")
      #expect(mail.contains("\nlanded_commit: \(tip)\n"), "\(mail)")
      try await world.eventually("noted") {
        let notes = try await world.server.git("log", "-1", "--format=%N", "--notes=sluice-events", tip)
        return notes.contains(" deployment_success Successfully deployed a<b>&c to main branch [msg-")
      }
    }
  }

  @Test func `a program that the settings name no more is not run, whatever waits for it`() async throws {
    let scripts = try Folder()
    chmod(scripts.path, 0o777)
    let tell = "#!/bin/sh\necho run >> \(scripts.path)/runs\nexit 1\n"
    try TestServer.write(tell, to: scripts.path + "/tell", executable: true)
    let base = Base().with {
      $0.config.append(("sluice.notify", "command \(scripts.path)/tell events=deployment_success"))
    }
    try await World.run(base) { world in
      _ = try await world.client.submit(Work("good", ["a.txt": "good\n"])).expectLanded(in: world)
      try await world.eventually("a failure") {
        try await world.server.json("notices").array?.first?["error"]?.string?.hasSuffix("/tell ended with status 1")
          == true
      }
      try await world.server.endWorker()
      try await world.server.git("config", "--unset-all", "sluice.notify")
      let runs = FileManager.default.contents(atPath: scripts.path + "/runs")
      #expect(try await world.server.sluice("notices", "retry", waitingID(in: world)).status == 0)
      let dead = try await deadLetters(1, in: world)
      #expect(dead[0]["error"] == "git config sluice.notify names this receiver no more")
      #expect(FileManager.default.contents(atPath: scripts.path + "/runs") == runs)
    }
  }

  @Test func `a quarantine is told, and what was found is not`() async throws {
    let receiver = try await Receiver()
    try await World.run(receiver.base(receiver.settings())) { world in
      let push = try await world.client.submit(QuarantineStories.leak("leak"))
      try await receiver.hears("security_quarantine")
      let told = try #require(receiver.requests(of: push.submissions.first ?? "").last)
      let finding = try #require(told["body"]?["data"]?["findings"]?.array?.first?.object)
      #expect(finding.members.map(\.name) == ["rule", "severity", "path", "line"])
      #expect(finding["path"] == "config.py")
    }
  }

  private func waitingID(in world: World) async throws -> String {
    try await world.server.json("notices").array?.first?["id"]?.string ?? ""
  }

  private func deadLetters(_ count: Int, in world: World) async throws -> [JSONValue] {
    var dead: [JSONValue] = []
    try await world.eventually("\(count) dead letters") {
      dead = try await world.server.json("notices").array?.filter { $0["state"] == "dead" } ?? []
      return dead.count == count
    }
    return dead
  }
}
