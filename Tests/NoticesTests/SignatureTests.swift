import Domain
import Notices
import Testing

@Suite struct SignatureTests {
  /// The example of the specification's reference libraries.
  @Test func `a signature is what the specification's example says`() throws {
    let keys = try #require(WebhookKeys(text: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n"))
    let body = Array("{\"test\": 2432232314}".utf8)
    #expect(
      keys.signatures(id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: body)
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
  }

  @Test func `several keys make several signatures`() throws {
    let one = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    let two = "whsec_" + DiffPackage(bytes: Array(repeating: 7, count: 32)).base64
    let both = try #require(WebhookKeys(text: "# old\n\(one)\n\n# new\n  \(two)  \n"))
    let alone = [one, two].compactMap { WebhookKeys(text: $0)?.signatures(id: "a", timestamp: 1, body: [1]) }
    #expect(both.signatures(id: "a", timestamp: 1, body: [1]) == alone.joined(separator: " "))
  }

  @Test(arguments: [
    "", "# nothing\n", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
    "whsec_QUJD", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\nsecret\n",
  ])
  func `what is no key is not used`(text: String) { #expect(WebhookKeys(text: text) == nil) }
}
