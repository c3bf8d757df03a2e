import Domain
import Glibc
import Processes
import Testing

@Suite struct WatchTests {
  private static let integration = IntegrationID("int-1700000000-abcdefgh")

  /// A push that waits, accepted, and its request.
  private func accepted(
    _ world: World, _ refs: [String] = ["HEAD:refs/heads/submit/x"], options: [String] = []
  ) throws -> (Running, SubmissionRequest) {
    let push = try world.startPush(refs, options: options)
    _ = try #require(try push.line(with: "accepted"))
    return (push, try #require(try world.submissions().last))
  }

  private func end(_ state: SubmissionState, _ change: (inout SubmissionEnd) -> Void = { _ in }) -> SubmissionEnd {
    var end = SubmissionEnd(state, target: "main")
    end.integration = Self.integration
    change(&end)
    return end
  }

  @Test func `a landing is told line by line and answered with the landed ref`() throws {
    let world = try World()
    let worker = try StandInWorker(of: world)
    try world.submit(adding: ["src/b.txt": "two\n"])
    let (push, request) = try accepted(world)
    try worker.tell([.received(request), .queued(request, position: 1, of: 1, etaSeconds: nil)], of: request.id)
    #expect(try push.line(with: "position 1 of 1 for main") != nil)
    let old = try world.git(["rev-parse", "origin/main"])
    let landed = try world.git(["rev-parse", "HEAD"])
    try worker.tell(
      [
        .ended(
          request,
          end(.landed) {
            $0.old = ObjectID(hex: old)
            $0.landed = ObjectID(hex: landed)
          })
      ], of: request.id)
    let done = try push.finish()
    #expect(done.isSuccess)
    #expect(done.errors.contains("success: landed on main as \(landed.prefix(7))"), "\(done.errors)")
    #expect(done.errors.contains("\(old.prefix(7))..\(landed.prefix(7))  HEAD -> refs/landed/int-1700000000-abcdefgh"))
  }

  @Test func `a pushed commit that itself has landed is told as the target`() throws {
    let world = try World()
    let worker = try StandInWorker(of: world)
    try world.submit(adding: ["src/b.txt": "two\n"])
    let (push, request) = try accepted(world)
    let old = try world.git(["rev-parse", "HEAD~1"])
    try worker.tell(
      [
        .ended(
          request,
          end(.landed) {
            $0.old = ObjectID(hex: old)
            $0.landed = request.pushed
            $0.isFastForward = true
          })
      ], of: request.id)
    let done = try push.finish()
    #expect(done.errors.contains("HEAD -> main"), "\(done.errors)")
    #expect(try world.git(["rev-parse", "origin/main"]) == request.pushed.hex)
  }

  @Test func `a refusal ends the push with its category, its facts and what to do`() throws {
    let world = try World()
    let worker = try StandInWorker(of: world)
    try world.submit(adding: ["src/b.txt": "two\n"])
    let (push, request) = try accepted(world)
    let refusal = Refusal(.testFailures, "2 of 12 tests failed", details: ["tests.A fails"], hint: "mend it")
    try worker.tell([.ended(request, end(.rejected) { $0.refusal = refusal })], of: request.id)
    let done = try push.finish()
    #expect(done.exit == .status(1))
    #expect(done.errors.contains("! [remote rejected] HEAD -> submit/x (test_failures: 2 of 12 tests failed)"))
    #expect(done.errors.contains("error: sluice: test_failures: 2 of 12 tests failed"), "\(done.errors)")
    #expect(done.errors.contains("hint: mend it"))
  }

  @Test(arguments: [SubmissionState.superseded, .cancelled, .quarantined])
  func `an end without a landing is the reason of the refusal`(state: SubmissionState) throws {
    let world = try World()
    let worker = try StandInWorker(of: world)
    try world.submit(adding: ["src/b.txt": "two\n"])
    let (push, request) = try accepted(world)
    try worker.tell([.ended(request, end(state))], of: request.id)
    #expect(try push.finish().errors.contains("HEAD -> submit/x (\(state.rawValue))"))
  }

  @Test func `a dry-run that passed is verified`() throws {
    let world = try World()
    let worker = try StandInWorker(of: world)
    try world.submit(adding: ["src/b.txt": "two\n"])
    let (push, request) = try accepted(world, options: ["dry-run"])
    try worker.tell([.ended(request, end(.verified))], of: request.id)
    let done = try push.finish()
    #expect(done.isSuccess)
    #expect(done.errors.contains("HEAD -> refs/verified/int-1700000000-abcdefgh"), "\(done.errors)")
  }

  @Test func `each line is one JSON event where the push asks for it`() throws {
    let world = try World()
    let worker = try StandInWorker(of: world)
    try world.submit(adding: ["src/b.txt": "two\n"])
    let (push, request) = try accepted(world, options: ["format=json"])
    try worker.tell([.received(request), .ended(request, end(.verified))], of: request.id)
    let lines = try push.finish().errors.split(separator: "\n").filter { $0.hasPrefix("remote: ") }
    let events = try lines.map { line in
      try JSONValue.parse(Array(String(line.dropFirst(8)).trimmed.utf8))["event"]?.string
    }
    #expect(events == ["accepted", "submission_received", "ended"])
  }

  @Test func `a journal that a worker has torn and written anew is told once`() throws {
    let world = try World()
    let worker = try StandInWorker(of: world)
    try world.submit(adding: ["src/b.txt": "two\n"])
    let (push, request) = try accepted(world)
    try worker.tell([.received(request)], of: request.id)
    _ = try push.line(with: "Agent work received")
    try worker.tear(request.id)
    try worker.replace(
      request.id, with: [.received(request), .requeued(request, reason: "again"), .ended(request, end(.verified))])
    let done = try push.finish()
    #expect(done.isSuccess)
    #expect(done.errors.split(separator: "\n").filter { $0.contains("Agent work received") }.count == 1)
    #expect(done.errors.contains("sluice: again"))
  }

  @Test func `each of several submissions has its own answer`() throws {
    let world = try World()
    let worker = try StandInWorker(of: world)
    try world.submit(adding: ["src/b.txt": "two\n"])
    let (push, _) = try accepted(world, ["HEAD:refs/heads/submit/x", "HEAD:refs/heads/submit/y"])
    for request in try world.submissions() {
      try worker.tell([.ended(request, end(request.name == "x" ? .verified : .superseded))], of: request.id)
    }
    let done = try push.finish()
    #expect(done.exit == .status(1))
    #expect(done.errors.contains("HEAD -> refs/verified/"), "\(done.errors)")
    #expect(done.errors.contains("HEAD -> submit/y (superseded)"))
  }

  @Test func `a push whose client is gone leaves the work in the inbox`() throws {
    let world = try World()
    let worker = try StandInWorker(of: world)
    try world.submit(adding: ["src/b.txt": "two\n"])
    let (push, request) = try accepted(world)
    push.kill()
    _ = try push.finish()
    #expect(try world.submissions() == [request])
    // The same push again follows the same submission to its end.
    let again = try world.startPush(["HEAD:refs/heads/submit/x"], options: [])
    _ = try again.line(with: "in flight already")
    try worker.tell([.ended(request, end(.verified))], of: request.id)
    #expect(try again.finish().isSuccess)
  }

  @Test func `watching ends where the administrator says so, and the work goes on`() throws {
    let world = try World()
    let worker = try StandInWorker(of: world)
    try world.configure("sluice.waitMax", "1s")
    try world.submit(adding: ["src/b.txt": "two\n"])
    let (push, request) = try accepted(world)
    let done = try push.finish()
    #expect(done.isSuccess)
    #expect(
      done.errors.contains("hint: \(request.id) is still in flight: sluice watch \(request.id)"), "\(done.errors)")
    #expect(done.errors.contains("HEAD -> refs/queued/\(request.id)"))
    withExtendedLifetime(worker) {}
  }

  @Test func `a push starts a worker where none works, and says so where none can be started`() throws {
    let world = try World()
    try world.write(
      "libexec/sluice", "#!/bin/sh\necho \"$@\" >> '\(world.folder)/calls'\n", in: world.folder, mode: 0o755)
    try world.submit(adding: ["src/b.txt": "two\n"])
    let push = try world.push("HEAD:refs/heads/submit/x", options: [])
    #expect(push.isSuccess)
    #expect(push.errors.contains("warning: no worker could be started"), "\(push.errors)")
    #expect(push.errors.contains("hint: on the server: sluice doctor"))
    let calls = try world.read(world.folder + "/calls").split(separator: "\n")
    #expect(Set(calls) == ["-C \(world.server) worker --detached"])
    #expect(calls.count > 1)
  }

  @Test func `of many pushes at once one starts the worker`() throws {
    let world = try World()
    // Takes its time before it has the lease, as a program does that is large.
    try world.write(
      "libexec/sluice",
      "#!/bin/sh\necho $$ >> '\(world.folder)/calls'\nsleep 0.2\nexec flock '\(world.server)/sluice/worker.lock' sleep 60\n",
      in: world.folder, mode: 0o755)
    try world.submit(adding: ["src/b.txt": "two\n"])
    let running = try (0..<6).map { try world.startPush(["HEAD:refs/heads/submit/n\($0)"], options: ["nowait"]) }
    for push in running { #expect(try push.finish().isSuccess) }
    let calls = try world.read(world.folder + "/calls").split(separator: "\n")
    for call in calls { if let pid = Int32(call) { kill(-pid, SIGKILL) } }
    #expect(calls.count == 1)
  }

  @Test func `a worker that ends before it has the lease is started again by the next push`() throws {
    let world = try World()
    try world.write(
      "libexec/sluice", "#!/bin/sh\necho $$ >> '\(world.folder)/calls'\n", in: world.folder, mode: 0o755)
    try world.submit(adding: ["src/b.txt": "two\n"])
    for name in ["x", "y"] { #expect(try world.push("HEAD:refs/heads/submit/\(name)").isSuccess) }
    #expect(try world.read(world.folder + "/calls").split(separator: "\n").count == 2)
  }

  @Test func `a worker begins a new log where the old one has grown large, and one old one is kept`() throws {
    let world = try World()
    try world.write("libexec/sluice", "#!/bin/sh\necho says\n", in: world.folder, mode: 0o755)
    try world.submit(adding: ["src/b.txt": "two\n"])
    let log = "sluice/logs/worker.log"
    try world.write("\(log).1", "older\n", in: world.server)
    try world.write(log, String(repeating: "x", count: 4 << 20), in: world.server)
    for name in ["x", "y"] { #expect(try world.push("HEAD:refs/heads/submit/\(name)").isSuccess) }
    #expect(try world.read("\(world.server)/\(log).1").utf8.count == 4 << 20)
    #expect(try world.read("\(world.server)/\(log)").utf8.count < 100)
  }

  @Test func `a worker that waits is woken by its pipe`() throws {
    let world = try World()
    let worker = try StandInWorker(of: world)
    try world.submit(adding: ["src/b.txt": "two\n"])
    _ = try Shell.run(["mkfifo", "sluice/wake"], in: world.server)
    let reader = try Running(["head", "-c", "1", "sluice/wake"], in: world.server)
    #expect(try world.push("HEAD:refs/heads/submit/x").isSuccess)
    #expect(try reader.finish().isSuccess)
    withExtendedLifetime(worker) {}
  }
}
