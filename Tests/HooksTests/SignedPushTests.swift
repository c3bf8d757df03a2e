import Domain
import Processes
import Testing

@Suite struct SignedPushTests {
  /// A server that knows one of two keys, and a client with both.
  private func world() throws -> World {
    let world = try World()
    for key in ["known", "unknown"] {
      let made = try Shell.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], in: world.folder)
      #expect(made.isSuccess, "\(made.errors)")
    }
    let key = try world.read(world.folder + "/known.pub")
    try world.write("signers", "ada@example.org \(key)", in: world.folder)
    try world.configure("receive.certNonceSeed", "seed")
    try world.configure("gpg.ssh.allowedSignersFile", world.folder + "/signers")
    try world.git(["config", "gpg.format", "ssh"])
    try world.write(
      "hooks/pre-receive.d/told",
      "#!/bin/sh\necho $GIT_PUSH_CERT_STATUS $GIT_PUSH_CERT_SIGNER $GIT_PUSH_CERT_NONCE_STATUS > '\(world.folder)/told'\n",
      in: world.server, mode: 0o755)
    try world.submit(adding: ["src/b.txt": "two\n"])
    return world
  }

  private func push(_ world: World, signedBy key: String, to ref: String = "refs/heads/submit/x") throws -> Finished {
    try Shell.run(
      [
        "git", "-c", "user.signingKey=\(world.folder)/\(key).pub", "push", "--signed", "-o", "nowait", "origin",
        "HEAD:\(ref)",
      ], in: world.work)
  }

  @Test func `a signed push is admitted, and the scripts that were there before are told who signed`() throws {
    let world = try world()
    let done = try push(world, signedBy: "known")
    #expect(done.isSuccess, "\(done.errors)")
    #expect(try world.submissions().map(\.name) == ["x"])
    #expect(try world.read(world.folder + "/told") == "G ada@example.org OK\n")
  }

  @Test func `a submission signed by a key that the server does not know is refused, another ref is git's`() throws {
    let world = try world()
    let done = try push(world, signedBy: "unknown")
    #expect(done.exit == .status(1))
    #expect(
      done.errors.contains(
        "unauthorized: the signature of the push certificate is by no key that the server knows"), "\(done.errors)")
    #expect(try world.submissions().isEmpty)
    #expect(try push(world, signedBy: "unknown", to: "refs/heads/topic").isSuccess)
  }

  @Test(arguments: [
    (["G", "ada", "BAD"], "the nonce of the push certificate is not the server's: BAD"),
    (["G", "ada", "SLOP"], "the nonce of the push certificate is not the server's: SLOP"),
    (["G", "ada", "MISSING"], "the nonce of the push certificate is not the server's: MISSING"),
    (["B", "ada", "OK"], "the signature of the push certificate is false"),
    (["N", "", "OK"], "is by no key that the server knows"),
  ])
  func `a certificate that git does not vouch for is refused`(told: [String], sentence: String) throws {
    let world = try world()
    let commit = try world.git(["rev-parse", "HEAD"])
    let line = "\(RawClient.none) \(commit) refs/heads/submit/x"
    let done = try Shell.run(
      ["sh", "-c", "echo '\(line)' | hooks/pre-receive"], in: world.server,
      environment: [
        "GIT_DIR=.", "GIT_PUSH_CERT=\(commit)", "GIT_PUSH_CERT_STATUS=\(told[0])", "GIT_PUSH_CERT_SIGNER=\(told[1])",
        "GIT_PUSH_CERT_NONCE_STATUS=\(told[2])",
      ])
    #expect(done.exit == .status(1))
    #expect(done.errors.contains(sentence), "\(done.errors)")
  }
}
