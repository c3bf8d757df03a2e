import Domain
import Glibc

/// The certificate of a signed push, as git has judged it for the hook.
///
/// - Source: git-receive-pack(1), "pre-receive hook".
struct PushCertificate: Sendable {
  /// Git's letter for the signature: `G` for a good one.
  private let status: String
  /// Who signed, by the keys that the server knows; empty where it knows no such key.
  private let signer: String
  /// What git says of the nonce: `OK` also within `receive.certNonceSlop`; nil where the server gave none.
  private let nonceStatus: String?

  /// Nil for a push that is not signed.
  init?() {
    guard let blob = Self.variable("GIT_PUSH_CERT"), !blob.isEmpty else { return nil }
    status = Self.variable("GIT_PUSH_CERT_STATUS") ?? ""
    signer = Self.variable("GIT_PUSH_CERT_SIGNER") ?? ""
    nonceStatus = Self.variable("GIT_PUSH_CERT_NONCE_STATUS")
  }

  /// Refuses a submission whose pusher signed it in vain: whoever signs wants it to count.
  func check() throws(Refusal) {
    guard status == "G", !signer.isEmpty else {
      let reason = status == "B" ? "is false" : "is by no key that the server knows"
      throw Refusal(
        .unauthorized, "the signature of the push certificate \(reason)",
        hint: "push without --signed, or have the key entered on the server")
    }
    guard let nonceStatus, nonceStatus != "OK" else { return }
    throw Refusal(
      .unauthorized, "the nonce of the push certificate is not the server's: \(Printable.line(nonceStatus, max: 20))",
      hint: "push again: a certificate is good for one push")
  }

  private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
