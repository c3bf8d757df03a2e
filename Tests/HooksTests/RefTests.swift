import Domain
import Processes
import Testing

@Suite struct RefTests {
  @Test(arguments: [
    ("refs/heads/main", "protected_ref: refs/heads/main moves only by a landing"),
    ("refs/heads/staging/x", "protected_ref: refs/heads/staging/x is written by Sluice alone"),
    ("refs/heads/submit", "protected_ref: refs/heads/submit is written by Sluice alone"),
    ("refs/tags/main", "protected_ref: refs/tags/main would make 'main' ambiguous"),
    ("refs/heads/HEAD", "protected_ref: refs/heads/HEAD would make"),
    ("refs/replace/0123456789012345678901234567890123456789", "protected_ref: "),
    ("refs/notes/sluice", "protected_ref: "), ("refs/sluice/inbox/x", "protected_ref: "),
    ("refs/landed/int-1-a", "protected_ref: "),
    ("refs/heads/submit/a;rm", "invalid_push: refs/heads/submit/a;rm is not a valid submission name"),
    ("refs/heads/submit/é", "is not a valid submission name"),
    ("refs/heads/submit/a/b/c/d/e", "is not a valid submission name"),
  ])
  func `a ref that is not for pushers is refused with its sentence`(ref: String, sentence: String) throws {
    let world = try World()
    try world.submit(adding: ["src/b.txt": "two\n"])
    let push = try world.push("HEAD:\(ref)")
    #expect(push.exit == .status(1))
    #expect(push.errors.contains(sentence), "\(push.errors)")
    #expect(try world.refs() == ["refs/heads/main"])
  }

  @Test func `a target cannot be deleted, every other branch goes its own way`() throws {
    let world = try World()
    try world.git(["config", "receive.denyDeleteCurrent", "ignore"], in: world.server)
    let deletion = try world.push(":refs/heads/main")
    #expect(deletion.errors.contains("protected_ref: refs/heads/main is a target and cannot be deleted"))
    for ref in ["refs/heads/topic", "refs/tags/v1", "refs/for/main", "refs/notes/commits"] {
      #expect(try world.push("HEAD:\(ref)", options: ["anything=goes"]).isSuccess)
    }
    #expect(try world.push(":refs/heads/topic", options: []).isSuccess)
    #expect(try world.refs() == ["refs/for/main", "refs/heads/main", "refs/notes/commits", "refs/tags/v1"])
  }

  @Test func `a symbolic ref on the server is no way round to the target`() throws {
    let world = try World()
    try world.git(["symbolic-ref", "refs/heads/other", "refs/heads/main"], in: world.server)
    try world.commit("more")
    let push = try world.push("HEAD:refs/heads/other", options: [])
    #expect(push.errors.contains("protected_ref: refs/heads/other is a symbolic ref"), "\(push.errors)")
    #expect(try world.git(["rev-parse", "main"], in: world.server) == world.git(["rev-parse", "HEAD~1"]))
  }

  @Test func `submissions and other refs do not go in one push`() throws {
    let world = try World()
    try world.submit(adding: ["src/b.txt": "two\n"])
    let push = try world.push("HEAD:refs/heads/submit/x", "HEAD:refs/heads/topic")
    #expect(push.errors.contains("invalid_push: submit refs and other refs in one push"), "\(push.errors)")
    #expect(try world.refs() == ["refs/heads/main"])
  }

  @Test func `several submissions in one push are several, but not all or none`() throws {
    let world = try World()
    try world.submit(adding: ["src/b.txt": "two\n"])
    let refs = ["HEAD:refs/heads/submit/x", "HEAD:refs/heads/submit/y"]
    let atomic = try Shell.run(["git", "push", "--atomic", "-o", "nowait", "origin"] + refs, in: world.work)
    #expect(atomic.errors.contains("invalid_push: --atomic with several submit refs"), "\(atomic.errors)")
    #expect(try world.submissions().isEmpty)
    #expect(try world.push(refs[0], refs[1]).isSuccess)
    #expect(try world.submissions().map(\.name).sorted() == ["x", "y"])
  }

  @Test func `more submit refs than allowed are refused, however many`() throws {
    let world = try World()
    let commit = try world.submit(adding: ["src/b.txt": "two\n"])
    try world.git(["push", "--quiet", "origin", "HEAD:refs/heads/topic"])
    for count in [17, 20_000] {
      let answer = try RawClient.push(
        (0..<count).map { RawClient.Command(commit, "refs/heads/submit/a/\($0)") }, to: world)
      #expect(answer.errors.contains("limit_exceeded: more than 16 submit refs in one push"))
    }
    #expect(try world.submissions().isEmpty)
  }

  @Test func `a forged line in a ref's name moves nothing`() throws {
    let world = try World()
    let commit = try world.submit(adding: ["src/b.txt": "two\n"])
    try world.git(["push", "--quiet", "origin", "HEAD:refs/heads/topic"])
    let before = try world.git(["for-each-ref"], in: world.server)
    let forged = "refs/heads/submit/x\n\(RawClient.none) \(commit) refs/heads/submit/y"
    for ref in [
      forged, "refs/heads/submit/../../x", "config", "refs/heads/submit/a\u{1b}[2J", "refs/heads/submit/x\nx",
    ] {
      let answer = try RawClient.push([.init(commit, ref)], options: ["nowait"], to: world)
      #expect(answer.output.contains("ng ") || answer.errors.contains("fatal"), "\(ref): \(answer)")
      #expect(!answer.errors.contains("\u{1b}["))
    }
    #expect(try world.git(["for-each-ref"], in: world.server) == before)
  }

  @Test func `an object that does not exist is refused, also where git asks before it has looked`() throws {
    let world = try World()
    let missing = String(repeating: "ab", count: 20)
    let answer = try RawClient.push([.init(missing, "refs/heads/submit/x")], to: world)
    #expect(answer.output.contains("ng refs/heads/submit/x"), "\(answer)")
    #expect(try world.submissions().isEmpty)
  }

  @Test func `a missing proc-receive refuses every push`() throws {
    let world = try World()
    try world.submit(adding: ["src/b.txt": "two\n"])
    _ = try Shell.run(["rm", "hooks/proc-receive"], in: world.server)
    #expect(try !world.push("HEAD:refs/heads/submit/x").isSuccess)
    #expect(try !world.push("HEAD:refs/heads/topic", options: []).isSuccess)
    #expect(try world.refs() == ["refs/heads/main"])
  }

  @Test(arguments: [
    ("foo", "unknown push option foo"), ("priority=9", "push option priority=9"), ("target=nope", "nope is no target"),
    ("target=../x", "push option target=../x"), ("nowait\u{1b}", "unknown push option nowait\\u{1b}"),
  ])
  func `an option that is none is refused with the ones that are`(option: String, sentence: String) throws {
    let world = try World()
    try world.submit(adding: ["src/b.txt": "two\n"])
    let push = try world.push("HEAD:refs/heads/submit/x", options: [option])
    #expect(push.errors.contains("error: sluice: invalid_push: "), "\(push.errors)")
    #expect(push.errors.contains(sentence), "\(push.errors)")
  }

  @Test func `a second target is taken where the administrator names it`() throws {
    let world = try World()
    try world.git(["push", "--quiet", "origin", "HEAD:refs/heads/release"])
    try world.configure("sluice.target", "release")
    try world.submit(adding: ["src/b.txt": "two\n"])
    #expect(try world.push("HEAD:refs/heads/submit/x", options: ["nowait", "target=release"]).isSuccess)
    #expect(try world.submissions().map(\.target) == ["release"])
    #expect(try world.push("HEAD:refs/heads/release", options: []).errors.contains("protected_ref"))
  }
}
