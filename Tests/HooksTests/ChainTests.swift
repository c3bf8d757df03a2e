import Domain
import Processes
import Testing

@Suite struct ChainTests {
  @Test func `scripts that were there before run in order with the same input, and may decline`() throws {
    let world = try World()
    let log = world.folder + "/log"
    for name in ["10-first", "20-second"] {
      try world.write(
        "hooks/pre-receive.d/\(name)", "#!/bin/sh\necho \(name) $GIT_PUSH_OPTION_0 >> \(log); cat >> \(log)\n",
        in: world.server, mode: 0o755)
    }
    try world.write("hooks/pre-receive.d/off", "#!/bin/sh\nexit 1\n", in: world.server)
    let commit = try world.submit(adding: ["src/b.txt": "two\n"])
    #expect(try world.push("HEAD:refs/heads/submit/x").isSuccess)
    let line = "\(RawClient.none) \(commit) refs/heads/submit/x"
    #expect(try world.read(log) == "10-first nowait\n\(line)\n20-second nowait\n\(line)\n")
    try world.write(
      "hooks/pre-receive.d/15-no", "#!/bin/sh\necho not today >&2; exit 3\n", in: world.server, mode: 0o755)
    let declined = try world.push("HEAD:refs/heads/topic", options: [])
    #expect(declined.errors.contains("remote: not today"))
    #expect(declined.errors.contains("pre-receive hook declined"))
    #expect(try world.refs(under: "refs/heads") == ["refs/heads/main"])
  }

  @Test func `an update hook is asked for submit refs too`() throws {
    let world = try World()
    try world.write(
      "hooks/update", "#!/bin/sh\ncase $1 in */x) echo no x >&2; exit 1;; esac\n", in: world.server, mode: 0o755)
    try world.submit(adding: ["src/b.txt": "two\n"])
    let declined = try world.push("HEAD:refs/heads/submit/x")
    #expect(declined.errors.contains("remote: no x"))
    #expect(declined.errors.contains("HEAD -> submit/x (unauthorized: the repository's update hook declined submit/x)"))
    #expect(try world.push("HEAD:refs/heads/submit/y").isSuccess)
    #expect(try world.submissions().map(\.name) == ["y"])
  }

  @Test func `post-receive scripts are told of ordinary refs only`() throws {
    let world = try World()
    let log = world.folder + "/log"
    try world.write("hooks/post-receive.d/mail", "#!/bin/sh\ncat >> \(log)\n", in: world.server, mode: 0o755)
    let commit = try world.submit(adding: ["src/b.txt": "two\n"])
    #expect(try world.push("HEAD:refs/heads/submit/x").isSuccess)
    #expect(try world.push("HEAD:refs/heads/topic", options: []).isSuccess)
    #expect(try world.read(log) == "\(RawClient.none) \(commit) refs/heads/topic\n")
  }
}

@Suite struct StreamTests {
  @Test(
    arguments: ["pre-receive", "proc-receive", "post-receive"], ["<&-", ">&-", "2>&-", "2>/dev/full", "<&- >&- 2>&-"])
  func `a hook whose streams are closed or full ends without harm`(hook: String, streams: String) throws {
    let world = try World()
    let before = try world.read(world.server + "/config")
    let line = "\(RawClient.none) \(RawClient.none) refs/heads/main"
    let done = try Shell.run(
      ["sh", "-c", "echo '\(line)' | { exec hooks/\(hook) \(streams); }"], in: world.server, environment: ["GIT_DIR=."])
    if case .signal(let number) = done.exit { Issue.record("ended by signal \(number)") }
    #expect(hook == "post-receive" || done.exit == .status(1))
    #expect(try world.read(world.server + "/config") == before)
  }
}

@Suite struct AgreementTests {
  @Test(arguments: [[], ["push-options"], ["atomic"], ["push-options", "atomic"]])
  func `git is asked for no more than it offered to send`(offered: [String]) throws {
    let world = try World()
    func packet(_ text: String) -> [UInt8] {
      let length = String(text.utf8.count + 5, radix: 16)
      return Array((String(repeating: "0", count: 4 - length.utf8.count) + length + text + "\n").utf8)
    }
    let greeting = offered.isEmpty ? "version=1" : "version=1\0" + offered.joined(separator: " ")
    let done = try Shell.run(
      ["hooks/proc-receive"], in: world.server, input: packet(greeting) + Array("0000".utf8),
      environment: ["GIT_DIR=."])
    let words = done.output.split(whereSeparator: { "\0\n ".contains($0) }).map(String.init)
    #expect(words.first?.hasSuffix("version=1") == true, "\(done.output.debugDescription)")
    for word in ["push-options", "atomic"] { #expect(words.contains(word) == offered.contains(word), "\(words)") }
  }
}

@Suite struct FallbackTests {
  private func world() throws -> World {
    let world = try World()
    _ = try Shell.run(["rm", "hooks/proc-receive"], in: world.server)
    try world.git(["config", "--unset-all", "receive.procReceiveRefs"], in: world.server)
    try world.configure("sluice.fallback", "true")
    return world
  }

  @Test func `without proc-receive a stored submit ref is taken in and removed`() throws {
    let world = try world()
    let commit = try world.submit(adding: ["src/b.txt": "two\n"])
    let push = try world.push("HEAD:refs/heads/submit/x")
    #expect(push.isSuccess)
    let request = try #require(try world.submissions().first)
    #expect(request.pushed.hex == commit)
    #expect(push.errors.contains("sluice: \(request.id) accepted: task-1"), "\(push.errors)")
    #expect(try world.refs(under: "refs/heads") == ["refs/heads/main"])
    #expect(try world.push("HEAD:refs/heads/submit/x").errors.contains("in flight already"))
    #expect(try world.refs(under: "refs/heads") == ["refs/heads/main"])
    #expect(try world.push("HEAD:refs/heads/submit/x", options: ["nowait", "cancel"]).isSuccess)
    #expect(try world.inbox().count == 2)
    #expect(try world.refs(under: "refs/heads") == ["refs/heads/main"])
  }

  @Test func `without proc-receive a bad package is refused in quarantine`() throws {
    let world = try world()
    try world.write("src/c.txt", "three\n")
    try world.submit(adding: ["src/b.txt": "two\n"])
    #expect(try world.push("HEAD:refs/heads/submit/x").exit == .status(1))
    #expect(try world.refs() == ["refs/heads/main"])
  }

  @Test func `what an earlier push has stored and nobody has taken in comes in with the next`() throws {
    let world = try world()
    try world.submit(adding: ["src/b.txt": "two\n"])
    _ = try world.push("HEAD:refs/heads/submit/x", environment: ["SLUICE_FAILPOINT=post.begin=kill9"])
    #expect(try world.refs(under: "refs/heads/submit") == ["refs/heads/submit/x"])
    #expect(try world.push("HEAD:refs/heads/submit/y").isSuccess)
    #expect(try world.submissions().map(\.name).sorted() == ["x", "y"])
    #expect(try world.refs(under: "refs/heads") == ["refs/heads/main"])
  }
}
