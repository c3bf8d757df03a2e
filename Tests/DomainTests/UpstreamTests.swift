import Domain
import Testing

@Suite struct UpstreamTests {
  @Test(arguments: [
    "/srv/git/app.git", "ssh://git@example.org/app.git", "ssh://example.org:2222/a/b", "git@github.com:org/app.git",
    "https://example.org/app.git", "http://127.0.0.1:8080/app.git", "http://localhost/app.git",
  ])
  func `an address of a git server is one`(url: String) {
    #expect(Upstream(url: url)?.url == url)
  }

  @Test(arguments: [
    "", "app.git", "file:///srv/app.git", "ext::sh -c id", "-oProxyCommand=x", "ssh://-oX/", "ssh://-u@h/x",
    "ssh://git@h:x/y", "ssh://git@h/", "git@h:-x", "git@-h:x", "https://user:token@example.org/app.git",
    "https://token@example.org/app.git", "http://example.org/app.git", "ssh://u:p@h/x", "ssh://git@h/a;b", "/a'b",
    "/a b", "git@h:$(id)", "ssh://git@h/`id`", "ftp://h/x", "ssh://git@h\n/x",
  ])
  func `what a shell, an option parser or a listener could take is no address`(url: String) {
    #expect(Upstream(url: url) == nil)
  }

  @Test func `a setting that is no address is refused without being shown`() {
    let error = #expect(throws: SettingError.self) {
      try ServerSettings(pairs: [("sluice.upstream", "https://me:secret@h/x")])
    }
    #expect(error?.value == "" && error?.key == "sluice.upstream")
  }

  // Made by ssh-keygen 9.2; the hashed line by `ssh-keygen -H`.
  private static let key = "AAAAC3NzaC1lZDI1NTE5AAAAIJutBbrH8kPlhC00gl1Xisy2qzea0OAu56+4ZTaYxWJb"

  @Test func `a host is known by its own key under its own name and port`() throws {
    let key = try #require(Base64.bytes(Self.key))
    let hosts = KnownHosts(
      """
      # a comment
      example.org,*.example.net,!bad.example.net ssh-ed25519 \(Self.key) a comment
      [example.com]:2222 ssh-ed25519 \(Self.key)
      changed.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKEYTHERE123
      other.org ecdsa-sha2-nistp256 AAAA
      @cert-authority ca.org ssh-ed25519 \(Self.key)
      @revoked revoked.org ssh-ed25519 \(Self.key)
      revoked.org ssh-ed25519 \(Self.key)
      \(Self.hashed) ssh-ed25519 \(Self.key)
      """)
    #expect(hosts.answer(for: key, of: "example.org", port: nil) == .known)
    #expect(hosts.answer(for: key, of: "a.example.net", port: nil) == .known)
    #expect(hosts.answer(for: key, of: "bad.example.net", port: nil) == .unknown)
    #expect(hosts.answer(for: key, of: "example.org", port: 2222) == .unknown)
    #expect(hosts.answer(for: key, of: "example.com", port: 2222) == .known)
    #expect(hosts.answer(for: key, of: "changed.org", port: nil) == .changed)
    #expect(hosts.answer(for: key, of: "other.org", port: nil) == .otherTypes(["ecdsa-sha2-nistp256"]))
    #expect(hosts.answer(for: key, of: "ca.org", port: nil) == .unknown)
    #expect(hosts.answer(for: key, of: "revoked.org", port: nil) == .revoked)
    #expect(hosts.answer(for: key, of: "hashed.org", port: nil) == .known)
    #expect(KnownHosts.type(of: key) == "ssh-ed25519")
    #expect(KnownHosts.fingerprint(of: key) == "SHA256:6AIOvnGnoAdQaaZMaK0Yjk/Wp9cpEkJJ9Nfbvuw8bOk")
  }

  private static let hashed = "|1|nt8mfBMMOidccv9cT4DzHq7kOo8=|FEDvrXs86XOIDXZHVz7hPQoTPNE="

  @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
  func `base64 is that of RFC 4648`(plain: String, text: String) {
    #expect(Base64.text(Array(plain.utf8)) == text)
    #expect(Base64.bytes(text) == Array(plain.utf8))
  }
}
