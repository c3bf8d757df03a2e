import Domain
import Simulation

/// Tokens of every known form, drawn by lot and put together while tests run: none stands in a file of ours.
struct SecretExamples {
  static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
  static let alphanumerics = letters + "0123456789"
  static let base64 = alphanumerics + "+/"
  static let base64URL = alphanumerics + "-_"
  static let hex = "0123456789abcdef"
  static let base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

  /// Thirty characters and their CRC-32, as GitHub and npm write it.
  static let checked = "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ" + "0mLq17"

  private var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: SplitMix64.hash(seed)) }

  mutating func draw(_ count: Int, from alphabet: String) -> String {
    let characters = Array(alphabet)
    return String((0..<count).map { _ in characters[Int.random(in: characters.indices, using: &random)] })
  }

  /// A token with the rule that must find it.
  static let tokens: [(rule: String, token: String)] = {
    var lot = SecretExamples(seed: 1)
    var all: [(String, String)] = [
      ("aws-access-key-id", "AKI" + "A" + lot.draw(16, from: base32)),
      ("github-fine-grained-token", "github_" + "pat_" + lot.draw(82, from: alphanumerics)),
      ("gitlab-token", "glpa" + "t-" + lot.draw(20, from: alphanumerics)),
      ("slack-token", "xox" + "b-123456789012-1234567890123-" + lot.draw(24, from: alphanumerics)),
      ("stripe-live-key", "sk_" + "live_" + lot.draw(24, from: alphanumerics)),
      ("stripe-live-key", "rk_" + "live_" + lot.draw(24, from: alphanumerics)),
      ("google-api-key", "AIz" + "a" + lot.draw(35, from: base64URL)),
      ("npm-token", "npm" + "_" + checked),
      ("pypi-token", "pyp" + "i-AgEIcHlwaS5vcmc" + lot.draw(100, from: base64URL)),
      ("docker-token", "dckr_" + "pat_" + lot.draw(27, from: base64URL)),
      ("sendgrid-key", "SG" + "." + lot.draw(22, from: base64URL) + "." + lot.draw(43, from: base64URL)),
      ("twilio-key", "S" + "K" + lot.draw(32, from: hex)),
      ("azure-storage-key", "AccountKey" + "=" + lot.draw(86, from: base64) + "=="),
      ("anthropic-key", "sk-" + "ant-api03-" + lot.draw(93, from: base64URL) + "AA"),
      ("openai-key", "sk-" + "proj-" + lot.draw(74, from: alphanumerics)),
      ("openai-key", "sk-" + lot.draw(20, from: alphanumerics) + "T3Blbk" + "FJ" + lot.draw(20, from: alphanumerics)),
      ("hugging-face-token", "hf" + "_" + lot.draw(34, from: letters)),
      ("telegram-bot-token", "7123456789" + ":A" + "A" + lot.draw(33, from: base64URL)),
      ("age-secret-key", "AGE-SECRET-" + "KEY-1" + "0NXE7F9YPEJRWH3TXSDPS3V2NJH94C0T" + "0739NQJNV6MJMU2WNSZSVPQ7KQ"),
      ("json-web-token", webToken(signature: lot.draw(43, from: base64URL))),
    ]
    for prefix in ["ghp", "gho", "ghu", "ghs", "ghr"] { all.append(("github-token", prefix + "_" + checked)) }
    let hook = "https://hooks.slack" + ".com/services/T" + lot.draw(8, from: base32) + "/B" + lot.draw(8, from: base32)
    all.append(("slack-webhook", hook + "/" + lot.draw(24, from: alphanumerics)))
    return all
  }()

  /// `{"alg":"HS256","typ":"JWT"}`, `{"sub":"agent-7","role":"admin"}` and a signature.
  static func webToken(signature: String) -> String {
    ["ey" + "JhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", "ey" + "JzdWIiOiJhZ2VudC03Iiwicm9sZSI6ImFkbWluIn0", signature]
      .joined(separator: ".")
  }

  /// A private key's lines under the given label.
  static func keyBlock(_ label: String, seed: UInt64 = 2) -> [String] {
    var lot = SecretExamples(seed: seed)
    return ["-----BEGIN " + "\(label)-----"] + (0..<4).map { _ in lot.draw(64, from: base64) }
      + ["-----END " + "\(label)-----"]
  }

  static func added(_ text: String, to path: String = "src/main.py", line: Int = 1) -> AddedLines {
    AddedLines(
      path: TreePath(path), runs: [AddedLines.Run(firstLine: line, bytes: Array(text.utf8)[...])])
  }

  static func rules(_ text: String, in path: String = "src/main.py") -> [String] {
    SecretScan().findings(in: [added(text, to: path)]).map(\.rule)
  }
}
