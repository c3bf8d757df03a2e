extension TokenForm {
  /// The formats that providers document, or that are told by what they issue.
  static let known: [TokenForm] = [
    TokenForm(
      "aws-access-key-id", "an AWS access key id", severity: .high, ["AKIA", "ASIA", "ABIA", "ACCA"], .base32, 16...16),
    TokenForm(
      "github-token", "a GitHub token", ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], .alphanumerics, 36...36, .crc32),
    TokenForm(
      "github-fine-grained-token", "a fine-grained GitHub token", ["github_pat_"], .word, 82...82,
      .entropy(atLeast: 3.5)),
    TokenForm(
      "gitlab-token", "a GitLab token",
      ["glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-", "gloas-", "glsoat-", "glffct-"],
      wordDashDot, 20...320),
    TokenForm("gitlab-token", "a GitLab runner registration token", ["GR1348941"], .wordOrDash, 20...20),
    TokenForm(
      "slack-token", "a Slack token",
      ["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxo-", "xoxe-", "xoxe.xoxb-", "xoxe.xoxp-", "xapp-"], .wordOrDash,
      20...260, .entropy(atLeast: 2.8)),
    TokenForm(
      "slack-webhook", "a Slack webhook", severity: .high,
      ["hooks.slack.com/services/", "hooks.slack.com/workflows/", "hooks.slack.com/triggers/"],
      ByteSet.word.union(ByteSet("/")), 36...80),
    TokenForm("stripe-live-key", "a live Stripe key", ["sk_live_", "rk_live_"], .alphanumerics, 16...200),
    TokenForm(
      "google-api-key", "a Google API key", severity: .high, ["AIza"], .wordOrDash, 35...35, .entropy(atLeast: 3.5)),
    TokenForm("npm-token", "an npm token", ["npm_"], .alphanumerics, 36...36, .crc32),
    // What follows `pypi-` is a macaroon: its first bytes name the server.
    TokenForm(
      "pypi-token", "a PyPI token", ["pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZw"], .wordOrDash, 50...1_000),
    TokenForm("docker-token", "a Docker token", ["dckr_pat_", "dckr_oat_"], .wordOrDash, 26...40),
    TokenForm("sendgrid-key", "a SendGrid key", ["SG."], wordDashDot, 66...66, .dot(after: 22)),
    TokenForm("twilio-key", "a Twilio API key", severity: .high, ["SK"], .lowerHex, 32...32),
    TokenForm(
      "azure-storage-key", "an Azure storage key", ["AccountKey="], .base64Padded, 88...88, .entropy(atLeast: 4)),
    TokenForm("anthropic-key", "an Anthropic key", ["sk-ant-"], .wordOrDash, 40...200, .entropy(atLeast: 3.5)),
    TokenForm(
      "openai-key", "an OpenAI key", ["sk-proj-", "sk-svcacct-", "sk-admin-"], .wordOrDash, 40...250,
      .entropy(atLeast: 3.5)),
    TokenForm("openai-key", "an OpenAI key", ["sk-"], .alphanumerics, 48...48, .holding("T3BlbkFJ")),
    TokenForm("hugging-face-token", "a Hugging Face token", ["hf_"], .alphanumerics, 34...40, .entropy(atLeast: 3.5)),
    TokenForm(
      "age-secret-key", "an age secret key", ["AGE-SECRET-KEY-1"], ByteSet.upper.union(.digits), 58...58, .bech32),
  ]

  private static let wordDashDot = ByteSet.wordOrDash.union(ByteSet("."))
}
