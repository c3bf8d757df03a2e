import Domain
import Testing

@Suite struct `Secrets under a name` {
  private static let forms = [
    "api_key = \"%\"", "API_KEY: '%'", "const clientSecret = `%`;", "\"secretKey\": \"%\",", "password := \"%\"",
    "let token: String = \"%\"", "config.set('auth_token', '%')", "SECRET_KEY = b'%'", "\"credentials\" => \"%\",",
    "{\\\"access_token\\\": \\\"%\\\"}", "passphrase(\"%\")", "signing-key = \"%\"", "self._password = u\"%\"",
    "get('https://corp.io/a?x=1&api_key=%&y=2')",
  ]

  @Test(arguments: forms) func `are found, whatever the language and the alphabet`(form: String) {
    var lot = SecretExamples(seed: 11)
    for alphabet in [SecretExamples.alphanumerics, SecretExamples.base64URL, SecretExamples.hex] {
      let value = lot.draw(40, from: alphabet)
      let text = form.split(separator: "%", omittingEmptySubsequences: false).joined(separator: value)
      #expect(SecretExamples.rules(text) == ["generic-secret"], "\(text)")
    }
  }

  /// How often chance alone hides a key: random keys of 24 characters have few digits now and then.
  @Test func `are found nearly always`() {
    var lot = SecretExamples(seed: 12)
    let texts = (0..<500).map { _ in "token = \"\(lot.draw(24, from: SecretExamples.alphanumerics))\"" }
    #expect(texts.count { SecretExamples.rules($0).count == 1 } >= 470)
  }

  @Test func `stand bare in settings and quoted in programs`() {
    var lot = SecretExamples(seed: 13)
    let line = "API_TOKEN=" + lot.draw(32, from: SecretExamples.alphanumerics) + "\n"
    for path in [".env", "deploy/app.yml", "a.properties", "run.sh", ".npmrc"] {
      #expect(SecretExamples.rules(line, in: path) == ["generic-secret"], "\(path)")
    }
    #expect(SecretExamples.rules(line, in: "a.py") == [])
  }

  @Test func `are told as AWS's where they are`() {
    var lot = SecretExamples(seed: 14)
    let key = lot.draw(40, from: SecretExamples.alphanumerics)
    #expect(SecretExamples.rules("aws_secret_access_key = \"\(key)\"") == ["aws-secret-access-key"])
    #expect(SecretExamples.rules("AWS_SECRET_ACCESS_KEY=\(key)\n", in: ".env") == ["aws-secret-access-key"])
  }

  @Test func `are told once, by their form where they have one`() {
    for (rule, token) in SecretExamples.tokens { #expect(SecretExamples.rules("api_token = \"\(token)\"") == [rule]) }
  }

  @Test(arguments: [
    // Placeholders and references.
    "aws_secret_access_key = \"wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY\"", "id: AKIA" + "IOSFODNN7EXAMPLE",
    "api_key = \"your-api-key-goes-here-42\"", "token = \"xxxxxxxxxxxxxxxxxxxxxxxxxxxx\"", "token: \"${API_TOKEN_2}\"",
    "token: '{{ secrets.API_TOKEN_2 }}'", "password = os.environ['APP_PASSWORD_42']",
    "secret = process.env.SECRET_KEY_1",
    "password = \"changeme-changeme-1234\"", "secret = \"0123456789abcdef0123456789abcdef\"",
    "token = \"aaaaaaaaaaaaaaaaaaaaaaaa1\"", "token = \"1234567890abcdefghij\"",
    "token = \"x9Kq00000vR8pLm4zT7wYb3N\"",
    // Names of things, and words.
    "token_name = \"x9Kq2vR8pLm4zT7wYb3N\"", "secret_arn = \"x9Kq2vR8pLm4zT7wYb3N\"",
    "password = \"correct horse battery\"",
    "token = \"kubernetes-service-account-2\"", "secret = \"projects/42/secrets/database\"",
    "next_token = \"x9Kq2vR8pLm4zT7w\"",
    "password_hash = \"5f4dcc3b5aa765d61d8327deb882cf99\"", "public_key = \"x9Kq2vR8pLm4zT7wYb3N\"",
    "('create_o_auth2_token_with_iam', 'create_oauth2_token_with_iam'),", "secret = \"com.vendor.app2.secrets\"",
    "key = \"x9Kq2vR8pLm4zT7wYb3N\"", "cache_key: \"x9Kq2vR8pLm4zT7wYb3N\"", "tokenizer = \"x9Kq2vR8pLm4zT7wYb3N\"",
    // Hashes, ids, objects.
    "token: \"sha256-x9Kq2vR8pLm4zT7wYb3Nx9Kq2vR8pLm4zT7wYb3N\"",
    "secret_id = \"5f4dcc3b-5aa7-65d6-1d83-27deb882cf99\"",
    "secret = \"5f4dcc3b-5aa7-65d6-1d83-27deb882cf99\"", "commit = \"5f4dcc3b5aa765d61d8327deb882cf99a0b1c2d3\"",
    "integrity=\"sha512-x9Kq2vR8pLm4zT7wYb3Nx9Kq2vR8pLm4zT7wYb3N\"",
    "image: app@sha256:5f4dcc3b5aa765d61d8327deb882cf99",
  ]) func `are not what only looks so`(text: String) {
    for path in ["a.py", "a.yml"] { #expect(SecretExamples.rules(text, in: path) == [], "\(path)") }
  }

  @Test(arguments: [
    "package-lock.json", "web/yarn.lock", "Cargo.lock", "go.sum", "Package.resolved", "dist/app.min.js", "app.js.map",
  ]) func `are not looked for among the hashes of generated files, where forms still count`(path: String) {
    var lot = SecretExamples(seed: 15)
    let line = "{\"js-tokens\":\"\(lot.draw(40, from: SecretExamples.alphanumerics))\"}"
    #expect(SecretExamples.rules(line, in: "a.json") == ["generic-secret"])
    #expect(SecretExamples.rules(line, in: path) == [])
    #expect(SecretExamples.rules(line + " npm" + "_" + SecretExamples.checked, in: path) == ["npm-token"])
  }
}
