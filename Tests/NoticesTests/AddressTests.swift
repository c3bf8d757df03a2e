import Testing

@testable import Web

/// Which addresses are connected to, before anything is.
@Suite struct AddressTests {
  @Test(arguments: [
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "fc00::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "2002:7f00:1::", "2001::1", "2001:db8::1",
  ])
  func `what is not of the public internet is refused`(text: String) throws {
    let address = try #require(Address(text))
    #expect(AddressRules().refusal(of: address, host: "a.example", port: 443) != nil)
  }

  @Test(arguments: ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::8"])
  func `what is public is allowed on the ports of the web`(text: String) throws {
    let address = try #require(Address(text))
    for port in [80, 443, 8080, 8443] {
      #expect(AddressRules().refusal(of: address, host: "a.example", port: port) == nil)
    }
    for port in [22, 25, 6379, 8081] {
      #expect(AddressRules().refusal(of: address, host: "a.example", port: port) != nil)
    }
  }

  @Test func `an administrator allows hosts, addresses and networks`() throws {
    let rules = AddressRules(allowed: ["CI.internal", "10.1.0.0/16", "fd00::/8", "127.0.0.1"])
    func allows(_ address: String, _ host: String = "a.example") throws -> Bool {
      rules.refusal(of: try #require(Address(address)), host: host, port: 9000) == nil
    }
    #expect(try allows("192.168.7.7", "ci.internal"))
    #expect(try !allows("192.168.7.7", "ci.internal.evil.example"))
    #expect(try allows("10.1.255.255"))
    #expect(try !allows("10.2.0.0"))
    #expect(try allows("fd12::1"))
    #expect(try allows("127.0.0.1"))
    #expect(try !allows("127.0.0.2"))
    #expect(try !allows("::ffff:127.0.0.1"))
  }

  @Test(arguments: [
    "http://user@a.example/", "https://u:p@a.example/", "ftp://a.example/", "file:///etc/passwd", "a.example",
    "http://",
    "gopher://a.example/", "http://a.example:99999/", "",
  ])
  func `what is no plain web address is not sent to`(url: String) throws {
    let client = try WebClient(rules: AddressRules())
    #expect { _ = try client.send(WebRequest("POST", url, body: [])) } throws: { error in
      if case .malformed? = error as? WebError { true } else { false }
    }
  }

  @Test(arguments: [
    "http://127.0.0.1/", "http://localhost/", "http://0/", "http://2130706433/", "http://0x7f.1/", "http://[::1]/",
    "http://[::ffff:127.0.0.1]/", "http://127.0.0.1:22/", "http://169.254.169.254/latest/meta-data/",
  ])
  func `no spelling of a private address is connected to`(url: String) throws {
    let client = try WebClient(rules: AddressRules())
    #expect { _ = try client.send(WebRequest("GET", url)) } throws: { error in
      if case .refused? = error as? WebError { true } else { false }
    }
  }
}
